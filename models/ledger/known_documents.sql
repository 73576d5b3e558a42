-- Every document as known at the time, in dates, numbers and amounts alone: whose it is, its account says. What is known of it at
-- other times is in `ledger.documents`.
with documents as (
    select
        document_key, entity_id, customer_id, coalesce(payer_id, '') as named_payer_id, currency,
        coalesce(ar_account, '') as ar_account, document_type, sign, document_date, posting_date, due_date, aged_from,
        original_amount, functional_amount
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at
),

accounts as (
    select account_number, entity_id, customer_id, named_payer_id, currency, ar_account
    from ledger.known_accounts
    where known_at = $known_at
)

select
    documents.document_key,
    accounts.account_number,
    documents.document_type,
    documents.sign,
    documents.document_date,
    documents.posting_date,
    documents.due_date,
    documents.aged_from,
    documents.original_amount,
    documents.functional_amount,
    $known_at as known_at
from documents
inner join accounts
    on documents.entity_id = accounts.entity_id and documents.customer_id = accounts.customer_id
    and documents.named_payer_id = accounts.named_payer_id and documents.currency = accounts.currency
    and documents.ar_account = accounts.ar_account
