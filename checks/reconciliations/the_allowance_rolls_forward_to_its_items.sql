-- The roll-forward of the allowance adds up from opening to closing in document, functional and base currency, and closes at
-- what is set aside for the items of each pool, specific reserves included.
with items as (
    select
        entity_id, currency, case treatment when 'specific' then 'specific' else pool end as pool,
        sum(coalesce(allowance, 0)) as amount
    from marts.allowance_items
    where as_of = $as_of
    group by entity_id, currency, case treatment when 'specific' then 'specific' else pool end
),

lines as (
    select
        entity_id, currency, pool, sum(case line when 'closing' then amount else -amount end) as left_over,
        sum(case line when 'closing' then amount_functional else -amount_functional end) as left_functional,
        sum(case line when 'closing' then amount_base else -amount_base end) as left_base,
        sum(case line when 'closing' then amount else 0 end) as closing
    from marts.allowance_rollforward
    where as_of = $as_of
    group by entity_id, currency, pool
)

select
    items.entity_id as place, 1 as failing_rows, cast(coalesce(lines.closing, 0) - items.amount as decimal(38, 4)) as amount
from items
left join lines on items.entity_id = lines.entity_id and items.currency = lines.currency and items.pool = lines.pool
where coalesce(lines.closing, 0) <> items.amount
union all
select lines.entity_id, 1, cast(lines.left_over as decimal(38, 4))
from lines
where lines.left_over <> 0 or lines.left_functional <> 0 or lines.left_base <> 0
