-- The period ends of the book's history up to the day: every month-end from the month of the first posting, every end of a fiscal
-- period of any entity (and the eve of its start), and the day itself. Each stands with the month that it lies in, up to it.
with history as (
    select min(posting_date) as first_date
    from ledger.known_documents
    where known_at = $known_at and posting_date <= $as_of
),

ends as (
    select least(months.month_end, $as_of) as period_end
    from history
    inner join staging.months as months on months.month_end >= history.first_date and months.month_start <= $as_of
    union
    select periods.period_end
    from history
    inner join staging.fiscal_periods as periods
        on periods.period_end >= history.first_date and periods.period_end <= $as_of
    where periods.known_from <= $known_at and periods.known_to > $known_at
    union
    select periods.period_start - 1
    from history
    inner join staging.fiscal_periods as periods
        on periods.period_start > history.first_date and periods.period_start <= $as_of
    where periods.known_from <= $known_at and periods.known_to > $known_at
)

select
    cast(row_number() over (order by ends.period_end) as integer) as period_number,
    months.month_number,
    months.month_start,
    ends.period_end,
    coalesce(
        lag(ends.period_end) over (order by ends.period_end), date '1900-01-01'
    ) as previous_end,
    months.month_end = ends.period_end as is_month_end,
    months.month_end = ends.period_end or ends.period_end = $as_of as is_monthly,
    cast(date_diff('day', months.month_start, ends.period_end) + 1 as integer) as days_in_month
from ends
inner join staging.months as months on ends.period_end >= months.month_start and ends.period_end <= months.month_end
