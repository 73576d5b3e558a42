-- The allowance of every open item. A line of the schedule, a pool's bucket in one entity and currency, is its exposure by its
-- rate, rounded half up to the minor unit; each item has its share of the line, item after item, so that items add up to lines
-- to the cent. A specific reserve is rounded item by item. Amounts in other currencies are those of the document's currency at
-- the day's closing rate, shared the same way.
with rated as (
    select
        exposures.*, units.minor_scale, units.smallest_amount,
        coalesce(own_units.minor_scale, units.minor_scale) as own_scale,
        coalesce(own_units.smallest_amount, units.smallest_amount) as own_smallest,
        base_units.minor_scale as base_scale, base_units.smallest_amount as base_smallest,
        case exposures.treatment
            when 'specific' then exposures.expected_loss_rate
            when 'pool' then rates.rate
            else cast(0 as decimal(18, 10))
        end as loss_rate,
        case exposures.treatment
            when 'pool' then concat('pool ', exposures.pool, ' ', exposures.aging_bucket)
            else concat(exposures.treatment, ' ', cast(exposures.document_key as varchar), ' ', exposures.instalment)
        end as line
    from allowance.exposures as exposures
    left join allowance.rates as rates
        on exposures.pool = rates.pool and exposures.aging_bucket = rates.aging_bucket and rates.as_of = $as_of
    left join staging.currencies as units on exposures.currency = units.currency
    left join staging.currencies as own_units on exposures.functional_currency = own_units.currency
    left join staging.currencies as base_units on exposures.base_currency = base_units.currency
    where exposures.as_of = $as_of
),

queued as (
    select
        rated.*,
        sum(exposure) over (
            partition by entity_id, currency, line order by document_id, document_type, instalment
            rows between unbounded preceding and current row
        ) as exposure_through
    from rated
),

reckoned as (
    select
        queued.*,
        cast(round(cast(exposure_through as decimal(20, 4)) * loss_rate * minor_scale) * smallest_amount as decimal(20, 4))
            as through,
        cast(round(cast(exposure_through - exposure as decimal(20, 4)) * loss_rate * minor_scale) * smallest_amount
            as decimal(20, 4)) as before
    from queued
)

select
    document_key,
    instalment,
    entity_id,
    customer_id,
    document_id,
    document_type,
    currency,
    treatment,
    reason,
    pool,
    aging_bucket,
    event_date,
    exposure,
    collected_after,
    loss_rate,
    cast(through - before as decimal(38, 4)) as allowance,
    functional_currency,
    cast(round(cast(exposure as decimal(20, 4)) * functional_rate * own_scale) * own_smallest as decimal(38, 4))
        as exposure_functional,
    cast(round(through * functional_rate * own_scale) * own_smallest
        - round(before * functional_rate * own_scale) * own_smallest as decimal(38, 4)) as allowance_functional,
    base_currency,
    cast(round(cast(exposure as decimal(20, 4)) * base_rate * base_scale) * base_smallest as decimal(38, 4)) as exposure_base,
    cast(round(through * base_rate * base_scale) * base_smallest
        - round(before * base_rate * base_scale) * base_smallest as decimal(38, 4)) as allowance_base
from reckoned
