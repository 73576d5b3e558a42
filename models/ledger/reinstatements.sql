-- What is taken back of a payment, of a write-off, or of what settled an invoice: the live reversals of each payment and the live
-- recoveries of each write-off, never more in all than it was; and the refunds that put an amount back on an invoice. Each
-- target has every span of days and of knowledge, those in which nothing is taken back among them.
with asked as (
    select
        reversals.source_key as target_key, 'payments_reversed' as kind, reversals.row_key as asked_key,
        greatest(reversals.reversed_on, payments.posting_date) as effective_from,
        coalesce(reversals.undone_on, date '9999-12-31') as effective_to,
        coalesce(reversals.amount, payments.original_amount) as amount, payments.original_amount as most_amount,
        greatest(reversals.known_from, payments.known_from) as known_from,
        least(reversals.known_to, payments.known_to) as known_to, reversals.file_number, reversals.line
    from staging.payment_reversals as reversals
    inner join ledger.documents as payments
        on reversals.source_key = payments.document_key and payments.document_type = 'payment'
        and reversals.known_from < payments.known_to and payments.known_from < reversals.known_to
    union all
    select
        write_offs.row_key, 'recovered', recoveries.row_key, recoveries.recovered_on, date '9999-12-31',
        recoveries.amount, write_offs.amount,
        greatest(recoveries.known_from, write_offs.known_from), least(recoveries.known_to, write_offs.known_to),
        recoveries.file_number, recoveries.line
    from staging.recoveries as recoveries
    inner join staging.write_offs as write_offs
        on recoveries.write_off_key = write_offs.row_key
        and recoveries.known_from < write_offs.known_to and write_offs.known_from < recoveries.known_to
    union all
    select
        invoices.document_key, 'refunded', refunds.row_key,
        greatest(coalesce(refunds.posting_date, refunds.refunded_on), sources.posting_date, invoices.posting_date),
        least(coalesce(sources.voided_on, date '9999-12-31'), coalesce(invoices.voided_on, date '9999-12-31')),
        refunds.amount, cast(99999999999999 as decimal(18, 4)),
        greatest(refunds.known_from, sources.known_from, invoices.known_from),
        least(refunds.known_to, sources.known_to, invoices.known_to), refunds.file_number, refunds.line
    from staging.refunds as refunds
    inner join ledger.documents as sources
        on refunds.source_key = sources.document_key and sources.sign = -1
        and refunds.known_from < sources.known_to and sources.known_from < refunds.known_to
    inner join ledger.documents as invoices
        on refunds.invoice_key = invoices.document_key and invoices.sign = 1 and sources.currency = invoices.currency
        and refunds.known_from < invoices.known_to and invoices.known_from < refunds.known_to
),

live as (
    select asked.* from asked where effective_from < effective_to and known_from < known_to
),

versions as (
    select document_key as target_key, known_from, known_to from ledger.documents
    union all
    select row_key, known_from, known_to from staging.write_offs
),

targets as (select distinct target_key, kind from live),

knowledge as (
    select target_key, kind, known_from as moment from live
    union
    select target_key, kind, known_to as moment from live
    union
    select targets.target_key, targets.kind, versions.known_from
    from targets inner join versions on targets.target_key = versions.target_key
    union
    select targets.target_key, targets.kind, versions.known_to
    from targets inner join versions on targets.target_key = versions.target_key
),

knowledge_spans as (
    select target_key, kind, moment as known_from, lead(moment) over (partition by target_key order by moment) as known_to
    from knowledge
),

days as (
    select target_key, effective_from as moment from live
    union
    select target_key, effective_to as moment from live
    union
    select target_key, date '0001-01-01' as moment from live
    union
    select target_key, date '9999-12-31' as moment from live
),

day_spans as (
    select target_key, moment as day_from, lead(moment) over (partition by target_key order by moment) as day_to from days
),

-- a span is told by the last of what is live in it
cells as (
    select
        knowledge_spans.target_key, knowledge_spans.kind, day_spans.day_from, day_spans.day_to,
        knowledge_spans.known_from, knowledge_spans.known_to, live.most_amount, live.file_number, live.line,
        sum(live.amount) over (
            partition by knowledge_spans.target_key, knowledge_spans.known_from, day_spans.day_from
        ) as asked_amount,
        row_number() over (
            partition by knowledge_spans.target_key, knowledge_spans.known_from, day_spans.day_from
            order by live.effective_from desc, live.asked_key desc
        ) as newest_first
    from knowledge_spans
    inner join day_spans on knowledge_spans.target_key = day_spans.target_key and day_spans.day_to is not null
    left join live
        on knowledge_spans.target_key = live.target_key
        and live.known_from <= knowledge_spans.known_from and live.known_to >= knowledge_spans.known_to
        and live.effective_from <= day_spans.day_from and live.effective_to >= day_spans.day_to
    where knowledge_spans.known_to is not null
)

select
    target_key,
    kind,
    day_from as effective_from,
    day_to as effective_to,
    cast(coalesce(least(asked_amount, most_amount), 0) as decimal(18, 4)) as reinstated_amount,
    known_from,
    known_to,
    file_number,
    line
from cells
where newest_first = 1
