-- Cash of the days of the thirteen weeks ahead, in base currency: in total, and of each entity and currency.
select
    cash_days.level,
    cash_days.day as date,
    cash_days.entity_id,
    cash_days.currency,
    cash_days.component,
    cash_days.mean,
    cash_days.p10,
    cash_days.p50,
    cash_days.p90,
    'empirical_bayes' as model
from forecasts.cash_days as cash_days
where cash_days.as_of = $as_of
