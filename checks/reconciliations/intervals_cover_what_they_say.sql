-- Of the weeks of the backtest, 80 % intervals of the served model held between 65 and 95 %, in each scope.
select scope, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from forecasts.accuracy
where as_of = $as_of and model = 'empirical_bayes' and horizon_weeks = '1-13' and (coverage_80 < 0.65 or coverage_80 > 0.95)
