-- What was received each day by entity, collector and currency: posted payments by their own dates, unapplied ones included, less
-- what came back on the day it did. Base amounts are at the closing rate of the day of the run; empty where there is none.
with documents as (
    select
        documents.document_key, documents.entity_id, documents.currency, documents.document_date,
        coalesce(customers.collector, '') as collector
    from ledger.documents as documents
    left join ledger.customers as customers on documents.customer_id = customers.customer_id and customers.as_of = $as_of
    where documents.known_from <= $known_at and documents.known_to > $known_at and documents.document_type = 'payment'
        and documents.posting_date <= $as_of
),

moved as (
    select
        documents.entity_id, documents.collector, documents.currency, -postings.amount as amount,
        case when postings.kind = 'collected' then documents.document_date else postings.effective_date end as received_on
    from ledger.postings as postings
    inner join documents on postings.document_key = documents.document_key
    where postings.known_from <= $known_at and postings.known_to > $known_at and postings.effective_date <= $as_of
        and postings.kind in ('collected', 'payments_reversed')
),

daily as (
    select entity_id, collector, currency, received_on, sum(amount) as amount
    from moved
    group by entity_id, collector, currency, received_on
)

select
    daily.entity_id,
    daily.collector,
    daily.currency,
    daily.received_on,
    cast(daily.amount as decimal(38, 4)) as amount,
    cast(round(cast(daily.amount as decimal(20, 4)) * rates.rate, 4) as decimal(38, 4)) as amount_base
from daily
left join features.base_rates as rates
    on daily.entity_id = rates.entity_id and daily.currency = rates.currency and rates.as_of = $as_of
