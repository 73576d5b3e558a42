-- No invoice is paid, or credited, by a document dated before its own; the money of one that is waits unapplied until then.
select settlements.claim_id, 1 as failing_rows, settlements.applied_amount as amount
from ledger.settlements as settlements
inner join ledger.documents as sources
    on settlements.source_key = sources.document_key
    and sources.known_from <= $known_at and sources.known_to > $known_at
inner join ledger.documents as invoices
    on settlements.invoice_key = invoices.document_key
    and invoices.known_from <= $known_at and invoices.known_to > $known_at
where settlements.known_from <= $known_at and settlements.known_to > $known_at
    and settlements.effective_from <= $as_of and settlements.effective_to > $as_of
    and sources.document_date < invoices.document_date
