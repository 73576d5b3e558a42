-- Of the weeks of the backtest, 80 % intervals of the served model held between 65 and 95 %, in each scope.
with made as (
    select model from forecasts.made where as_of = $as_of
)

select accuracy.scope, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from forecasts.accuracy as accuracy
inner join made on accuracy.model = made.model
where accuracy.as_of = $as_of and accuracy.grain = 'week' and accuracy.horizon_weeks = '1-13'
    and (accuracy.coverage_80 < 0.65 or accuracy.coverage_80 > 0.95)
