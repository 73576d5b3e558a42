-- The register of adjustments and overrides as it stands on the day: what each does to a rate, on what evidence, who owns and
-- who approved it, and why it is not applied where it is not.
with book as (
    select coalesce(max(base_currency), '') as currency from ledger.entities where as_of = $as_of
)

select
    policy.framework,
    '' as entity_id,
    book.currency,
    register.adjustment,
    register.purpose,
    register.form,
    register.direction,
    register.size,
    register.applied_size,
    register.pool,
    register.aging_bucket,
    register.evidence,
    register.owner,
    register.approved_by,
    register.approved_on,
    register.expires_on,
    register.is_applied,
    register.reason
from allowance.adjustments as register
cross join book
cross join staging.policy as policy
where register.as_of = $as_of
