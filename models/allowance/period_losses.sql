-- What was written off for credit, and recovered, since the allowance's opening, by pool: what the ledger knows of its
-- roll-forward. Without an opening, since the end of the month before.
with opening as (
    select max(period_end) as period_end from allowance.openings where as_of = $as_of
),

opened as (
    select coalesce(opening.period_end, months.month_start - 1) as period_end
    from opening
    inner join staging.months as months on months.month_start <= $as_of and months.month_end >= $as_of
),

postings as (
    select postings.document_key, postings.kind, postings.amount, postings.file_number, postings.line
    from ledger.postings as postings
    cross join opened
    where postings.known_from <= $known_at and postings.known_to > $known_at
        and postings.effective_date > opened.period_end and postings.effective_date <= $as_of
        and postings.kind in ('written_off', 'write_offs_reversed', 'recovered')
),

reasons as (
    select invoice_key, file_number, line, max(coalesce(reason, 'credit')) as reason
    from staging.write_offs
    where known_from <= $known_at and known_to > $known_at and invoice_key is not null
    group by invoice_key, file_number, line
),

told as (
    select postings.document_key, postings.kind, postings.amount
    from postings
    left join reasons
        on postings.document_key = reasons.invoice_key and postings.file_number = reasons.file_number
        and postings.line = reasons.line
    where coalesce(reasons.reason, 'credit') = 'credit'
)

select
    documents.entity_id,
    documents.currency,
    members.pool,
    cast(-sum(case when told.kind <> 'recovered' then told.amount else 0 end) as decimal(38, 4)) as written_off,
    cast(sum(case when told.kind = 'recovered' then told.amount else 0 end) as decimal(38, 4)) as recovered
from told
inner join ledger.documents as documents
    on told.document_key = documents.document_key and documents.sign = 1
    and documents.known_from <= $known_at and documents.known_to > $known_at
inner join allowance.pool_members as members
    on documents.entity_id = members.entity_id and documents.customer_id = members.customer_id and members.as_of = $as_of
group by documents.entity_id, documents.currency, members.pool
