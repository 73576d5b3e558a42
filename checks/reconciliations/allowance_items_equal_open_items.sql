-- The allowance's items, with what was collected of them by an evaluation date, add up to the subledger, by entity and currency.
with items as (
    select entity_id, currency, sum(open_amount) as amount
    from ledger.open_items
    where as_of = $as_of
    group by entity_id, currency
),

treated as (
    select entity_id, currency, sum(exposure + collected_after) as amount
    from marts.allowance_items
    where as_of = $as_of
    group by entity_id, currency
)

select
    items.entity_id as place, 1 as failing_rows,
    cast(coalesce(treated.amount, 0) - items.amount as decimal(38, 4)) as amount
from items
left join treated on items.entity_id = treated.entity_id and items.currency = treated.currency
where coalesce(treated.amount, 0) <> items.amount
