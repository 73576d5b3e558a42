-- What took off each invoice in each month without paying it. A write-off for credit is a loss, and one that names no reason
-- counts as such; what is recovered of one, or reversed, is a loss no longer. Any other write-off, a credit memo, a void and a
-- discount are dilution: less was owed than was billed.
with postings as (
    select document_key, counter_key, year(effective_date) * 12 + month(effective_date) as month_number, kind, amount,
        file_number, line
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at and effective_date <= $as_of
        and kind in ('written_off', 'write_offs_reversed', 'recovered', 'voided', 'applied', 'discounts')
),

invoices as (
    select document_key from ledger.known_documents where known_at = $known_at and sign = 1
),

credit_memos as (
    select document_key from ledger.known_documents where known_at = $known_at and document_type = 'credit_memo'
),

reasons as (
    select invoice_key, file_number, line, max(coalesce(reason, 'credit')) as reason
    from staging.write_offs
    where known_from <= $known_at and known_to > $known_at and invoice_key is not null
    group by invoice_key, file_number, line
),

told as (
    select
        postings.document_key, postings.month_number, postings.kind, postings.amount,
        coalesce(reasons.reason, 'credit') as reason
    from postings
    left join reasons
        on postings.document_key = reasons.invoice_key and postings.file_number = reasons.file_number
        and postings.line = reasons.line
    left join credit_memos on postings.counter_key = credit_memos.document_key
    where postings.kind <> 'applied' or credit_memos.document_key is not null
)

select
    told.document_key,
    cast(told.month_number as integer) as month_number,
    cast(-sum(case when kind in ('written_off', 'write_offs_reversed') and reason = 'credit' then amount else 0 end)
        as decimal(38, 4)) as written_off,
    cast(sum(case when kind = 'recovered' and reason = 'credit' then amount else 0 end) as decimal(38, 4)) as recovered,
    cast(-sum(case
        when kind in ('voided', 'applied', 'discounts') or reason <> 'credit' then amount else 0
    end) as decimal(38, 4)) as diluted
from told
inner join invoices on told.document_key = invoices.document_key
group by told.document_key, told.month_number
