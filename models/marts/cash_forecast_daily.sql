-- Cash of the days of the thirteen weeks ahead, in total in base currency, and of each entity and currency in that, at the day's
-- closing rate; empty where there is none.
with rates as (
    select entity_id, currency, cast(rate as double) as rate from features.base_rates where as_of = $as_of
),

book as (
    select coalesce(min(base_currency), '') as base_currency from ledger.entities where as_of = $as_of
),

made as (
    select model from forecasts.made where as_of = $as_of
),

converted as (
    select
        days.*, book.base_currency, made.model,
        case when days.level <> 'entity' or days.currency = book.base_currency then 1 else rates.rate end as rate
    from forecasts.cash_days as days
    cross join book
    cross join made
    left join rates on days.entity_id = rates.entity_id and days.currency = rates.currency
    where days.as_of = $as_of
)

select
    level,
    day as date,
    entity_id,
    case when level = 'entity' then currency else base_currency end as currency,
    component,
    cast(cast(mean as double) / nullif(rate, 0) as decimal(38, 4)) as mean,
    cast(cast(p10 as double) / nullif(rate, 0) as decimal(38, 4)) as p10,
    cast(cast(p50 as double) / nullif(rate, 0) as decimal(38, 4)) as p50,
    cast(cast(p90 as double) / nullif(rate, 0) as decimal(38, 4)) as p90,
    cast(case when rate is not null then mean end as decimal(38, 4)) as mean_base,
    base_currency,
    model
from converted
