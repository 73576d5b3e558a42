-- What each payer paid in the last three, six and twelve months by payment date, in the base currency at the day's closing
-- rate, with the days it took, and of twelve months what came late and what went to invoices paid in several parts. What has
-- no rate is counted apart and is in no amount.
with rates as (
    select entity_id, currency, rate from features.base_rates where as_of = $as_of
),

paid as (
    select
        accounts.payer_id, cash.invoice_key, cash.paid_on, cash.days_to_pay, cash.days_beyond_terms,
        cast(round(cast(cash.applied_amount as decimal(20, 4)) * rates.rate, 4) as decimal(28, 4)) as amount,
        count(*) over (partition by cash.invoice_key) as parts
    from ledger.cash_applications as cash
    inner join ledger.accounts as accounts on cash.account_number = accounts.account_number and accounts.as_of = $as_of
    left join rates on accounts.entity_id = rates.entity_id and accounts.currency = rates.currency
    where cash.as_of = $as_of and cash.effective_to > $as_of and cash.paid_on > $as_of - 365 and cash.paid_on <= $as_of
),

windowed as (
    select
        payer_id, count(amount) as application_count, count(*) - count(amount) as unconverted_count, sum(amount) as paid_12m,
        sum(case when paid_on > $as_of - 91 then amount else 0 end) as paid_3m,
        sum(case when paid_on > $as_of - 182 then amount else 0 end) as paid_6m,
        sum(case when paid_on > $as_of - 91 then amount * days_to_pay else 0 end) as pay_days_3m,
        sum(case when paid_on > $as_of - 182 then amount * days_to_pay else 0 end) as pay_days_6m,
        sum(amount * days_to_pay) as pay_days_12m,
        sum(case when paid_on > $as_of - 91 then amount * days_beyond_terms else 0 end) as beyond_3m,
        sum(case when paid_on > $as_of - 182 then amount * days_beyond_terms else 0 end) as beyond_6m,
        sum(amount * days_beyond_terms) as beyond_12m,
        sum(amount * days_beyond_terms * days_beyond_terms) as beyond_squares,
        sum(case when days_beyond_terms > 0 then amount else 0 end) as late_cash,
        sum(case when parts > 1 then amount else 0 end) as partial_cash
    from paid
    group by payer_id
)

select
    payer_id,
    cast(application_count as bigint) as application_count,
    cast(unconverted_count as bigint) as unconverted_count,
    cast(coalesce(paid_3m, 0) as decimal(38, 4)) as paid_3m,
    cast(coalesce(paid_6m, 0) as decimal(38, 4)) as paid_6m,
    cast(coalesce(paid_12m, 0) as decimal(38, 4)) as paid_12m,
    cast(coalesce(pay_days_3m, 0) as decimal(38, 4)) as pay_days_3m,
    cast(coalesce(pay_days_6m, 0) as decimal(38, 4)) as pay_days_6m,
    cast(coalesce(pay_days_12m, 0) as decimal(38, 4)) as pay_days_12m,
    cast(coalesce(beyond_3m, 0) as decimal(38, 4)) as beyond_3m,
    cast(coalesce(beyond_6m, 0) as decimal(38, 4)) as beyond_6m,
    cast(coalesce(beyond_12m, 0) as decimal(38, 4)) as beyond_12m,
    cast(coalesce(beyond_squares, 0) as decimal(38, 4)) as beyond_squares,
    cast(coalesce(late_cash, 0) as decimal(38, 4)) as late_cash,
    cast(coalesce(partial_cash, 0) as decimal(38, 4)) as partial_cash
from windowed
