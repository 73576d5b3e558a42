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
    select document_key, entity_id, customer_id, payer_id, currency, document_date, coalesce(due_date, aged_from) as due_date
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at and sign = 1
),

payments as (
    select document_key, document_date as paid_on
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at and document_type = 'payment'
),

customers as (
    select customer_id, payer_id, segment, collector, terms_days, related_party from ledger.customers where as_of = $as_of
),

dated as (
    select
        settlements.*, invoices.entity_id, invoices.customer_id, invoices.currency, invoices.document_date, payments.paid_on,
        coalesce(invoices.payer_id, customers.payer_id, invoices.customer_id) as payer_id,
        coalesce(customers.segment, '') as segment, coalesce(customers.collector, '') as collector,
        coalesce(customers.related_party, false) as related_party,
        coalesce(invoices.due_date, case policy.no_due_date
            when 'terms' then invoices.document_date + coalesce(customers.terms_days, policy.default_terms_days)
        end) as due_date
    from settlements
    inner join invoices on settlements.invoice_key = invoices.document_key
    inner join payments on settlements.source_key = payments.document_key
    left join customers on invoices.customer_id = customers.customer_id
    cross join staging.policy as policy
)

select
    claim_key,
    source_key,
    invoice_key,
    entity_id,
    customer_id,
    payer_id,
    segment,
    collector,
    related_party,
    currency,
    ordered_on,
    effective_from,
    effective_to,
    paid_on,
    applied_amount,
    cast(date_diff('day', document_date, paid_on) as integer) as days_to_pay,
    cast(date_diff('day', document_date, due_date) as integer) as terms_days,
    cast(date_diff('day', due_date, paid_on) as integer) as days_beyond_terms
from dated
