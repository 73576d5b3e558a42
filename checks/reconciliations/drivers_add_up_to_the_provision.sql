-- What drove the provision adds up to it, by entity and currency: in the currency of the documents, and where there is a rate, in
-- functional and base currency.
with provisions as (
    select
        entity_id, currency, sum(amount) as amount, sum(amount_functional) as amount_functional, sum(amount_base) as amount_base
    from marts.allowance_rollforward
    where as_of = $as_of and line = 'provision'
    group by entity_id, currency
),

drivers as (
    select
        entity_id, currency, sum(amount) as amount,
        case when count(*) = count(amount_functional) then sum(amount_functional) end as amount_functional,
        case when count(*) = count(amount_base) then sum(amount_base) end as amount_base
    from marts.allowance_attribution
    where as_of = $as_of
    group by entity_id, currency
)

select
    provisions.entity_id as place, 1 as failing_rows,
    cast(coalesce(drivers.amount, 0) - provisions.amount as decimal(38, 4)) as amount
from provisions
left join drivers on provisions.entity_id = drivers.entity_id and provisions.currency = drivers.currency
where coalesce(drivers.amount, 0) <> provisions.amount or drivers.amount_functional <> provisions.amount_functional
    or drivers.amount_base <> provisions.amount_base
