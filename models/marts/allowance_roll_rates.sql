-- Roll rates by month: of what stood in a bucket at a month-end, what was paid, diluted or written off for credit by the next
-- one, what stood still or rolled on, and the share that rolled on (into an older bucket, or beyond the age at which it is
-- given up).
with moves as (
    select
        moves.entity_id, moves.currency, moves.pool, moves.month_number, moves.aging_bucket, buckets.bucket_order,
        moves.item_count, moves.opening, moves.stayed, moves.paid, moves.diluted, moves.written_off,
        coalesce(following.bucket_order > buckets.bucket_order, false) as is_older
    from allowance.transitions as moves
    inner join staging.loss_buckets as buckets on moves.aging_bucket = buckets.aging_bucket
    left join staging.loss_buckets as following on moves.next_bucket = following.aging_bucket
    where moves.as_of = $as_of
)

select
    policy.framework,
    moves.entity_id,
    moves.currency,
    moves.pool,
    months.month_end as from_month,
    moves.aging_bucket as from_bucket,
    moves.bucket_order,
    cast(sum(moves.item_count) as bigint) as item_count,
    cast(sum(moves.opening) as decimal(38, 4)) as opening,
    cast(sum(case when moves.is_older then 0 else moves.stayed end) as decimal(38, 4)) as stayed,
    cast(sum(case when moves.is_older then moves.stayed else 0 end) as decimal(38, 4)) as rolled,
    cast(sum(moves.paid) as decimal(38, 4)) as paid,
    cast(sum(moves.diluted) as decimal(38, 4)) as diluted,
    cast(sum(moves.written_off) as decimal(38, 4)) as written_off,
    cast(sum(case when moves.is_older then moves.stayed else 0 end) as double) / nullif(cast(sum(moves.opening) as double), 0)
        as roll_rate
from moves
inner join staging.months as months on moves.month_number = months.month_number
cross join staging.policy as policy
group by
    policy.framework, moves.entity_id, moves.currency, moves.pool, months.month_end, moves.aging_bucket, moves.bucket_order
