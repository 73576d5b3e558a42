-- The schedule and the specific reserves add up to the allowance of all items, in document, functional and base currency.
with items as (
    select
        entity_id, currency, sum(allowance) as amount, sum(coalesce(allowance_functional, 0)) as functional,
        sum(coalesce(allowance_base, 0)) as base
    from marts.allowance_items
    where as_of = $as_of
    group by entity_id, currency
),

lines as (
    select entity_id, currency, allowance, allowance_functional, allowance_base
    from marts.allowance_schedule
    where as_of = $as_of
    union all
    select entity_id, currency, allowance, allowance_functional, allowance_base
    from marts.allowance_specific
    where as_of = $as_of
),

summed as (
    select
        entity_id, currency, sum(allowance) as amount, sum(coalesce(allowance_functional, 0)) as functional,
        sum(coalesce(allowance_base, 0)) as base
    from lines
    group by entity_id, currency
)

select
    items.entity_id as place, 1 as failing_rows,
    cast(coalesce(summed.amount, 0) - coalesce(items.amount, 0) as decimal(38, 4)) as amount
from items
left join summed on items.entity_id = summed.entity_id and items.currency = summed.currency
where coalesce(summed.amount, 0) <> coalesce(items.amount, 0) or coalesce(summed.functional, 0) <> items.functional
    or coalesce(summed.base, 0) <> items.base
