-- What settled each invoice by the day, by how it was settled: cash, credit memos (a void counts as one), discounts and tax
-- withheld, and write-offs; and the day on which anything last changed about it.
with documents as (
    select document_key, sign, document_type
    from ledger.known_documents
    where known_at = $known_at
),

postings as (
    select document_key, counter_key, effective_date, kind, amount
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at and effective_date <= $as_of
        and kind not in ('collected', 'credited', 'before_history')
)

select
    postings.document_key,
    max(postings.effective_date) as last_changed_on,
    cast(sum(postings.amount) as decimal(38, 4)) as open_amount,
    cast(-sum(case when postings.kind = 'applied' and sources.document_type = 'payment' then postings.amount else 0 end)
        as decimal(38, 4)) as cash_settled,
    cast(-sum(case
        when postings.kind = 'voided' then postings.amount
        when postings.kind = 'applied' and sources.document_type = 'credit_memo' then postings.amount
        else 0
    end) as decimal(38, 4)) as credit_settled,
    cast(-sum(case when postings.kind in ('discounts', 'withheld') then postings.amount else 0 end) as decimal(38, 4))
        as discount_settled,
    cast(-sum(case when postings.kind in ('written_off', 'write_offs_reversed', 'recovered') then postings.amount else 0 end)
        as decimal(38, 4)) as write_off_settled
from postings
inner join documents on postings.document_key = documents.document_key and documents.sign = 1
left join documents as sources on postings.counter_key = sources.document_key
group by postings.document_key
