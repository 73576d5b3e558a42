-- Sales of each day, as the policy counts them for DSO. Billings: what was billed, tax included (as receivables include it),
-- less credit memos where they are posted, or, as far as they are applied, where their invoice is; a void takes its document
-- back on the day of the void. Revenue: what the feed says, on the last day of its period. Related parties stand apart.
with documents as (
    select document_key, document_type, entity_id, currency, customer_id, sign, posting_date, voided_on, original_amount
    from ledger.documents
    where document_type <> 'payment' and known_from <= $known_at and known_to > $known_at
        and (voided_on is null or voided_on > posting_date)
),

-- what a credit memo took off an invoice, where the policy counts it in the month in which that was billed
moved as (
    select memos.entity_id, memos.currency, memos.customer_id, memos.posting_date, invoices.posting_date as billed_on,
        settlements.drawn_amount as amount
    from ledger.settlements as settlements
    inner join staging.policy as policy on policy.credit_treatment = 'invoice_month'
    inner join documents as memos on settlements.source_key = memos.document_key and memos.document_type = 'credit_memo'
    inner join documents as invoices on settlements.invoice_key = invoices.document_key
    where settlements.known_from <= $known_at and settlements.known_to > $known_at
        and settlements.effective_from <= $as_of and settlements.effective_to > $as_of
),

billed as (
    select entity_id, currency, customer_id, posting_date as effective_date, sign * original_amount as amount
    from documents
    where posting_date <= $as_of
    union all
    select entity_id, currency, customer_id, voided_on, -sign * original_amount
    from documents
    where voided_on <= $as_of
    union all
    select entity_id, currency, customer_id, posting_date, amount from moved
    union all
    select entity_id, currency, customer_id, billed_on, -amount from moved
),

events as (
    select billed.entity_id, billed.currency, billed.customer_id, billed.effective_date, billed.amount
    from billed
    inner join staging.policy as policy on policy.sales_basis = 'billings'
    union all
    select revenue.entity_id, revenue.currency, cast(null as text), revenue.period_end, revenue.amount
    from staging.revenue as revenue
    inner join staging.policy as policy on policy.sales_basis = 'revenue'
    where revenue.known_from <= $known_at and revenue.known_to > $known_at and revenue.period_end <= $as_of
),

customers as (
    select customer_id, related_party from ledger.customers where as_of = $as_of
)

select
    events.entity_id,
    events.currency,
    events.effective_date,
    coalesce(customers.related_party, false) as related_party,
    cast(sum(events.amount) as decimal(38, 4)) as sales
from events
left join customers on events.customer_id = customers.customer_id
group by events.entity_id, events.currency, events.effective_date, coalesce(customers.related_party, false)
