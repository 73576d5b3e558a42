-- Every application as far as its source has the money for it: what an overdrawn source gives as it is worked out there, all
-- else as it was asked for.
with whole as (
    select
        application_key, entity_id, application_id, source_key, invoice_key, source_document_type, currency, source_currency,
        effective_from, effective_to, ordered_on, applied_amount, discount_taken, withheld_taken, drawn_amount,
        source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.applications
),

cut as (
    select
        application_key, entity_id, application_id, source_key, invoice_key, source_document_type, currency, source_currency,
        effective_from, effective_to, ordered_on, applied_amount, discount_taken, withheld_taken, drawn_amount,
        source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.overdrawn_applications
)

select
    application_key, entity_id, application_id, source_key, invoice_key, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, applied_amount, discount_taken, withheld_taken, drawn_amount,
    source_amount_total, invoice_amount, known_from, known_to, file_number, line
from whole
where not exists (select 1 from cut where cut.source_key = whole.source_key)
union all
select
    application_key, entity_id, application_id, source_key, invoice_key, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, applied_amount, discount_taken, withheld_taken, drawn_amount,
    source_amount_total, invoice_amount, known_from, known_to, file_number, line
from cut
