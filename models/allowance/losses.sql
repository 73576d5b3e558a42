-- Every credit loss of the look-back, once: what was written off for credit, and what stayed unpaid beyond the age at which the
-- policy gives an item up; with what came of it all the same by the day: paid late, recovered, or the write-off reversed.
with lost_buckets as (
    select aging_bucket from staging.loss_buckets where is_lost
),

item_months as (
    select *
    from allowance.item_months
    where as_of = $as_of and aging_bucket not in (select aging_bucket from lost_buckets)
),

events as (
    select document_key, instalment, month_number, entity_id, customer_id, currency, pool, aging_bucket, 'written_off' as kind,
        written_off as lost
    from item_months
    where written_off > 0
    union all
    select document_key, instalment, month_number, entity_id, customer_id, currency, pool, aging_bucket, 'aged_out', stayed
    from item_months
    where next_bucket in (select aging_bucket from lost_buckets)
),

afterwards as (
    select
        events.document_key, events.instalment, events.month_number, events.kind,
        sum(reductions.written_off) as written_off, sum(reductions.recovered) as recovered
    from events
    inner join allowance.reductions as reductions
        on events.document_key = reductions.document_key and reductions.month_number > events.month_number + 1
        and reductions.as_of = $as_of
    group by events.document_key, events.instalment, events.month_number, events.kind
),

still_open as (
    select document_key, instalment, open_amount from ledger.open_items where as_of = $as_of and open_amount > 0
),

net as (
    select
        events.*,
        -- of what was given up for its age, all is made good that is neither open any longer nor written off
        case when events.kind = 'written_off'
            then coalesce(afterwards.recovered, 0) + greatest(-coalesce(afterwards.written_off, 0), 0)
            else events.lost - coalesce(still_open.open_amount, 0)
                - greatest(coalesce(afterwards.written_off - afterwards.recovered, 0), 0)
        end as made_good
    from events
    left join afterwards
        on events.document_key = afterwards.document_key and events.instalment = afterwards.instalment
        and events.month_number = afterwards.month_number and events.kind = afterwards.kind
    left join still_open on events.document_key = still_open.document_key and events.instalment = still_open.instalment
)

select
    document_key,
    instalment,
    month_number,
    entity_id,
    customer_id,
    currency,
    pool,
    aging_bucket,
    kind,
    cast(lost as decimal(18, 4)) as lost,
    cast(greatest(0, least(lost, made_good)) as decimal(18, 4)) as recovered
from net
