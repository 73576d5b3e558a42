-- Every open item was known by the time that was asked for, and posted by the day.
select items.document_id, 1 as failing_rows, items.open_amount as amount
from ledger.open_items as items
left join ledger.documents as documents
    on items.document_key = documents.document_key
    and documents.known_from <= $known_at and documents.known_to > $known_at
where items.as_of = $as_of and (documents.document_key is null or documents.posting_date > $as_of)
