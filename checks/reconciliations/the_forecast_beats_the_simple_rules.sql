-- The served model has a lower error over one to four weeks than the best of the simple rules, in each scope.
with made as (
    select model from forecasts.made where as_of = $as_of
)

select accuracy.scope, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from forecasts.accuracy as accuracy
inner join made on accuracy.model = made.model
where accuracy.as_of = $as_of and accuracy.grain = 'week' and accuracy.horizon_weeks = '1-4' and accuracy.ratio >= 1
