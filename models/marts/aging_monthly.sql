-- The ageing of every month-end of the book's history, credits and receipts in the bucket of their own date (the gross
-- view), by the segment that each customer has on the day of the run.
with totals as (
    select
        period_end, entity_id, segment, currency, aging_bucket, item_count, open_amount, open_amount_functional, open_amount_base
    from ledger.month_end_totals
    where as_of = $as_of
),

month_ends as (
    select period_end from ledger.period_ends where as_of = $as_of and is_month_end
)

select
    totals.period_end as month_end,
    totals.entity_id,
    totals.segment,
    totals.currency,
    totals.aging_bucket,
    min(buckets.bucket_order) as bucket_order,
    cast(sum(totals.item_count) as bigint) as item_count,
    cast(sum(totals.open_amount) as decimal(38, 4)) as open_amount,
    cast(case when count(*) = count(totals.open_amount_functional) then sum(totals.open_amount_functional) end
        as decimal(38, 4)) as open_amount_functional,
    min(entities.functional_currency) as functional_currency,
    cast(case when count(*) = count(totals.open_amount_base) then sum(totals.open_amount_base) end
        as decimal(38, 4)) as open_amount_base,
    min(entities.base_currency) as base_currency
from totals
inner join month_ends on totals.period_end = month_ends.period_end
inner join staging.aging_buckets as buckets on totals.aging_bucket = buckets.aging_bucket
left join ledger.entities as entities on totals.entity_id = entities.entity_id and entities.as_of = $as_of
group by totals.period_end, totals.entity_id, totals.segment, totals.currency, totals.aging_bucket
