-- Open items add up to the postings by entity and currency, in every cent.
with postings as (
    select documents.entity_id, documents.currency, sum(postings.amount) as amount
    from ledger.postings as postings
    inner join ledger.documents as documents
        on postings.document_key = documents.document_key
        and documents.known_from <= $known_at and documents.known_to > $known_at
    where postings.effective_date <= $as_of and postings.known_from <= $known_at and postings.known_to > $known_at
    group by documents.entity_id, documents.currency
),

items as (
    select entity_id, currency, sum(open_amount) as amount
    from ledger.open_items
    where as_of = $as_of
    group by entity_id, currency
)

select
    coalesce(postings.entity_id, items.entity_id) as entity_id, 1 as failing_rows,
    coalesce(items.amount, 0) - coalesce(postings.amount, 0) as amount
from postings
full outer join items on postings.entity_id = items.entity_id and postings.currency = items.currency
where coalesce(items.amount, 0) <> coalesce(postings.amount, 0)
