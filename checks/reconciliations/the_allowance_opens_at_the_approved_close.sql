-- The allowance of each pool opens at what the last approved close closed at, as the roll-forward that was frozen with it says. A
-- day that opens from the feed of openings, or from nothing, is not asked.
with closings as (
    select entity_id, currency, line_pool as pool, allowance as amount from allowance.closings where as_of = $as_of
),

openings as (
    select entity_id, currency, pool, amount
    from marts.allowance_rollforward
    where as_of = $as_of and line = 'opening' and exists (select 1 from closings)
)

select closings.entity_id as place, 1 as failing_rows, coalesce(openings.amount, 0) - closings.amount as amount
from closings
left join openings
    on closings.entity_id = openings.entity_id and closings.currency = openings.currency and closings.pool = openings.pool
where coalesce(openings.amount, 0) <> closings.amount
union all
select openings.entity_id, 1, openings.amount
from openings
where openings.amount <> 0 and not exists (
    select 1 from closings
    where closings.entity_id = openings.entity_id and closings.currency = openings.currency and closings.pool = openings.pool
)
