-- Closed snapshots: every receivable that was open at a month-end, by the bucket it was in then, followed to the day: what of
-- it was written off for credit, what was recovered of that, what is unpaid beyond the age at which the policy gives it up, and
-- what is open still and may yet be paid. A snapshot is closed when it is as old as that age.
with item_months as (
    select document_key, instalment, month_number, entity_id, currency, pool, aging_bucket, opening
    from allowance.item_months
    where as_of = $as_of
),

-- what is taken off an invoice in parts is taken off the last due first
queued as (
    select
        item_months.document_key, item_months.instalment, item_months.month_number, item_months.opening,
        reductions.month_number as later_month, reductions.written_off, reductions.recovered
    from item_months
    inner join allowance.reductions as reductions
        on item_months.document_key = reductions.document_key and reductions.month_number > item_months.month_number
        and reductions.as_of = $as_of and (reductions.written_off <> 0 or reductions.recovered <> 0)
),

later as (
    select document_key, instalment, month_number, opening, sum(written_off) as written_off, sum(recovered) as recovered
    from queued
    group by document_key, instalment, month_number, opening
),

shared as (
    select
        later.*,
        sum(opening) over (
            partition by document_key, month_number order by instalment desc rows between unbounded preceding and current row
        ) as opening_through
    from later
),

losses as (
    select
        document_key, instalment, month_number,
        least(greatest(written_off, 0), opening_through) - least(greatest(written_off, 0), opening_through - opening)
            as written_off,
        least(greatest(least(recovered, written_off), 0), opening_through)
        - least(greatest(least(recovered, written_off), 0), opening_through - opening) as recovered
    from shared
),

open_now as (
    select
        items.document_key, items.instalment, items.open_amount,
        coalesce(date_diff('day', items.aged_from, $as_of) > policy.lost_after_days, false) as is_aged_out
    from ledger.open_items as items
    cross join staging.policy as policy
    where items.as_of = $as_of and items.open_amount > 0
),

followed as (
    select
        item_months.entity_id, item_months.currency, item_months.pool, item_months.month_number, item_months.aging_bucket,
        item_months.opening, coalesce(losses.written_off, 0) as written_off, coalesce(losses.recovered, 0) as recovered,
        case when open_now.is_aged_out then least(item_months.opening, open_now.open_amount) else 0 end as aged_out,
        case when not open_now.is_aged_out then least(item_months.opening, open_now.open_amount) else 0 end as unresolved
    from item_months
    left join losses
        on item_months.document_key = losses.document_key and item_months.instalment = losses.instalment
        and item_months.month_number = losses.month_number
    left join open_now
        on item_months.document_key = open_now.document_key and item_months.instalment = open_now.instalment
)

select
    followed.entity_id,
    followed.currency,
    followed.pool,
    followed.month_number,
    months.month_end as snapshot,
    followed.aging_bucket,
    count(*) as item_count,
    cast(sum(followed.opening) as decimal(38, 4)) as exposure,
    cast(sum(followed.written_off) as decimal(38, 4)) as written_off,
    cast(sum(followed.recovered) as decimal(38, 4)) as recovered,
    cast(sum(followed.aged_out) as decimal(38, 4)) as aged_out,
    cast(sum(followed.unresolved) as decimal(38, 4)) as unresolved,
    max(case when date_diff('day', months.month_end, $as_of) >= policy.lost_after_days then 1 else 0 end) = 1 as is_closed
from followed
inner join staging.months as months on followed.month_number = months.month_number
cross join staging.policy as policy
group by
    followed.entity_id, followed.currency, followed.pool, followed.month_number, months.month_end, followed.aging_bucket
