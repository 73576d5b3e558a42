-- Every application of cash to an invoice by the day, with how long the money took: days to pay run from the invoice's date to
-- the payment's, terms from the invoice's date to its due date, and days beyond terms are the difference, negative where it
-- came early. An invoice without a believable due date is due when the policy ages it from; where that is never, it has no terms.
with settlements as (
    select claim_key, source_key, invoice_key, ordered_on, effective_from, effective_to, applied_amount
    from ledger.settlements
    where known_from <= $known_at and known_to > $known_at and effective_from <= $as_of
        and kind = 'applied' and source_document_type = 'payment' and invoice_key is not null and applied_amount <> 0
),

invoices as (
    select
        documents.document_key, documents.account_number, documents.document_date,
        coalesce(documents.due_date, documents.aged_from, documents.document_date + accounts.aging_terms_days) as due_date
    from ledger.known_documents as documents
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where documents.known_at = $known_at and documents.sign = 1
),

payments as (
    select document_key, document_date as paid_on
    from ledger.known_documents
    where known_at = $known_at and document_type = 'payment'
)

select
    settlements.claim_key,
    settlements.source_key,
    settlements.invoice_key,
    invoices.account_number,
    settlements.ordered_on,
    settlements.effective_from,
    settlements.effective_to,
    payments.paid_on,
    settlements.applied_amount,
    cast(date_diff('day', invoices.document_date, payments.paid_on) as integer) as days_to_pay,
    cast(date_diff('day', invoices.document_date, invoices.due_date) as integer) as terms_days,
    cast(date_diff('day', invoices.due_date, payments.paid_on) as integer) as days_beyond_terms
from settlements
inner join invoices on settlements.invoice_key = invoices.document_key
inner join payments on settlements.source_key = payments.document_key
