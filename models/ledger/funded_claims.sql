-- Every claim as far as its source has the money for it: what an overdrawn source gives as it is worked out there, all else as
-- it was asked for.
with whole as (
    select
        claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency,
        source_currency, effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken,
        recovered_amount, drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.claims
),

cut as (
    select
        claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency,
        source_currency, effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken,
        recovered_amount, drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.overdrawn_claims
)

select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken, recovered_amount,
    drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
from whole
where not exists (select 1 from cut where cut.source_key = whole.source_key)
union all
select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, reversed_on, applied_amount, discount_taken, withheld_taken, recovered_amount,
    drawn_amount, source_amount_total, invoice_amount, known_from, known_to, file_number, line
from cut
