-- What was received each day by entity, collector and currency: posted payments by their own dates, unapplied ones included, less
-- what came back on the day it did. Base amounts are at the closing rate of the day of the run; empty where there is none.
with moved as (
    select
        accounts.entity_id, accounts.collector, accounts.currency, -postings.amount as amount,
        case when postings.kind = 'collected' then documents.document_date else postings.effective_date end as received_on
    from ledger.postings as postings
    inner join ledger.known_documents as documents
        on postings.document_key = documents.document_key and documents.known_at = $known_at
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where postings.known_from <= $known_at and postings.known_to > $known_at and postings.effective_date <= $as_of
        and postings.kind in ('collected', 'payments_reversed')
        and documents.document_type = 'payment' and documents.posting_date <= $as_of
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
