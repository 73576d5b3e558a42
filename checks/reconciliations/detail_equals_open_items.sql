-- The ageing detail lists the open items, each once and for its whole amount.
with items as (
    select count(*) as item_count, coalesce(sum(open_amount), 0) as amount from ledger.open_items where as_of = $as_of
),

detail as (
    select count(*) as item_count, coalesce(sum(open_amount), 0) as amount from marts.aging_detail where as_of = $as_of
)

select detail.item_count, 1 as failing_rows, detail.amount - items.amount as amount
from items
cross join detail
where items.item_count <> detail.item_count or items.amount <> detail.amount
