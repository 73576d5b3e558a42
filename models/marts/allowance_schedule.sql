-- The schedule of the allowance: each pool's buckets with what is exposed, the rate and all that it is made of, and the
-- allowance, which is the exposure by the rate, rounded half up to the minor unit.
with lines as (
    select
        entity_id, currency, pool, aging_bucket, functional_currency, base_currency, count(*) as item_count,
        sum(exposure) as exposure, sum(collected_after) as collected_after, sum(allowance) as allowance,
        case when count(*) = count(exposure_functional) then sum(exposure_functional) end as exposure_functional,
        case when count(*) = count(allowance_functional) then sum(allowance_functional) end as allowance_functional,
        case when count(*) = count(exposure_base) then sum(exposure_base) end as exposure_base,
        case when count(*) = count(allowance_base) then sum(allowance_base) end as allowance_base
    from allowance.items
    where as_of = $as_of and treatment = 'pool'
    group by entity_id, currency, pool, aging_bucket, functional_currency, base_currency
)

select
    policy.framework,
    lines.entity_id,
    lines.currency,
    lines.pool,
    lines.aging_bucket,
    buckets.bucket_order,
    rates.method,
    lines.item_count,
    cast(lines.exposure as decimal(38, 4)) as exposure,
    cast(lines.collected_after as decimal(38, 4)) as collected_after,
    rates.historical_rate,
    rates.floor_or_credibility,
    rates.current_adjustment,
    rates.forecast_adjustment,
    rates.qualitative_adjustment,
    rates.override,
    rates.discounting,
    rates.rounding,
    rates.rate,
    cast(lines.allowance as decimal(38, 4)) as allowance,
    lines.functional_currency,
    cast(lines.exposure_functional as decimal(38, 4)) as exposure_functional,
    cast(lines.allowance_functional as decimal(38, 4)) as allowance_functional,
    lines.base_currency,
    cast(lines.exposure_base as decimal(38, 4)) as exposure_base,
    cast(lines.allowance_base as decimal(38, 4)) as allowance_base
from lines
inner join staging.loss_buckets as buckets on lines.aging_bucket = buckets.aging_bucket
left join allowance.rates as rates
    on lines.pool = rates.pool and lines.aging_bucket = rates.aging_bucket and rates.as_of = $as_of
cross join staging.policy as policy
