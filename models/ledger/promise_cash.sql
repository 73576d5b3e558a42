-- Cash by which promises can be kept, by day. What was applied to an invoice keeps the promises about that invoice. A promise
-- about no invoice is kept by the customer's receipts in its currency, less reversals, and less what went to invoices with a
-- promise of their own, so that no cash keeps two promises.
with promised as (
    select distinct invoice_key
    from staging.promises
    where known_from <= $known_at and known_to > $known_at and made_on <= $as_of and invoice_key is not null
        and (withdrawn_on is null or withdrawn_on > $as_of)
),

customers as (
    select distinct entity_id, customer_id
    from staging.promises
    where known_from <= $known_at and known_to > $known_at and made_on <= $as_of and invoice_key is null
        and (withdrawn_on is null or withdrawn_on > $as_of)
),

applied as (
    select cash.invoice_key, accounts.entity_id, accounts.currency, cash.paid_on, cash.applied_amount
    from ledger.cash_applications as cash
    inner join promised on cash.invoice_key = promised.invoice_key
    inner join ledger.accounts as accounts on cash.account_number = accounts.account_number and accounts.as_of = $as_of
    where cash.as_of = $as_of and cash.effective_to > $as_of and cash.paid_on <= $as_of
),

payments as (
    select payments.document_key, payments.entity_id, payments.customer_id, payments.currency, payments.document_date
    from ledger.documents as payments
    inner join customers on payments.entity_id = customers.entity_id and payments.customer_id = customers.customer_id
    where payments.known_from <= $known_at and payments.known_to > $known_at and payments.document_type = 'payment'
        and payments.document_date <= $as_of
),

drawn as (
    select source_key, sum(drawn_amount) as amount
    from ledger.settlements
    where known_from <= $known_at and known_to > $known_at and effective_from <= $as_of and effective_to > $as_of
        and kind = 'applied' and invoice_key in (select promised.invoice_key from promised)
    group by source_key
),

received as (
    select
        payments.document_key, payments.entity_id, payments.customer_id, payments.currency, payments.document_date,
        sum(-postings.amount) as amount
    from payments
    inner join ledger.postings as postings
        on payments.document_key = postings.document_key and postings.kind in ('collected', 'payments_reversed')
    where postings.known_from <= $known_at and postings.known_to > $known_at and postings.effective_date <= $as_of
    group by payments.document_key, payments.entity_id, payments.customer_id, payments.currency, payments.document_date
),

cash as (
    select invoice_key, entity_id, '' as customer_id, currency, paid_on, applied_amount as amount
    from applied
    union all
    select
        cast(null as bigint), received.entity_id, received.customer_id, received.currency, received.document_date,
        greatest(received.amount - coalesce(drawn.amount, 0), 0)
    from received
    left join drawn on received.document_key = drawn.source_key
)

select
    coalesce(invoice_key, 0) as invoice_key,
    entity_id,
    customer_id,
    currency,
    paid_on,
    cast(sum(amount) as decimal(38, 4)) as cash_amount
from cash
group by coalesce(invoice_key, 0), entity_id, customer_id, currency, paid_on
having sum(amount) <> 0
