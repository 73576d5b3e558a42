-- How many items, and of how many customers, stood in each bucket of a pool at any month-end of the look-back, and how many of
-- those items were lost in the end, not made good in full: what the rate of the bucket rests on.
with item_months as (
    select document_key, instalment, entity_id, customer_id, pool, aging_bucket from allowance.item_months where as_of = $as_of
),

items as (
    select pool, aging_bucket, document_key, instalment, entity_id, customer_id
    from item_months
    group by pool, aging_bucket, document_key, instalment, entity_id, customer_id
),

customers as (
    select pool, aging_bucket, entity_id, customer_id, count(*) as item_count
    from items
    group by pool, aging_bucket, entity_id, customer_id
),

lost as (
    select document_key, instalment
    from allowance.losses
    where as_of = $as_of
    group by document_key, instalment
    having sum(lost - recovered) > 0
),

events as (
    select items.pool, items.aging_bucket, count(*) as loss_events
    from items
    inner join lost on items.document_key = lost.document_key and items.instalment = lost.instalment
    group by items.pool, items.aging_bucket
)

select
    customers.pool,
    customers.aging_bucket,
    cast(sum(customers.item_count) as bigint) as item_count,
    count(*) as customer_count,
    coalesce(max(events.loss_events), 0) as loss_events
from customers
left join events on customers.pool = events.pool and customers.aging_bucket = events.aging_bucket
group by customers.pool, customers.aging_bucket
