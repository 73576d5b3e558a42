-- What each day added to receivables and took off them, by kind, control account and side. In the entity's own currency a
-- document moves at its booking rate, so that what is left of it is always its share of what was booked; in the base currency,
-- at the rate of the day, where nothing is nothing without any rate.
with documents as (
    select
        told.document_key, told.entity_id, told.currency, coalesce(told.ar_account, '') as ar_account, told.sign,
        told.original_amount, entities.functional_currency, entities.base_currency,
        coalesce(told.functional_amount, booked.functional_amount) as functional_amount
    from ledger.documents as told
    left join ledger.entities as entities on told.entity_id = entities.entity_id and entities.as_of = $as_of
    left join ledger.booked_amounts as booked on told.document_key = booked.document_key and booked.as_of = $as_of
    where told.known_from <= $known_at and told.known_to > $known_at
),

postings as (
    select document_key, effective_date, kind, amount
    from ledger.postings
    where effective_date <= $as_of and known_from <= $known_at and known_to > $known_at
),

home as (
    select
        documents.entity_id, documents.currency, documents.ar_account, documents.sign, documents.functional_currency,
        documents.base_currency,
        postings.effective_date, postings.kind, sum(postings.amount) as amount, sum(postings.amount) as amount_functional
    from postings
    inner join documents on postings.document_key = documents.document_key
    where documents.currency = documents.functional_currency
    group by
        documents.entity_id, documents.currency, documents.ar_account, documents.sign, documents.functional_currency,
        documents.base_currency,
        postings.effective_date, postings.kind
),

steps as (
    select postings.document_key, postings.effective_date, postings.kind, sum(postings.amount) as amount
    from postings
    inner join documents on postings.document_key = documents.document_key
    where documents.functional_currency is null or documents.currency <> documents.functional_currency
    group by postings.document_key, postings.effective_date, postings.kind
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
        documents.entity_id, documents.currency, documents.ar_account, documents.sign, documents.functional_currency,
        documents.base_currency,
        standing.document_key, standing.effective_date, standing.kind, standing.amount,
        cast(round(cast(cast(documents.functional_amount as double) * cast(standing.open_amount as double)
            / cast(documents.original_amount as double) * units.minor_scale as decimal(28, 6)
        )) * units.smallest_amount as decimal(38, 4)) as open_functional,
        cast(round(cast(cast(documents.functional_amount as double) * cast(standing.open_amount - standing.amount as double)
            / cast(documents.original_amount as double) * units.minor_scale as decimal(28, 6)
        )) * units.smallest_amount as decimal(38, 4)) as before_functional
    from standing
    inner join documents on standing.document_key = documents.document_key
    left join staging.currencies as units on documents.functional_currency = units.currency
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
