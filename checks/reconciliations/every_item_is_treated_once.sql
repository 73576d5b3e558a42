-- Every open item is in the allowance's exposures once, and what is exposed, with what is ineligible and
-- what was collected by an evaluation date, adds up to what is open by entity and currency.
with items as (
    select entity_id, currency, count(*) as item_count, sum(open_amount) as amount
    from ledger.open_items
    where as_of = $as_of
    group by entity_id, currency
),

treated as (
    select entity_id, currency, count(*) as item_count, sum(exposure + collected_after) as amount
    from allowance.exposures
    where as_of = $as_of
    group by entity_id, currency
)

select
    items.entity_id as place,
    cast(greatest(1, abs(items.item_count - coalesce(treated.item_count, 0))) as bigint) as failing_rows,
    cast(items.amount - coalesce(treated.amount, 0) as decimal(38, 4)) as amount
from items
left join treated on items.entity_id = treated.entity_id and items.currency = treated.currency
where items.item_count <> coalesce(treated.item_count, 0) or items.amount <> coalesce(treated.amount, 0)
