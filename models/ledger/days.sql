-- Every day of the book's history up to the day of the run, with the period end by which what happened on it first shows.
with calendar as (
    select day from staging.days
),

periods as (
    select period_number, period_end, previous_end from ledger.period_ends where as_of = $as_of
)

select
    calendar.day,
    periods.period_number
from periods
inner join calendar on calendar.day > periods.previous_end and calendar.day <= periods.period_end
