-- Every claim as far as its source has the money for it and its invoice the room: what goes to an overpaid invoice, and what
-- takes from its source what such an invoice had no room for, as it is worked out there; all else as it was funded. No invoice is
-- ever negative and no source positive.
with whole as (
    select
        claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency,
        source_currency, effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken,
        recovered_amount, drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.funded_claims
),

cut as (
    select
        claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency,
        source_currency, effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken,
        recovered_amount, drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.overpaid_claims
),

refilled as (
    select
        claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency,
        source_currency, effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken,
        recovered_amount, drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.refilled_claims
)

select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken, recovered_amount,
    drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
from whole
where not exists (select 1 from cut where cut.invoice_key = whole.invoice_key)
    and not exists (select 1 from refilled where refilled.claim_key = whole.claim_key)
union all
select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken, recovered_amount,
    drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
from cut
union all
select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken, recovered_amount,
    drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
from refilled
