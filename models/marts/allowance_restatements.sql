-- Items of an approved close of this day that say something else now. Nothing of the close is changed by that: what was
-- frozen stays, and the changes add up to what the allowance of the day would be now, less what was approved.
with closed as (
    select count(*) > 0 as is_closed from allowance.closed_items where as_of = $as_of
),

now_items as (
    select * from allowance.items where as_of = $as_of
),

at_close as (
    select * from allowance.closed_items where as_of = $as_of
),

compared as (
    select
        coalesce(now_items.entity_id, at_close.entity_id) as entity_id,
        coalesce(now_items.currency, at_close.currency) as currency,
        coalesce(now_items.customer_id, at_close.customer_id) as customer_id,
        coalesce(now_items.document_type, at_close.document_type) as document_type,
        coalesce(now_items.document_id, at_close.document_id) as document_id,
        coalesce(now_items.instalment, at_close.instalment) as instalment,
        case
            when at_close.document_id is null then 'new'
            when now_items.document_id is null then 'gone'
            when now_items.exposure <> at_close.exposure then 'exposure'
            when now_items.treatment <> at_close.treatment or now_items.pool <> at_close.pool
                or now_items.aging_bucket <> at_close.aging_bucket then 'treatment'
            when coalesce(now_items.loss_rate, -1) <> coalesce(at_close.rate, -1)
                or coalesce(now_items.allowance, 0) <> coalesce(at_close.allowance, 0) then 'rate'
        end as cause,
        coalesce(at_close.exposure, 0) as exposure_at_close,
        coalesce(now_items.exposure, 0) as exposure_now,
        at_close.rate as rate_at_close,
        now_items.loss_rate as rate_now,
        coalesce(at_close.allowance, 0) as allowance_at_close,
        coalesce(now_items.allowance, 0) as allowance_now
    from now_items
    full outer join at_close
        on now_items.entity_id = at_close.entity_id and now_items.document_type = at_close.document_type
        and now_items.document_id = at_close.document_id and now_items.instalment = at_close.instalment
)

select
    policy.framework,
    compared.entity_id,
    compared.currency,
    compared.customer_id,
    compared.document_type,
    compared.document_id,
    compared.instalment,
    compared.cause,
    cast(compared.exposure_at_close as decimal(38, 4)) as exposure_at_close,
    cast(compared.exposure_now as decimal(38, 4)) as exposure_now,
    compared.rate_at_close,
    compared.rate_now,
    cast(compared.allowance_at_close as decimal(38, 4)) as allowance_at_close,
    cast(compared.allowance_now as decimal(38, 4)) as allowance_now,
    cast(compared.allowance_now - compared.allowance_at_close as decimal(38, 4)) as change
from compared
cross join closed
cross join staging.policy as policy
where closed.is_closed and compared.cause is not null
