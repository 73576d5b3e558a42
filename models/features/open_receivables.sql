-- What can still become cash, by open receivable: what is open, less what the payer's unapplied receipts and credits will
-- settle (as in the fifo view); of that, what is under dispute, with the day by which the last of its disputes will usually have
-- been resolved and the share that is usually credited; and whether the customer is insolvent. An amount in base currency is
-- empty where there is no rate.
with items as (
    select
        open_items.document_key, open_items.instalment, open_items.entity_id, open_items.customer_id, open_items.payer_id,
        open_items.segment, open_items.related_party, open_items.currency, open_items.open_amount, netted.left_open,
        open_items.open_amount_base,
        -- a dispute of part of an invoice falls on what was due first of it
        coalesce(sum(open_items.open_amount) over (
            partition by open_items.document_key order by coalesce(open_items.aged_from, date '9999-12-31'), open_items.instalment
            rows between unbounded preceding and 1 preceding
        ), 0) as open_before
    from ledger.open_items as open_items
    inner join ledger.netted_items as netted
        on open_items.document_key = netted.document_key and open_items.instalment = netted.instalment
        and netted.as_of = $as_of
    where open_items.as_of = $as_of and open_items.open_amount > 0
),

disputes as (
    select
        states.invoice_key, sum(states.blocked_amount) as blocked_amount,
        max(outlook.expected_resolution_date) as expected_resolution_date,
        cast(sum(cast(cast(states.blocked_amount as double) * outlook.expected_credit_share as decimal(28, 4))) as double)
        / nullif(cast(sum(states.blocked_amount) as double), 0) as expected_credit_share
    from ledger.dispute_states as states
    inner join features.dispute_outlook as outlook on states.dispute_key = outlook.dispute_key and outlook.as_of = $as_of
    where states.as_of = $as_of
    group by states.invoice_key
),

insolvent as (
    select distinct customer_id
    from staging.specific_events
    where known_from <= $known_at and known_to > $known_at and kind in ('bankruptcy', 'litigation', 'fraud')
        and event_date <= $as_of and (closed_on is null or closed_on > $as_of)
)

select
    spells.spell_key,
    items.document_key,
    items.instalment,
    spells.payer_key,
    items.entity_id,
    spells.calendar_number,
    items.customer_id,
    items.segment,
    coalesce(customers.collector, '') as collector,
    items.related_party,
    items.currency,
    spells.entry_date,
    spells.due_date,
    cast(items.open_amount as decimal(38, 4)) as open_amount,
    cast(items.open_amount_base as decimal(38, 4)) as open_amount_base,
    cast(items.left_open as decimal(38, 4)) as left_open,
    cast(greatest(0, least(items.left_open, coalesce(disputes.blocked_amount, 0) - items.open_before)) as decimal(38, 4))
        as disputed_open,
    disputes.expected_resolution_date,
    case when disputes.invoice_key is not null then least(1, coalesce(disputes.expected_credit_share, 0.5)) end
        as expected_credit_share,
    insolvent.customer_id is not null as is_insolvent
from items
inner join features.receivable_spells as spells
    on items.document_key = spells.document_key and items.instalment = spells.instalment and spells.as_of = $as_of
inner join ledger.documents as documents
    on items.document_key = documents.document_key and documents.known_from <= $known_at and documents.known_to > $known_at
left join ledger.customers as customers on items.customer_id = customers.customer_id and customers.as_of = $as_of
left join disputes on items.document_key = disputes.invoice_key
left join insolvent on items.customer_id = insolvent.customer_id
