-- What write-offs ask of their invoices, and what settles a recovery. A write-off takes what has not been recovered of it, until
-- it is reversed; a recovery so puts its amount back on the invoice, and its payment, where it names one, settles that.
with invoices as (
    select document_key, posting_date, voided_on, currency, original_amount, known_from, known_to
    from ledger.documents
    where sign = 1
),

payments as (
    select document_key, posting_date, currency, original_amount, known_from, known_to
    from ledger.documents
    where document_type = 'payment'
),

write_offs as (
    select
        asked.row_key, asked.entity_id, asked.write_off_id, asked.invoice_key, asked.reversed_on, asked.amount,
        greatest(coalesce(asked.posting_date, asked.written_off_on), invoices.posting_date) as effective_from,
        least(coalesce(asked.reversed_on, date '9999-12-31'), coalesce(invoices.voided_on, date '9999-12-31')) as effective_to,
        coalesce(invoices.voided_on, date '9999-12-31') as voided_on, invoices.currency, invoices.original_amount,
        greatest(asked.known_from, invoices.known_from) as known_from, least(asked.known_to, invoices.known_to) as known_to,
        asked.file_number, asked.line
    from staging.write_offs as asked
    inner join invoices
        on asked.invoice_key = invoices.document_key
        and asked.known_from < invoices.known_to and invoices.known_from < asked.known_to
),

recoveries as (
    select target_key, effective_from, effective_to, reinstated_amount, known_from, known_to
    from ledger.reinstatements
    where kind = 'recovered'
),

written_off as (
    select
        write_offs.*, recoveries.reinstated_amount,
        greatest(write_offs.effective_from, recoveries.effective_from) as piece_from,
        least(write_offs.effective_to, recoveries.effective_to) as piece_to,
        greatest(write_offs.known_from, recoveries.known_from) as first_known,
        least(write_offs.known_to, recoveries.known_to) as last_known
    from write_offs
    left join recoveries on write_offs.row_key = recoveries.target_key
),

settled as (
    select
        asked.row_key, asked.entity_id, asked.recovery_id, asked.source_key, write_offs.invoice_key, write_offs.currency,
        greatest(asked.recovered_on, write_offs.effective_from, payments.posting_date) as effective_from, write_offs.voided_on,
        asked.amount, payments.original_amount as source_amount_total, write_offs.original_amount as invoice_amount,
        greatest(asked.known_from, write_offs.known_from, payments.known_from) as known_from,
        least(asked.known_to, write_offs.known_to, payments.known_to) as known_to, asked.file_number, asked.line
    from staging.recoveries as asked
    inner join write_offs on asked.write_off_key = write_offs.row_key
    inner join payments on asked.source_key = payments.document_key and payments.currency = write_offs.currency
)

select
    row_key as claim_key,
    'written_off' as kind,
    entity_id,
    write_off_id as claim_id,
    cast(null as bigint) as source_key,
    invoice_key,
    '' as instalment,
    cast(null as text) as source_document_type,
    currency,
    currency as source_currency,
    piece_from as effective_from,
    piece_to as effective_to,
    effective_from as ordered_on,
    reversed_on,
    cast(amount - coalesce(reinstated_amount, 0) as decimal(18, 4)) as applied_amount,
    cast(0 as decimal(18, 4)) as discount_taken,
    cast(0 as decimal(18, 4)) as withheld_taken,
    cast(coalesce(reinstated_amount, 0) as decimal(18, 4)) as recovered_amount,
    cast(0 as decimal(18, 4)) as drawn_amount,
    cast(null as decimal(18, 4)) as source_amount_total,
    original_amount as invoice_amount,
    first_known as known_from,
    last_known as known_to,
    file_number,
    line
from written_off
where piece_from < piece_to and first_known < last_known
union all
select
    row_key, 'applied', entity_id, recovery_id, source_key, invoice_key, '', 'payment', currency, currency,
    effective_from, voided_on, effective_from, null, amount, 0, 0, 0, amount, source_amount_total, invoice_amount,
    known_from, known_to, file_number, line
from settled
where effective_from < voided_on and known_from < known_to
