-- The book has enough settled receivables of a year to forecast receipts from.
select reason, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from forecasts.made
where as_of = $as_of and not is_made
