-- What can still become cash, by open receivable: what is open, less what the payer's unapplied receipts and credits will
-- settle (as in the fifo view); of that, what is under dispute, with the day by which such disputes have been resolved and the
-- share that was credited; the newest promise with the chance that it is kept (the payer's record, drawn to the book's); and
-- whether the customer is insolvent. Money is in the base currency, in the document's where there is no rate.
with items as (
    select
        open_items.document_key, open_items.instalment, open_items.entity_id, open_items.customer_id, open_items.payer_id,
        open_items.segment, open_items.currency, open_items.open_amount, netted.left_open,
        coalesce(open_items.open_amount_base, open_items.open_amount) as open_amount_base
    from ledger.open_items as open_items
    inner join ledger.netted_items as netted
        on open_items.document_key = netted.document_key and open_items.instalment = netted.instalment
        and netted.as_of = $as_of
    where open_items.as_of = $as_of and open_items.open_amount > 0
),

records as (
    select entity_id, customer_id, case when state = 'kept' then 1 else 0 end as was_kept
    from ledger.promise_states
    where as_of = $as_of and state in ('kept', 'partly_kept', 'broken')
),

book_record as (
    select cast(coalesce(sum(was_kept), 0) + 1 as double) / (count(*) + 2) as kept_share from records
),

customer_records as (
    select customer_id, sum(was_kept) as kept_count, count(*) as promise_count from records group by customer_id
),

promises as (
    select
        states.entity_id, states.invoice_id, states.customer_id, states.promised_date,
        row_number() over (
            partition by states.entity_id, states.invoice_id
            order by states.made_on desc, states.promised_date desc, states.promise_key desc
        ) as newest_first
    from ledger.promise_states as states
    where states.as_of = $as_of and states.state = 'open' and states.invoice_id is not null
),

disputes as (
    select invoice_key, sum(blocked_amount) as blocked_amount, min(opened_on) as opened_on
    from ledger.dispute_states
    where as_of = $as_of and is_open
    group by invoice_key
),

resolved as (
    select
        cast(sum(resolution_days) as double) / nullif(count(*), 0) as mean_days,
        cast(sum(coalesce(credited_amount, 0)) as double) / nullif(cast(sum(disputed_amount) as double), 0) as credited_share
    from ledger.dispute_states
    where as_of = $as_of and not is_open
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
    items.customer_id,
    items.segment,
    items.currency,
    spells.entry_date,
    spells.due_date,
    cast(items.open_amount as decimal(38, 4)) as open_amount,
    cast(items.open_amount_base as decimal(38, 4)) as open_amount_base,
    cast(items.left_open as decimal(38, 4)) as left_open,
    cast(least(items.left_open, coalesce(disputes.blocked_amount, 0)) as decimal(38, 4)) as disputed_open,
    case when disputes.invoice_key is not null
        then greatest($as_of + 7, disputes.opened_on + cast(round(coalesce(resolved.mean_days, 45)) as integer)) end
        as expected_resolution_date,
    case when disputes.invoice_key is not null then least(1, coalesce(resolved.credited_share, 0.5)) end as expected_credit_share,
    promises.promised_date,
    case when promises.invoice_id is not null
        then (coalesce(customer_records.kept_count, 0) + 8 * book_record.kept_share)
            / (coalesce(customer_records.promise_count, 0) + 8) end as keep_probability,
    insolvent.customer_id is not null as is_insolvent
from items
cross join resolved
cross join book_record
inner join features.receivable_spells as spells
    on items.document_key = spells.document_key and items.instalment = spells.instalment and spells.as_of = $as_of
inner join ledger.documents as documents
    on items.document_key = documents.document_key and documents.known_from <= $known_at and documents.known_to > $known_at
left join disputes on items.document_key = disputes.invoice_key
left join promises
    on items.entity_id = promises.entity_id and documents.document_id = promises.invoice_id and promises.newest_first = 1
left join customer_records on promises.customer_id = customer_records.customer_id
left join insolvent on items.customer_id = insolvent.customer_id
