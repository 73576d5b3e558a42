-- Why the provision is what it is: volume, mix, rates, adjustments, specific reserves, write-offs and recoveries, and what else
-- moved the allowance. In functional and base currency each driver is at the day's closing rate; what the opening is worth
-- otherwise at it has its own line in the roll-forward, so that what exchange rates leave here is what rounding does. The drivers
-- add up to the provision in each of the three.
with drivers as (
    select entity_id, currency, driver, driver_order, amount from allowance.drivers where as_of = $as_of
),

provisions as (
    select
        entity_id, currency, functional_currency, base_currency, sum(amount_functional) as amount_functional,
        sum(amount_base) as amount_base
    from marts.allowance_rollforward
    where as_of = $as_of and line = 'provision'
    group by entity_id, currency, functional_currency, base_currency
),

rates as (
    select from_currency, to_currency, rate from ledger.closing_rates where as_of = $as_of and period_end = $as_of
),

converted as (
    select
        provisions.entity_id, provisions.currency, provisions.functional_currency, provisions.base_currency,
        drivers.driver, drivers.driver_order, drivers.amount,
        round(cast(drivers.amount as decimal(20, 4)) * own_rates.rate * own_units.minor_scale) * own_units.smallest_amount
            as amount_functional,
        round(cast(drivers.amount as decimal(20, 4)) * base_rates.rate * base_units.minor_scale) * base_units.smallest_amount
            as amount_base
    from provisions
    inner join drivers on provisions.entity_id = drivers.entity_id and provisions.currency = drivers.currency
    left join rates as own_rates
        on provisions.currency = own_rates.from_currency and provisions.functional_currency = own_rates.to_currency
    left join rates as base_rates
        on provisions.currency = base_rates.from_currency and provisions.base_currency = base_rates.to_currency
    left join staging.currencies as own_units on provisions.functional_currency = own_units.currency
    left join staging.currencies as base_units on provisions.base_currency = base_units.currency
),

exchanged as (
    select
        provisions.entity_id, provisions.currency, provisions.functional_currency, provisions.base_currency,
        'fx' as driver, 8 as driver_order, 0 as amount,
        case when count(converted.driver) = count(converted.amount_functional)
            then provisions.amount_functional - coalesce(sum(converted.amount_functional), 0) end as amount_functional,
        case when count(converted.driver) = count(converted.amount_base)
            then provisions.amount_base - coalesce(sum(converted.amount_base), 0) end as amount_base
    from provisions
    left join converted on provisions.entity_id = converted.entity_id and provisions.currency = converted.currency
    group by
        provisions.entity_id, provisions.currency, provisions.functional_currency, provisions.base_currency,
        provisions.amount_functional, provisions.amount_base
),

told as (
    select
        entity_id, currency, functional_currency, base_currency, driver, driver_order, amount, amount_functional, amount_base
    from converted
    union all
    select
        entity_id, currency, functional_currency, base_currency, driver, driver_order, amount, amount_functional, amount_base
    from exchanged
)

select
    policy.framework,
    told.entity_id,
    told.currency,
    told.driver,
    told.driver_order,
    cast(told.amount as decimal(38, 4)) as amount,
    told.functional_currency,
    cast(told.amount_functional as decimal(38, 4)) as amount_functional,
    told.base_currency,
    cast(told.amount_base as decimal(38, 4)) as amount_base
from told
cross join staging.policy as policy
