-- No document that was ever posted has a due date before its own date or beyond the longest terms, settled ones included.
select document_id, 1 as failing_rows, original_amount as amount
from ledger.documents
where known_from <= $known_at and known_to > $known_at and posting_date <= $as_of
    and due_date_flag in ('due_date_before_invoice', 'due_date_beyond_terms')
