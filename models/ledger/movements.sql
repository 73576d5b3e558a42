-- What each day added to receivables and took off them, by kind, control account and side. In the entity's own currency a
-- document moves at its booking rate, so that what is left of it is always its share of what was booked; in the base currency,
-- at the rate of the day, where nothing is nothing without any rate.
with accounts as (
    select account_number, entity_id, currency, ar_account, functional_currency, base_currency
    from ledger.accounts
    where as_of = $as_of
),

postings as (
    select
        postings.document_key, documents.account_number, documents.sign, postings.effective_date, postings.kind, postings.amount
    from ledger.postings as postings
    inner join ledger.known_documents as documents
        on postings.document_key = documents.document_key and documents.known_at = $known_at
    where postings.known_from <= $known_at and postings.known_to > $known_at and postings.effective_date <= $as_of
),

home as (
    select
        accounts.entity_id, accounts.currency, accounts.ar_account, postings.sign, accounts.functional_currency,
        accounts.base_currency,
        postings.effective_date, postings.kind, sum(postings.amount) as amount, sum(postings.amount) as amount_functional
    from postings
    inner join accounts on postings.account_number = accounts.account_number
    where accounts.currency = accounts.functional_currency
    group by
        accounts.entity_id, accounts.currency, accounts.ar_account, postings.sign, accounts.functional_currency,
        accounts.base_currency,
        postings.effective_date, postings.kind
),

steps as (
    select
        postings.document_key, postings.account_number, postings.sign, postings.effective_date, postings.kind,
        sum(postings.amount) as amount
    from postings
    inner join accounts on postings.account_number = accounts.account_number
    where accounts.functional_currency is null or accounts.currency <> accounts.functional_currency
    group by postings.document_key, postings.account_number, postings.sign, postings.effective_date, postings.kind
),

booked as (
    select
        told.document_key, told.original_amount,
        coalesce(told.functional_amount, converted.functional_amount) as functional_amount
    from ledger.known_documents as told
    left join ledger.booked_amounts as converted on told.document_key = converted.document_key and converted.as_of = $as_of
    where told.known_at = $known_at and (told.functional_amount is not null or converted.functional_amount is not null)
),

standing as (
    select
        steps.*,
        sum(amount) over (
            partition by document_key order by effective_date, kind rows between unbounded preceding and current row
        ) as open_amount
    from steps
),

shares as (
    select
        accounts.entity_id, accounts.currency, accounts.ar_account, standing.sign, accounts.functional_currency,
        accounts.base_currency,
        standing.document_key, standing.effective_date, standing.kind, standing.amount,
        cast(round(cast(cast(booked.functional_amount as double) * cast(standing.open_amount as double)
            / cast(booked.original_amount as double) * units.minor_scale as decimal(28, 6)
        )) * units.smallest_amount as decimal(38, 4)) as open_functional,
        cast(round(cast(cast(booked.functional_amount as double) * cast(standing.open_amount - standing.amount as double)
            / cast(booked.original_amount as double) * units.minor_scale as decimal(28, 6)
        )) * units.smallest_amount as decimal(38, 4)) as before_functional
    from standing
    inner join accounts on standing.account_number = accounts.account_number
    left join booked on standing.document_key = booked.document_key
    left join staging.currencies as units on accounts.functional_currency = units.currency
),

away as (
    select
        entity_id, currency, ar_account, sign, functional_currency, base_currency, effective_date, kind, sum(amount) as amount,
        case when count(*) = count(open_functional) then sum(open_functional - before_functional) end as amount_functional
    from shares
    group by entity_id, currency, ar_account, sign, functional_currency, base_currency, effective_date, kind
),

moved as (
    select entity_id, currency, ar_account, sign, functional_currency, base_currency, effective_date, kind, amount,
        amount_functional
    from home
    union all
    select entity_id, currency, ar_account, sign, functional_currency, base_currency, effective_date, kind, amount,
        amount_functional
    from away
),

rates as (
    select day, from_currency, to_currency, rate from ledger.daily_rates where as_of = $as_of
)

select
    moved.entity_id,
    moved.currency,
    moved.ar_account,
    moved.sign,
    moved.effective_date,
    moved.kind,
    cast(moved.amount as decimal(38, 4)) as amount,
    cast(moved.amount_functional as decimal(38, 4)) as amount_functional,
    moved.functional_currency,
    cast(case
        when moved.currency = moved.base_currency or moved.amount = 0 then moved.amount
        else round(cast(moved.amount as decimal(20, 4)) * rates.rate * units.minor_scale) * units.smallest_amount
    end as decimal(38, 4)) as amount_base,
    moved.base_currency
from moved
left join rates
    on moved.effective_date = rates.day and moved.currency = rates.from_currency and moved.base_currency = rates.to_currency
left join staging.currencies as units on moved.base_currency = units.currency
