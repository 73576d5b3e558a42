-- The served model has a lower error over one to four weeks than the best of the simple rules, in each scope.
select scope, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from forecasts.accuracy
where as_of = $as_of and model = 'empirical_bayes' and horizon_weeks = '1-4' and ratio >= 1
