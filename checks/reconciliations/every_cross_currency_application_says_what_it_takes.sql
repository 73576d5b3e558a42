-- Every application between two currencies says what it takes from its source; one that does not stays unapplied.
select asked.application_id, 1 as failing_rows, asked.amount
from staging.applications as asked
inner join ledger.documents as sources
    on asked.source_key = sources.document_key and sources.known_from <= $known_at and sources.known_to > $known_at
inner join ledger.documents as invoices
    on asked.invoice_key = invoices.document_key and invoices.known_from <= $known_at and invoices.known_to > $known_at
where asked.known_from <= $known_at and asked.known_to > $known_at
    and asked.source_amount is null and sources.currency <> invoices.currency
