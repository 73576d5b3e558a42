-- The amount in the entity's own currency of each foreign document that came without one: its amount at the rate of the day on
-- which it was posted.
with documents as (
    select document_key, entity_id, currency, posting_date, original_amount
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at and posting_date <= $as_of and functional_amount is null
),

entities as (
    select entity_id, functional_currency from ledger.entities where as_of = $as_of
),

rates as (
    select day, from_currency, to_currency, rate from ledger.daily_rates where as_of = $as_of
)

select
    documents.document_key,
    cast(round(cast(documents.original_amount as decimal(20, 4)) * rates.rate * units.minor_scale) * units.smallest_amount
        as decimal(18, 4)) as functional_amount
from documents
inner join entities on documents.entity_id = entities.entity_id
inner join rates
    on documents.posting_date = rates.day and documents.currency = rates.from_currency
    and entities.functional_currency = rates.to_currency
inner join staging.currencies as units on entities.functional_currency = units.currency
