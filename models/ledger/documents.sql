-- Every document that customers owe or that settles what they owe: invoices and debit memos count +1,
-- payments and credit memos -1. Drafts, pending and failed payments are not documents. A due date before the
-- invoice date, or beyond the longest terms, is a mistake: it is flagged and counts as missing.
with policy as (
    select use_revised_due_date, longest_terms_days, basis, no_due_date from staging.policy
),

invoices as (
    select
        row_key, entity_id, invoice_id, document_type, customer_id, payer_id, currency, invoice_date,
        coalesce(posting_date, invoice_date) as posting_date,
        case when use_revised_due_date then due_date else coalesce(original_due_date, due_date) end as due_date,
        case when status = 'void' then coalesce(voided_on, posting_date, invoice_date) else voided_on end as voided_on,
        amount, functional_amount, ar_account, known_from, known_to, file_number, line, longest_terms_days
    from staging.invoices
    cross join policy
    where status <> 'draft'
),

credit_memos as (
    select
        row_key, entity_id, credit_memo_id, customer_id, currency, credit_date,
        coalesce(posting_date, credit_date) as posting_date, due_date,
        case when status = 'void' then coalesce(voided_on, posting_date, credit_date) else voided_on end as voided_on,
        amount, functional_amount, ar_account, known_from, known_to, file_number, line, longest_terms_days
    from staging.credit_memos
    cross join policy
    where status <> 'draft'
),

payments as (
    select
        row_key, entity_id, payment_id, customer_id, currency, payment_date,
        coalesce(posting_date, payment_date) as posting_date,
        amount, functional_amount, ar_account, known_from, known_to, file_number, line
    from staging.payments
    where status = 'posted'
),

documents as (
    select
        row_key, entity_id, invoice_id as document_id, document_type, 1 as sign, customer_id, payer_id, currency,
        invoice_date as document_date, posting_date, due_date, longest_terms_days, voided_on,
        amount, functional_amount, ar_account, known_from, known_to, file_number, line
    from invoices
    union all
    select
        row_key, entity_id, credit_memo_id, 'credit_memo', -1, customer_id, null, currency,
        credit_date, posting_date, due_date, longest_terms_days, voided_on,
        amount, functional_amount, ar_account, known_from, known_to, file_number, line
    from credit_memos
    union all
    select
        row_key, entity_id, payment_id, 'payment', -1, customer_id, null, currency,
        payment_date, posting_date, null, null, null,
        amount, functional_amount, ar_account, known_from, known_to, file_number, line
    from payments
),

dated as (
    select
        row_key, entity_id, document_id, document_type, sign, customer_id, payer_id, currency,
        document_date, posting_date, due_date, voided_on,
        amount, functional_amount, ar_account, known_from, known_to, file_number, line,
        case
            when due_date is null and sign = 1 then 'due_date_missing'
            when due_date < document_date then 'due_date_before_invoice'
            when due_date > document_date + longest_terms_days then 'due_date_beyond_terms'
        end as due_date_flag
    from documents
)

select
    row_key as document_key,
    entity_id,
    document_id,
    document_type,
    sign,
    customer_id,
    payer_id,
    currency,
    document_date,
    posting_date,
    case when due_date_flag is null then due_date end as due_date,
    due_date_flag,
    case
        when sign = -1 then coalesce(case when due_date_flag is null then due_date end, document_date)
        when basis = 'invoice_date' then document_date
        when due_date_flag is null then due_date
        when no_due_date = 'invoice_date' then document_date
    end as aged_from,
    voided_on,
    amount as original_amount,
    functional_amount,
    ar_account,
    known_from,
    known_to,
    file_number,
    line
from dated
cross join policy
