-- Everything that asks something of a source, of an invoice, or of both, while it and its documents count: applications, refunds,
-- write-offs, and the settlement of recoveries.
select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken, recovered_amount,
    drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
from ledger.applications
union all
select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken, recovered_amount,
    drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
from ledger.source_claims
union all
select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken, recovered_amount,
    drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
from ledger.invoice_claims
