-- The published credit balances are the negative open items, and what is due to be refunded is what the fifo view of ageing
-- leaves unapplied.
with published as (
    select
        entity_id, currency, sum(open_amount) as amount, count(*) as item_count, sum(refund_due_amount) as refund_due
    from marts.credit_balances
    where as_of = $as_of
    group by entity_id, currency
),

items as (
    select entity_id, currency, sum(open_amount) as amount, count(*) as item_count
    from ledger.open_items
    where as_of = $as_of and open_amount < 0
    group by entity_id, currency
),

left_over as (
    select entity_id, currency, -sum(open_amount) as refund_due
    from marts.aging
    where as_of = $as_of and view = 'fifo' and aging_bucket = 'unapplied'
    group by entity_id, currency
)

select
    coalesce(items.entity_id, published.entity_id) as entity_id, 1 as failing_rows,
    coalesce(published.amount, 0) - coalesce(items.amount, 0) as amount
from items
full outer join published on items.entity_id = published.entity_id and items.currency = published.currency
left join left_over on published.entity_id = left_over.entity_id and published.currency = left_over.currency
where coalesce(published.amount, 0) <> coalesce(items.amount, 0)
    or coalesce(published.item_count, 0) <> coalesce(items.item_count, 0)
    or coalesce(published.refund_due, 0) <> coalesce(left_over.refund_due, 0)
