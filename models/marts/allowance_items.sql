-- Every open item in exactly one treatment, with its exposure, rate and allowance: in its pool, reserved specifically, or
-- ineligible with the reason. Items of a pool's bucket add up to its line of the schedule to the cent.
select
    policy.framework,
    items.entity_id,
    items.currency,
    items.customer_id,
    items.document_type,
    items.document_id,
    items.instalment,
    items.treatment,
    items.reason,
    items.pool,
    items.aging_bucket,
    items.exposure,
    items.collected_after,
    items.loss_rate as rate,
    items.allowance,
    items.functional_currency,
    items.exposure_functional,
    items.allowance_functional,
    items.base_currency,
    items.exposure_base,
    items.allowance_base
from allowance.items as items
cross join staging.policy as policy
where items.as_of = $as_of
