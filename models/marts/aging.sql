-- Open items by customer and bucket in three views. gross: unapplied credits and receipts are negative items in the bucket of
-- their own date. separate: they stand in a bucket of their own, unapplied. fifo: as if they had been applied, within
-- entity, payer and currency, to what was due first; what is left over stands in unapplied. Each view adds up to the
-- subledger; where netting at different booking rates leaves a difference in functional or base currency, the fifo
-- view shows it in unapplied, with no document amount.
with items as (
    select
        detail.entity_id, detail.customer_id, detail.payer_id, detail.currency, detail.aging_bucket, detail.open_amount,
        detail.open_amount_functional, detail.functional_currency, detail.open_amount_base, detail.base_currency,
        netted.left_open
    from marts.aging_detail as detail
    inner join ledger.netted_items as netted
        on detail.entity_id = netted.entity_id and detail.document_type = netted.document_type
        and detail.document_id = netted.document_id and detail.instalment = netted.instalment and netted.as_of = $as_of
    where detail.as_of = $as_of
),

units as (
    select currency, minor_scale, smallest_amount from staging.currencies
),

fifo_items as (
    select
        netted.entity_id, netted.customer_id, netted.payer_id, netted.currency, netted.functional_currency, netted.base_currency,
        case when netted.open_amount > 0 then netted.aging_bucket else 'unapplied' end as aging_bucket,
        netted.left_open as open_amount,
        case when netted.left_open = netted.open_amount then netted.open_amount_functional else cast(round(cast(
            cast(netted.open_amount_functional as double) * cast(netted.left_open as double) / cast(netted.open_amount as double)
            * functional_units.minor_scale as decimal(28, 6))) * functional_units.smallest_amount as decimal(38, 4)) end
            as open_amount_functional,
        case when netted.left_open = netted.open_amount then netted.open_amount_base else cast(round(cast(
            cast(netted.open_amount_base as double) * cast(netted.left_open as double) / cast(netted.open_amount as double)
            * base_units.minor_scale as decimal(28, 6))) * base_units.smallest_amount as decimal(38, 4)) end as open_amount_base,
        netted.open_amount_functional as whole_functional, netted.open_amount_base as whole_base
    from items as netted
    left join units as functional_units on netted.functional_currency = functional_units.currency
    left join units as base_units on netted.base_currency = base_units.currency
),

viewed as (
    select 'gross' as view, entity_id, customer_id, currency, functional_currency, base_currency, aging_bucket,
        1 as counted, open_amount, open_amount_functional, open_amount_base
    from items
    union all
    select 'separate', entity_id, customer_id, currency, functional_currency, base_currency,
        case when open_amount < 0 then 'unapplied' else aging_bucket end,
        1, open_amount, open_amount_functional, open_amount_base
    from items
    union all
    select 'fifo', entity_id, customer_id, currency, functional_currency, base_currency, aging_bucket,
        1, open_amount, open_amount_functional, open_amount_base
    from fifo_items
    where open_amount <> 0
    union all
    select 'fifo', entity_id, min(customer_id), currency, min(functional_currency), min(base_currency), 'unapplied', 0, 0,
        sum(whole_functional) - sum(open_amount_functional), sum(whole_base) - sum(open_amount_base)
    from fifo_items
    group by entity_id, payer_id, currency
    having sum(whole_functional) <> sum(open_amount_functional) or sum(whole_base) <> sum(open_amount_base)
)

select
    viewed.view,
    viewed.entity_id,
    viewed.customer_id,
    viewed.currency,
    viewed.aging_bucket,
    min(buckets.bucket_order) as bucket_order,
    cast(sum(viewed.counted) as bigint) as item_count,
    cast(sum(viewed.open_amount) as decimal(38, 4)) as open_amount,
    cast(case when count(*) = count(viewed.open_amount_functional) then sum(viewed.open_amount_functional) end
        as decimal(38, 4)) as open_amount_functional,
    min(viewed.functional_currency) as functional_currency,
    cast(case when count(*) = count(viewed.open_amount_base) then sum(viewed.open_amount_base) end
        as decimal(38, 4)) as open_amount_base,
    min(viewed.base_currency) as base_currency,
    viewed.view = policy.credit_view as is_policy_view
from viewed
inner join staging.aging_buckets as buckets on viewed.aging_bucket = buckets.aging_bucket
cross join staging.policy as policy
group by
    viewed.view, viewed.entity_id, viewed.customer_id, viewed.currency, viewed.aging_bucket, policy.credit_view
