-- The ageing of every month-end of the book's history, credits and receipts in the bucket of their own date (the gross
-- view), by the segment that each customer has on the day of the run. Beside each bucket of age but the last: what stood in the
-- next one at the next month-end, and that as a share of this (the roll rate of net flow).
with totals as (
    select
        period_end, entity_id, segment, currency, aging_bucket, item_count, open_amount, open_amount_functional, open_amount_base
    from ledger.period_aging
    where as_of = $as_of
),

month_ends as (
    select period_end, month_number from ledger.period_ends where as_of = $as_of and is_month_end
),

buckets as (
    select aging_bucket, bucket_order, last_day is not null as can_roll from staging.aging_buckets
),

monthly as (
    select
        month_ends.month_number, totals.period_end, totals.entity_id, totals.segment, totals.currency, totals.aging_bucket,
        buckets.bucket_order, buckets.can_roll, sum(totals.item_count) as item_count, sum(totals.open_amount) as open_amount,
        case when count(*) = count(totals.open_amount_functional) then sum(totals.open_amount_functional) end
            as open_amount_functional,
        case when count(*) = count(totals.open_amount_base) then sum(totals.open_amount_base) end as open_amount_base
    from totals
    inner join month_ends on totals.period_end = month_ends.period_end
    inner join buckets on totals.aging_bucket = buckets.aging_bucket
    group by
        month_ends.month_number, totals.period_end, totals.entity_id, totals.segment, totals.currency, totals.aging_bucket,
        buckets.bucket_order, buckets.can_roll
)

select
    monthly.period_end as month_end,
    monthly.entity_id,
    monthly.segment,
    monthly.currency,
    monthly.aging_bucket,
    monthly.bucket_order,
    cast(monthly.item_count as bigint) as item_count,
    cast(monthly.open_amount as decimal(38, 4)) as open_amount,
    cast(monthly.open_amount_functional as decimal(38, 4)) as open_amount_functional,
    entities.functional_currency,
    cast(monthly.open_amount_base as decimal(38, 4)) as open_amount_base,
    entities.base_currency,
    cast(case when following.period_end is not null then coalesce(rolled.open_amount, 0) end as decimal(38, 4)) as rolled_amount,
    case when following.period_end is not null and monthly.open_amount > 0
        then cast(coalesce(rolled.open_amount, 0) as double) / nullif(cast(monthly.open_amount as double), 0) end as roll_rate
from monthly
left join month_ends as following on monthly.can_roll and monthly.month_number + 1 = following.month_number
left join monthly as rolled
    on monthly.month_number + 1 = rolled.month_number and monthly.bucket_order + 1 = rolled.bucket_order
    and monthly.entity_id = rolled.entity_id and monthly.segment = rolled.segment and monthly.currency = rolled.currency
left join ledger.entities as entities on monthly.entity_id = entities.entity_id and entities.as_of = $as_of
