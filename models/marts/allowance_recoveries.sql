-- The loss given default of each pool and bucket: what was written off from there, or given up for its age, more than a year ago,
-- what of it was made good all the same, and the share that counts as lost for good, after credibility. Histories are weighed
-- in the book's currency.
with book as (
    select coalesce(max(base_currency), '') as currency from ledger.entities where as_of = $as_of
)

select
    policy.framework,
    '' as entity_id,
    book.currency,
    recoveries.pool,
    recoveries.aging_bucket,
    recoveries.kind,
    recoveries.lost,
    recoveries.recovered,
    recoveries.loss_events,
    recoveries.credibility,
    recoveries.basis,
    recoveries.loss_given_default
from allowance.recoveries as recoveries
cross join book
cross join staging.policy as policy
where recoveries.as_of = $as_of
