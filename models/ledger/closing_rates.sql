-- The rate of each pair of currencies at each period end. A currency is worth one of itself.
with periods as (
    select period_number, period_end from ledger.period_ends where as_of = $as_of
),

rates as (
    select day, from_currency, to_currency, rate_date, rate, rate_source from ledger.daily_rates where as_of = $as_of
),

currencies as (
    select distinct accounts.currency
    from ledger.known_documents as documents
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where documents.known_at = $known_at and documents.posting_date <= $as_of
)

select
    periods.period_number, periods.period_end, rates.from_currency, rates.to_currency, rates.rate_date, rates.rate,
    rates.rate_source
from periods
inner join rates on periods.period_end = rates.day
union all
select
    periods.period_number, periods.period_end, currencies.currency, currencies.currency, periods.period_end,
    cast(1 as decimal(18, 10)), 'own'
from periods
cross join currencies
