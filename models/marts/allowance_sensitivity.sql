-- What the allowance would be were one thing else: rates higher or lower, history of another length or by another method, or
-- credits taken in another view. Each is the whole allowance, specific reserves included, line by line as in the schedule.
with exposures as (
    select
        entity_id, currency, pool, aging_bucket, treatment,
        sum(exposure) as exposure,
        sum(case when reason = 'related_party' then 0 else open_amount - collected_after end) as gross,
        sum(case when reason = 'related_party' then 0 else greatest(open_amount - collected_after, 0) end) as separate,
        sum(case when reason = 'related_party' then 0 else greatest(left_open - collected_after, 0) end) as fifo
    from allowance.exposures
    where as_of = $as_of
    group by entity_id, currency, pool, aging_bucket, treatment
),

views as (
    select entity_id, currency, pool, aging_bucket, 'gross' as shock, gross as exposure
    from exposures
    where treatment <> 'specific'
    union all
    select entity_id, currency, pool, aging_bucket, 'separate', separate from exposures where treatment <> 'specific'
    union all
    select entity_id, currency, pool, aging_bucket, 'fifo', fifo from exposures where treatment <> 'specific'
),

lines as (
    select 'credit_view' as assumption, shock, entity_id, currency, pool, aging_bucket, sum(exposure) as exposure,
        cast(null as decimal(18, 10)) as rate
    from views
    group by shock, entity_id, currency, pool, aging_bucket
    union all
    select shocks.assumption, shocks.shock, exposures.entity_id, exposures.currency, exposures.pool, exposures.aging_bucket,
        exposures.exposure, shocks.rate
    from exposures
    inner join allowance.shocks as shocks
        on exposures.pool = shocks.pool and exposures.aging_bucket = shocks.aging_bucket and shocks.as_of = $as_of
    where exposures.treatment = 'pool'
),

reckoned as (
    select
        lines.assumption, lines.shock, lines.entity_id, lines.currency,
        sum(round(cast(lines.exposure as decimal(20, 4)) * coalesce(lines.rate, rates.rate) * units.minor_scale)
            * units.smallest_amount) as allowance
    from lines
    left join allowance.rates as rates
        on lines.pool = rates.pool and lines.aging_bucket = rates.aging_bucket and rates.as_of = $as_of
    left join staging.currencies as units on lines.currency = units.currency
    group by lines.assumption, lines.shock, lines.entity_id, lines.currency
),

booked as (
    select
        entity_id, currency, sum(allowance) as allowance,
        sum(case when treatment = 'specific' then allowance else 0 end) as specific
    from allowance.items
    where as_of = $as_of
    group by entity_id, currency
)

select
    policy.framework,
    booked.entity_id,
    booked.currency,
    reckoned.assumption,
    reckoned.shock,
    cast(reckoned.allowance + booked.specific as decimal(38, 4)) as allowance,
    cast(reckoned.allowance + booked.specific - booked.allowance as decimal(38, 4)) as change
from reckoned
inner join booked on reckoned.entity_id = booked.entity_id and reckoned.currency = booked.currency
cross join staging.policy as policy
