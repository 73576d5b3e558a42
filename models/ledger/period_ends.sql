-- The period ends of the book's history up to the day: every month-end from the month of the first posting, and the
-- day itself, where the newest month runs only to it.
with history as (
    select min(posting_date) as first_date
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at and posting_date <= $as_of
),

months as (
    select month_number, month_start, month_end from staging.months
)

select
    months.month_number,
    months.month_start,
    least(months.month_end, $as_of) as period_end,
    months.month_end <= $as_of as is_month_end,
    cast(date_diff('day', months.month_start, least(months.month_end, $as_of)) + 1 as integer) as days_in_month
from history
inner join months on months.month_end >= history.first_date and months.month_start <= $as_of
