-- In each view, the ageing adds up to the open items in document, functional and base currency, by entity and currency.
with items as (
    select
        entity_id, currency, sum(open_amount) as amount, sum(open_amount_functional) as functional, sum(open_amount_base) as base,
        min(case when open_amount_functional is null then 0 else 1 end) as has_functional,
        min(case when open_amount_base is null then 0 else 1 end) as has_base
    from ledger.open_items
    where as_of = $as_of
    group by entity_id, currency
),

views as (
    select distinct view from marts.aging where as_of = $as_of
),

buckets as (
    select
        view, entity_id, currency, sum(open_amount) as amount, sum(open_amount_functional) as functional,
        sum(open_amount_base) as base
    from marts.aging
    where as_of = $as_of
    group by view, entity_id, currency
)

select views.view, 1 as failing_rows, coalesce(buckets.amount, 0) - items.amount as amount
from items
cross join views
left join buckets
    on views.view = buckets.view and items.entity_id = buckets.entity_id and items.currency = buckets.currency
where coalesce(buckets.amount, 0) <> items.amount
    or (items.has_functional = 1 and coalesce(buckets.functional, 0) <> items.functional)
    or (items.has_base = 1 and coalesce(buckets.base, 0) <> items.base)
