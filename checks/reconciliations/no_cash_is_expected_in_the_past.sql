-- No day of a forecast is on or before the day on which it is made.
select level, 1 as failing_rows, mean as amount
from forecasts.cash_days
where as_of = $as_of and day <= $as_of
