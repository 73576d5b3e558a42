-- The amount in the entity's own currency of each foreign document that came without one: its amount at the rate of the day on
-- which it was posted.
with documents as (
    select document_key, account_number, posting_date, original_amount
    from ledger.known_documents
    where known_at = $known_at and posting_date <= $as_of and functional_amount is null
),

accounts as (
    select account_number, currency, functional_currency from ledger.accounts where as_of = $as_of
),

rates as (
    select day, from_currency, to_currency, rate from ledger.daily_rates where as_of = $as_of
)

select
    documents.document_key,
    cast(round(cast(documents.original_amount as decimal(20, 4)) * rates.rate * units.minor_scale) * units.smallest_amount
        as decimal(18, 4)) as functional_amount
from documents
inner join accounts on documents.account_number = accounts.account_number
inner join rates
    on documents.posting_date = rates.day and accounts.currency = rates.from_currency
    and accounts.functional_currency = rates.to_currency
inner join staging.currencies as units on accounts.functional_currency = units.currency
