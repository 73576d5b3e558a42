-- What asks of a source alone: a refund, unless it reopens an invoice; a credit balance that is written off; and, where the
-- policy says from when the book is whole, an application to an invoice that is not in it and so was raised before.
with sources as (
    select document_key, document_type, posting_date, voided_on, currency, original_amount, known_from, known_to
    from ledger.documents
    where sign = -1
),

orphans as (
    select
        asked.row_key, asked.entity_id, asked.application_id, asked.source_key, asked.invoice_key, asked.applied_on,
        asked.unapplied_on, coalesce(asked.source_amount, asked.amount) as amount, asked.known_from, asked.known_to,
        asked.file_number, asked.line
    from staging.applications as asked
    inner join staging.policy as policy on policy.history_starts_on is not null
),

invoices as (
    select orphans.row_key, orphans.known_from as version_from, invoices.known_from, invoices.known_to
    from orphans
    inner join staging.invoices as invoices on orphans.invoice_key = invoices.row_key
),

-- an application is an orphan for as long as its invoice is not known
knowledge as (
    select row_key, known_from as version_from, known_from as moment from orphans
    union
    select row_key, known_from as version_from, known_to as moment from orphans
    union
    select orphans.row_key, orphans.known_from, invoices.known_from
    from orphans
    inner join invoices
        on orphans.row_key = invoices.row_key and orphans.known_from = invoices.version_from
        and invoices.known_from > orphans.known_from and invoices.known_from < orphans.known_to
    union
    select orphans.row_key, orphans.known_from, invoices.known_to
    from orphans
    inner join invoices
        on orphans.row_key = invoices.row_key and orphans.known_from = invoices.version_from
        and invoices.known_to > orphans.known_from and invoices.known_to < orphans.known_to
),

knowledge_spans as (
    select
        row_key, version_from, moment as known_from,
        lead(moment) over (partition by row_key, version_from order by moment) as known_to
    from knowledge
),

taken as (
    select
        row_key, 'refunded' as kind, entity_id, refund_id as claim_id, source_key,
        coalesce(posting_date, refunded_on) as posting_date, cast(null as date) as ended_on, cast(null as date) as reversed_on,
        amount, known_from, known_to, file_number, line
    from staging.refunds
    where reopens_invoice_id is null
    union all
    select row_key, 'written_off', entity_id, write_off_id, source_key, coalesce(posting_date, written_off_on),
        reversed_on, reversed_on, amount, known_from, known_to, file_number, line
    from staging.write_offs
    where invoice_key is null
    union all
    select orphans.row_key, 'applied', orphans.entity_id, orphans.application_id, orphans.source_key, orphans.applied_on,
        orphans.unapplied_on, null, orphans.amount, spans.known_from, spans.known_to, orphans.file_number, orphans.line
    from orphans
    inner join knowledge_spans as spans
        on orphans.row_key = spans.row_key and orphans.known_from = spans.version_from and spans.known_to is not null
    where not exists (
        select 1 from invoices
        where invoices.row_key = orphans.row_key and invoices.version_from = orphans.known_from
            and invoices.known_from <= spans.known_from and invoices.known_to >= spans.known_to
    )
),

matched as (
    select
        taken.*, sources.document_type, sources.currency, sources.original_amount,
        greatest(taken.posting_date, sources.posting_date) as effective_from,
        least(coalesce(taken.ended_on, date '9999-12-31'), coalesce(sources.voided_on, date '9999-12-31')) as effective_to,
        greatest(taken.known_from, sources.known_from) as first_known, least(taken.known_to, sources.known_to) as last_known
    from taken
    inner join sources
        on taken.source_key = sources.document_key
        and taken.known_from < sources.known_to and sources.known_from < taken.known_to
)

select
    row_key as claim_key,
    kind,
    entity_id,
    claim_id,
    source_key,
    cast(null as bigint) as invoice_key,
    '' as instalment,
    document_type as source_document_type,
    currency,
    currency as source_currency,
    effective_from,
    effective_to,
    effective_from as ordered_on,
    reversed_on,
    cast(0 as decimal(18, 4)) as applied_amount,
    cast(0 as decimal(18, 4)) as discount_taken,
    cast(0 as decimal(18, 4)) as withheld_taken,
    cast(0 as decimal(18, 4)) as recovered_amount,
    amount as drawn_amount,
    original_amount as source_amount_total,
    cast(null as decimal(18, 4)) as invoice_amount,
    first_known as known_from,
    last_known as known_to,
    file_number,
    line
from matched
where effective_from < effective_to
