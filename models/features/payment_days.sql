-- The days on which each payer paid entities of a calendar, by the payments' own dates: how many payments came, and what they
-- brought in the base currency at the day's closing rate (nothing where there is no rate). The payer is that of the customer
-- who paid; one without an invoice by the day is left out. A payment that came back was made all the same.
with rates as (
    select entity_id, currency, rate from features.base_rates where as_of = $as_of
),

payments as (
    select accounts.entity_id, accounts.payer_id, accounts.currency, documents.document_date, documents.original_amount
    from ledger.known_documents as documents
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where documents.known_at = $known_at and documents.document_type = 'payment'
        and documents.document_date <= $as_of and documents.posting_date <= $as_of
),

converted as (
    select
        payments.payer_id, payments.document_date, coalesce(calendars.calendar_number, 0) as calendar_number,
        cast(round(cast(payments.original_amount as decimal(20, 4)) * rates.rate, 4) as decimal(28, 4)) as amount
    from payments
    left join staging.entity_calendars as calendars on payments.entity_id = calendars.entity_id
    left join rates on payments.entity_id = rates.entity_id and payments.currency = rates.currency
)

select
    payers.payer_key,
    converted.calendar_number,
    converted.document_date as payment_date,
    count(*) as payment_count,
    cast(coalesce(sum(converted.amount), 0) as decimal(38, 4)) as amount_base
from converted
inner join features.payers as payers on converted.payer_id = payers.payer_id and payers.as_of = $as_of
group by payers.payer_key, converted.calendar_number, converted.document_date
