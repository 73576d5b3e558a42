-- A book with open items has its ageing in three views.
with views as (
    select count(distinct view) as view_count from marts.aging where as_of = $as_of
),

items as (
    select count(*) as item_count from ledger.open_items where as_of = $as_of
)

select views.view_count, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from views
cross join items
where items.item_count > 0 and views.view_count <> 3
