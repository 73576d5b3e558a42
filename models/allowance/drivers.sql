-- Why the provision is what it is: how the allowance would have moved with the volume of what is exposed alone, with its mix
-- over pools and ages, with loss rates, with adjustments, and with specific reserves; what was written off and recovered; and
-- what else moved it. The drivers add up to the provision; what rounding leaves is with the rates.
with lines as (
    select entity_id, currency, pool, aging_bucket, exposure as exposure_before, rate as rate_before, unadjusted_rate,
        allowance as allowance_before, 0 as exposure, 0 as allowance
    from allowance.openings
    where as_of = $as_of and line_pool <> 'specific'
    union all
    select entity_id, currency, pool, aging_bucket, 0, null, null, 0, exposure, coalesce(allowance, 0)
    from allowance.items
    where as_of = $as_of and treatment = 'pool'
),

buckets as (
    select
        entity_id, currency, pool, aging_bucket, sum(exposure_before) as exposure_before, max(rate_before) as rate_before,
        max(unadjusted_rate) as unadjusted_before, sum(allowance_before) as allowance_before, sum(exposure) as exposure,
        sum(allowance) as allowance
    from lines
    group by entity_id, currency, pool, aging_bucket
),

compared as (
    select
        buckets.entity_id, buckets.currency, buckets.exposure_before, buckets.allowance_before, buckets.exposure,
        buckets.allowance, coalesce(buckets.rate_before, rates.rate, 0) as rate_before,
        coalesce(rates.rate - rates.historical_rate - rates.floor_or_credibility, 0)
        - coalesce(
            buckets.rate_before - buckets.unadjusted_before, rates.rate - rates.historical_rate - rates.floor_or_credibility, 0
        ) as adjusted
    from buckets
    left join allowance.rates as rates
        on buckets.pool = rates.pool and buckets.aging_bucket = rates.aging_bucket and rates.as_of = $as_of
),

books as (
    select
        entity_id, currency, sum(exposure_before) as exposure_before, sum(allowance_before) as allowance_before,
        sum(exposure) as exposure, sum(allowance) as allowance,
        cast(sum(cast(cast(exposure as double) * cast(rate_before as double) as decimal(28, 8))) as double) as at_old_rates,
        cast(sum(cast(cast(exposure as double) * cast(adjusted as double) as decimal(28, 8))) as double) as adjusted
    from compared
    group by entity_id, currency
),

averaged as (
    select
        books.*,
        coalesce(
            cast(allowance_before as double) / nullif(cast(exposure_before as double), 0),
            cast(allowance as double) / nullif(cast(exposure as double), 0), 0
        ) as average_rate
    from books
),

drivers as (
    select
        averaged.entity_id, averaged.currency, averaged.allowance - averaged.allowance_before as moved,
        cast(round(cast(exposure - exposure_before as double) * average_rate * units.minor_scale) as decimal(28, 0))
            * units.smallest_amount as volume,
        cast(round((at_old_rates - cast(exposure as double) * average_rate) * units.minor_scale) as decimal(28, 0))
            * units.smallest_amount as mix,
        cast(round(adjusted * units.minor_scale) as decimal(28, 0)) * units.smallest_amount as adjustment
    from averaged
    inner join staging.currencies as units on averaged.currency = units.currency
),

reserved as (
    select entity_id, currency, sum(case when line = 'closing' then amount else -amount end) as moved
    from allowance.movements
    where as_of = $as_of and line in ('opening', 'closing') and line_pool = 'specific'
    group by entity_id, currency
),

told as (
    select entity_id, currency, 'volume' as driver, 1 as driver_order, volume as amount from drivers
    union all
    select entity_id, currency, 'mix', 2, mix from drivers
    union all
    select entity_id, currency, 'rate', 3, moved - volume - mix - adjustment from drivers
    union all
    select entity_id, currency, 'adjustment', 4, adjustment from drivers
    union all
    select entity_id, currency, 'specific', 5, moved from reserved
    union all
    select entity_id, currency, case when line in ('write_offs', 'recoveries') then line else 'other' end,
        case line when 'write_offs' then 6 when 'recoveries' then 7 else 9 end, -amount
    from allowance.movements
    where as_of = $as_of and line in ('write_offs', 'recoveries', 'adoption', 'acquired', 'other')
)

select entity_id, currency, driver, driver_order, cast(sum(amount) as decimal(38, 4)) as amount
from told
group by entity_id, currency, driver, driver_order
