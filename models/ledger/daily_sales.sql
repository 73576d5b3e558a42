-- Sales of each day: what was billed, tax included (as receivables include it), less credit memos in the month of their
-- posting; a void takes its document back on the day of the void. Related parties stand apart.
with documents as (
    select entity_id, currency, customer_id, sign, posting_date, voided_on, original_amount
    from ledger.documents
    where document_type <> 'payment' and known_from <= $known_at and known_to > $known_at
        and (voided_on is null or voided_on > posting_date)
),

events as (
    select entity_id, currency, customer_id, posting_date as effective_date, sign * original_amount as amount
    from documents
    where posting_date <= $as_of
    union all
    select entity_id, currency, customer_id, voided_on, -sign * original_amount
    from documents
    where voided_on <= $as_of
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
