-- What would have been forecast at each weekly origin before the day, by the model that serves and by every simple rule,
-- beside what came; in base currency, of the whole book.
select
    weeks.origin,
    weeks.horizon_week,
    weeks.scope,
    '' as entity_id,
    weeks.model,
    weeks.actual,
    weeks.mean,
    weeks.p025,
    weeks.p05,
    weeks.p10,
    weeks.p25,
    weeks.p50,
    weeks.p75,
    weeks.p90,
    weeks.p95,
    weeks.p975
from forecasts.origin_weeks as weeks
where weeks.as_of = $as_of
