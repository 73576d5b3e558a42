-- An application counts while it and both of its documents are known, posted and not void: from the latest of its
-- own day and their posting dates, until it is unapplied or either is voided. One whose other side has not come
-- does not count (its cash stays unapplied), nor one across currencies that does not say what it takes from its source.
with applications as (
    select
        row_key, entity_id, application_id, source_key, invoice_key, coalesce(instalment, '') as instalment, applied_on,
        unapplied_on, amount, coalesce(discount_amount, 0) as discount_amount, coalesce(withheld_amount, 0) as withheld_amount,
        source_amount,
        known_from, known_to, file_number, line
    from staging.applications
),

sources as (
    select document_key, document_type, posting_date, voided_on, currency, original_amount, known_from, known_to
    from ledger.documents
    where sign = -1
),

invoices as (
    select document_key, posting_date, voided_on, currency, original_amount, known_from, known_to
    from ledger.documents
    where sign = 1
),

matched as (
    select
        asked.row_key, asked.entity_id, asked.application_id, asked.source_key, asked.invoice_key, asked.instalment,
        paying.document_type, owed.currency,
        greatest(asked.applied_on, paying.posting_date, owed.posting_date) as effective_from,
        least(
            coalesce(asked.unapplied_on, date '9999-12-31'),
            coalesce(paying.voided_on, date '9999-12-31'),
            coalesce(owed.voided_on, date '9999-12-31')
        ) as effective_to,
        -- within one currency what leaves the source is what reaches the invoice
        case
            when paying.currency = owed.currency then least(asked.amount, coalesce(asked.source_amount, asked.amount))
            else asked.amount
        end as applied_amount,
        case
            when paying.currency = owed.currency then least(asked.amount, coalesce(asked.source_amount, asked.amount))
            else asked.source_amount
        end as drawn_amount,
        asked.discount_amount, asked.withheld_amount, paying.currency as source_currency,
        paying.original_amount as source_amount_total, owed.original_amount as invoice_amount,
        greatest(asked.known_from, paying.known_from, owed.known_from) as known_from,
        least(asked.known_to, paying.known_to, owed.known_to) as known_to,
        asked.file_number, asked.line
    from applications as asked
    inner join sources as paying
        on asked.source_key = paying.document_key
        and asked.known_from < paying.known_to and paying.known_from < asked.known_to
    inner join invoices as owed
        on asked.invoice_key = owed.document_key
        and asked.known_from < owed.known_to and owed.known_from < asked.known_to
    where paying.currency = owed.currency or asked.source_amount is not null
)

select
    row_key as claim_key,
    'applied' as kind,
    entity_id,
    application_id as claim_id,
    source_key,
    invoice_key,
    instalment,
    document_type as source_document_type,
    currency,
    source_currency,
    effective_from,
    effective_to,
    effective_from as ordered_on,
    cast(null as date) as reversed_on,
    applied_amount,
    cast(discount_amount as decimal(18, 4)) as discount_taken,
    cast(withheld_amount as decimal(18, 4)) as withheld_taken,
    cast(0 as decimal(18, 4)) as recovered_amount,
    drawn_amount,
    source_amount_total,
    invoice_amount,
    known_from,
    known_to,
    file_number,
    line
from matched
where effective_from < effective_to and known_from < known_to
