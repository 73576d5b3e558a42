-- Cash of the thirteen weeks ahead, at each level from the same draws: total (all entities in base currency), entity and
-- currency, segment, and the payers that owe most. Quantiles do not add up, so each level has its own and a reader picks one.
-- Of an entity and currency the amount is in that currency at the day's closing rate, and empty where there is none; at the other
-- levels it is the amount in base currency.
with weeks as (
    select
        level, entity_id, currency, segment, payer_key, week_start, week_end, horizon_week, component, statistic, cash
    from forecasts.cash_weeks
    where as_of = $as_of
),

payers as (
    select payer_key, payer_id from features.payers where as_of = $as_of
),

rates as (
    select entity_id, currency, cast(rate as double) as rate from features.base_rates where as_of = $as_of
),

book as (
    select min(base_currency) as base_currency from ledger.entities where as_of = $as_of
),

made as (
    select model from forecasts.made where as_of = $as_of
)

select
    weeks.level,
    weeks.week_start,
    weeks.week_end,
    weeks.horizon_week,
    weeks.entity_id,
    weeks.segment,
    coalesce(payers.payer_id, '') as payer_id,
    case when weeks.level = 'entity' then weeks.currency else coalesce(book.base_currency, '') end as currency,
    weeks.component,
    weeks.statistic,
    cast(case
        when weeks.level = 'entity' and (rates.rate is null or weeks.currency <> book.base_currency)
            then cast(cast(weeks.cash as double) / nullif(rates.rate, 0) as decimal(38, 4))
        else weeks.cash
    end as decimal(38, 4)) as amount,
    case when weeks.level <> 'entity' or rates.rate is not null then weeks.cash end as amount_base,
    coalesce(book.base_currency, '') as base_currency,
    made.model
from weeks
cross join book
cross join made
left join payers on weeks.payer_key = payers.payer_key
left join rates on weeks.entity_id = rates.entity_id and weeks.currency = rates.currency
