-- What payers were billed and what was collected of them, over all months, equals the postings of billings, voids, receipts and
-- their reversals, by entity and currency.
with payers as (
    select entity_id, currency, sum(billed_amount) as billed, sum(collected_amount) as collected
    from marts.payer_monthly
    where as_of = $as_of
    group by entity_id, currency
),

documents as (
    select document_key, entity_id, currency, sign
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at
),

posted as (
    select
        documents.entity_id, documents.currency,
        sum(case when documents.sign = 1 and postings.kind in ('invoiced', 'voided') then postings.amount else 0 end) as billed,
        sum(case when postings.kind in ('collected', 'payments_reversed') then -postings.amount else 0 end) as collected
    from ledger.postings as postings
    inner join documents on postings.document_key = documents.document_key
    where postings.effective_date <= $as_of and postings.known_from <= $known_at and postings.known_to > $known_at
    group by documents.entity_id, documents.currency
)

select
    posted.entity_id, 1 as failing_rows, coalesce(payers.collected, 0) - posted.collected as amount
from posted
left join payers on posted.entity_id = payers.entity_id and posted.currency = payers.currency
where coalesce(payers.billed, 0) <> posted.billed or coalesce(payers.collected, 0) <> posted.collected
