-- The next run of every payer with a calendar is after the day, and on a business day.
select runs.payer_key, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from forecasts.payment_runs as runs
left join features.business_days as days
    on runs.next_run_date = days.day and days.as_of = $as_of and days.is_business_day
where runs.as_of = $as_of and (runs.next_run_date <= $as_of or days.day is null)
