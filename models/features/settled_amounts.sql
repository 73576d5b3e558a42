-- What settled the receivables of each payer that were settled within a year, by how it was settled, in the base currency at the
-- day's closing rate. An invoice in parts counts once; what has no rate is left out.
with settled as (
    select distinct payer_key, document_key, entity_id, currency
    from features.receivable_spells
    where as_of = $as_of and settled_date > $as_of - 365
),

amounts as (
    select
        document_key, cast(cash_settled as decimal(20, 4)) as cash, cast(credit_settled as decimal(20, 4)) as credit,
        cast(discount_settled as decimal(20, 4)) as discount, cast(write_off_settled as decimal(20, 4)) as write_off
    from features.spell_amounts
    where as_of = $as_of
)

select
    settled.payer_key,
    cast(sum(cast(round(amounts.cash * rates.rate, 4) as decimal(28, 4))) as decimal(38, 4)) as cash_settled,
    cast(sum(cast(round(amounts.credit * rates.rate, 4) as decimal(28, 4))) as decimal(38, 4)) as credit_settled,
    cast(sum(cast(round(amounts.discount * rates.rate, 4) as decimal(28, 4))) as decimal(38, 4)) as discount_settled,
    cast(sum(cast(round(amounts.write_off * rates.rate, 4) as decimal(28, 4))) as decimal(38, 4)) as write_off_settled
from settled
inner join amounts on settled.document_key = amounts.document_key
inner join features.base_rates as rates
    on settled.entity_id = rates.entity_id and settled.currency = rates.currency and rates.as_of = $as_of
group by settled.payer_key
