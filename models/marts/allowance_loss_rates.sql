-- The loss rate of each pool, parent and the whole book, bucket by bucket and by each method: what its own history says, what
-- counts after credibility or a floor, how sure of it one can be, and what closed snapshots say beside it. Their difference is
-- the sign of a change of regime. Histories are weighed in the book's currency.
with book as (
    select coalesce(max(base_currency), '') as currency from ledger.entities where as_of = $as_of
)

select
    policy.framework,
    '' as entity_id,
    book.currency,
    rates.pool,
    rates.aging_bucket,
    rates.method,
    rates.historical_rate,
    rates.rate,
    rates.low,
    rates.high,
    rates.loss_events,
    rates.customer_count,
    rates.credibility,
    rates.basis,
    rates.check_rate,
    rates.difference
from allowance.loss_rates as rates
cross join book
cross join staging.policy as policy
where rates.as_of = $as_of
