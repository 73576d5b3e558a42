-- The next run of every payer with a calendar is after the day, and on a business day of some calendar.
select runs.payer_key, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from forecasts.payment_runs as runs
where runs.as_of = $as_of and (
    runs.next_run_date <= $as_of
    or runs.next_run_date not in (select day from features.business_days where as_of = $as_of and is_business_day)
)
