-- What can still become cash, by open receivable: what is open, less what the payer's unapplied receipts and credits will
-- settle (as in the fifo view); of that, what is under dispute, with the day by which the last of its disputes will usually have
-- been resolved and the share that is usually credited; and whether an open case of bankruptcy, litigation or fraud (an event,
-- or the customer's status) is about its customer or itself, with the share that is expected to be recovered in the end. An
-- amount in base currency is empty where there is no rate.
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

-- the loss of an event is that of its scenarios, weighed, else the policy's for its kind, as in the allowance
events as (
    select
        told.customer_id, told.invoice_key,
        sum(cast(cast(coalesce(told.weight, 1) as double)
            * cast(coalesce(told.expected_loss_rate, kinds.default_loss_rate) as double) as decimal(28, 10))) as weighed_rate,
        sum(coalesce(told.weight, 1)) as weight
    from staging.specific_events as told
    inner join staging.specific_kinds as kinds on told.kind = kinds.kind
    where told.known_from <= $known_at and told.known_to > $known_at and told.kind in ('bankruptcy', 'litigation', 'fraud')
        and told.event_date <= $as_of and (told.closed_on is null or told.closed_on > $as_of)
    group by told.entity_id, told.customer_id, told.event_id, told.invoice_key
),

statuses as (
    select customers.customer_id, kinds.default_loss_rate
    from ledger.customers as customers
    inner join staging.specific_kinds as kinds
        on case customers.status when 'bankrupt' then 'bankruptcy' else customers.status end = kinds.kind
    where customers.as_of = $as_of and customers.status in ('bankrupt', 'litigation')
        and not exists (
            select events.customer_id from events where events.customer_id = customers.customer_id and events.invoice_key is null
        )
),

insolvent as (
    select
        customer_id, invoice_key,
        max(cast(cast(weighed_rate as double) / nullif(cast(weight as double), 0) as decimal(18, 10))) as loss_rate
    from events
    group by customer_id, invoice_key
    union all
    select customer_id, null, default_loss_rate from statuses
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
    whole.customer_id is not null or own.customer_id is not null as is_insolvent,
    case when whole.customer_id is not null or own.customer_id is not null
        then 1 - cast(greatest(coalesce(whole.loss_rate, 0), coalesce(own.loss_rate, 0)) as double) end as expected_recovery_share
from items
inner join features.receivable_spells as spells
    on items.document_key = spells.document_key and items.instalment = spells.instalment and spells.as_of = $as_of
inner join ledger.documents as documents
    on items.document_key = documents.document_key and documents.known_from <= $known_at and documents.known_to > $known_at
left join ledger.customers as customers on items.customer_id = customers.customer_id and customers.as_of = $as_of
left join disputes on items.document_key = disputes.invoice_key
left join insolvent as whole on items.customer_id = whole.customer_id and whole.invoice_key is null
left join insolvent as own on items.customer_id = own.customer_id and items.document_key = own.invoice_key
