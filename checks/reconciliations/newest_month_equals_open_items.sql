-- The newest period end of the ageing of history holds what is open on the day, by entity and currency and bucket.
with items as (
    select entity_id, currency, aging_bucket, sum(open_amount) as amount, count(*) as item_count
    from marts.aging_detail
    where as_of = $as_of
    group by entity_id, currency, aging_bucket
),

totals as (
    select entity_id, currency, aging_bucket, sum(open_amount) as amount, sum(item_count) as item_count
    from ledger.period_aging
    where as_of = $as_of and period_end = $as_of
    group by entity_id, currency, aging_bucket
)

select
    coalesce(items.aging_bucket, totals.aging_bucket) as aging_bucket, 1 as failing_rows,
    coalesce(totals.amount, 0) - coalesce(items.amount, 0) as amount
from items
full outer join totals
    on items.entity_id = totals.entity_id and items.currency = totals.currency and items.aging_bucket = totals.aging_bucket
where coalesce(items.amount, 0) <> coalesce(totals.amount, 0) or coalesce(items.item_count, 0) <> coalesce(totals.item_count, 0)
