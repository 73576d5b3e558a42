-- How each payer pays, as known on the day, in the base currency at the day's closing rate. Days to pay and days beyond terms
-- are weighed by the cash of three, six and twelve months by payment date; the trend is three months less twelve, the spread
-- the standard deviation of twelve. Shares are of twelve months: of cash, what came late and what went to invoices paid in
-- several parts; of what settled, discounts and tax withheld; of billings, what was disputed. The score is what was paid on
-- time, in hundredths of what was paid and what is past due: who stops paying does not look better. What has no rate to the
-- base currency is counted, and in no amount.
with payers as (
    select payer_key, payer_id, segment from features.payers where as_of = $as_of
),

cash as (
    select payer_cash.* from features.payer_cash as payer_cash where as_of = $as_of
),

disputed as (
    select distinct invoice_key from ledger.dispute_states where as_of = $as_of
),

spells as (
    select
        spells.payer_key,
        sum(case when spells.document_date > $as_of - 365 then spells.amount_base else 0 end) as billed_12m,
        sum(case when spells.document_date > $as_of - 365 and disputed.invoice_key is not null then spells.amount_base else 0 end)
            as disputed_12m
    from features.receivable_spells as spells
    left join disputed on spells.document_key = disputed.invoice_key
    where spells.as_of = $as_of
    group by spells.payer_key
),

settled as (
    select payer_key, discount_settled, discount_settled + cash_settled as settled_amount
    from features.settled_amounts
    where as_of = $as_of
),

owed as (
    select
        payer_id, sum(open_amount_base) as open_amount, min(base_currency) as base_currency,
        count(*) - count(open_amount_base) as unconverted_count,
        sum(case when aged_from is null or aged_from < $as_of then open_amount_base else 0 end)
            as past_due_amount
    from ledger.open_items
    where as_of = $as_of and open_amount > 0
    group by payer_id
),

book as (select sum(open_amount) as open_amount from owed),

promises as (
    select
        coalesce(customers.payer_id, states.customer_id) as payer_id, count(*) as promise_count,
        sum(case when states.state in ('broken', 'partly_kept') then 1 else 0 end) as broken_count
    from ledger.promise_states as states
    left join ledger.customers as customers on states.customer_id = customers.customer_id and customers.as_of = $as_of
    where states.as_of = $as_of and states.promised_date > $as_of - 365 and states.state not in ('open', 'withdrawn')
    group by coalesce(customers.payer_id, states.customer_id)
)

select
    payers.payer_id,
    payers.segment,
    coalesce(cash.application_count, 0) as application_count,
    coalesce(cash.unconverted_count, 0) + coalesce(owed.unconverted_count, 0) as unconverted_count,
    coalesce(cash.paid_12m, 0) as paid_12m,
    cast(cash.pay_days_3m as double) / nullif(cast(cash.paid_3m as double), 0) as days_to_pay_3m,
    cast(cash.pay_days_6m as double) / nullif(cast(cash.paid_6m as double), 0) as days_to_pay_6m,
    cast(cash.pay_days_12m as double) / nullif(cast(cash.paid_12m as double), 0) as days_to_pay_12m,
    cast(cash.beyond_3m as double) / nullif(cast(cash.paid_3m as double), 0) as days_beyond_terms_3m,
    cast(cash.beyond_6m as double) / nullif(cast(cash.paid_6m as double), 0) as days_beyond_terms_6m,
    cast(cash.beyond_12m as double) / nullif(cast(cash.paid_12m as double), 0) as days_beyond_terms_12m,
    cast(cash.beyond_3m as double) / nullif(cast(cash.paid_3m as double), 0)
    - cast(cash.beyond_12m as double) / nullif(cast(cash.paid_12m as double), 0) as days_beyond_terms_trend,
    sqrt(greatest(0, cast(cash.beyond_squares as double) / nullif(cast(cash.paid_12m as double), 0)
        - cast(cash.beyond_12m as double) / nullif(cast(cash.paid_12m as double), 0)
        * cast(cash.beyond_12m as double) / nullif(cast(cash.paid_12m as double), 0))) as days_beyond_terms_spread,
    cast(cash.late_cash as double) / nullif(cast(cash.paid_12m as double), 0) as late_share,
    cast(cash.partial_cash as double) / nullif(cast(cash.paid_12m as double), 0) as partial_share,
    cast(settled.discount_settled as double) / nullif(cast(settled.settled_amount as double), 0) as discounted_share,
    cast(spells.disputed_12m as double) / nullif(cast(spells.billed_12m as double), 0) as disputed_share,
    cast(coalesce(spells.billed_12m, 0) as decimal(38, 4)) as billed_12m,
    cast(coalesce(owed.open_amount, 0) as decimal(38, 4)) as open_exposure,
    cast(coalesce(owed.past_due_amount, 0) as decimal(38, 4)) as past_due_exposure,
    owed.base_currency,
    cast(coalesce(promises.promise_count, 0) as bigint) as promise_count,
    cast(coalesce(promises.broken_count, 0) as bigint) as broken_promise_count,
    cast(coalesce(owed.open_amount, 0) as double) / nullif(cast(book.open_amount as double), 0) as concentration,
    -- divided first, so that all of it is 100 and not a hair more
    100 * (
        cast(cash.paid_12m - cash.late_cash as double)
        / nullif(cast(cash.paid_12m + coalesce(owed.past_due_amount, 0) as double), 0)
    ) as payment_score
from payers
cross join book
left join cash on payers.payer_id = cash.payer_id
left join spells on payers.payer_key = spells.payer_key
left join settled on payers.payer_key = settled.payer_key
left join owed on payers.payer_id = owed.payer_id
left join promises on payers.payer_id = promises.payer_id
