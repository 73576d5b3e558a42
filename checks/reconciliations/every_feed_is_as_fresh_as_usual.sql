-- On the day, no feed of a source has been waited for longer than twice the longest wait between its batches before, and a
-- day; the last eight waits count, and with fewer than five nothing is said.
with days as (
    select distinct source_name, feed, cast(recorded_at as date) as came_on
    from raw.files
    where recorded_at <= $known_at and superseded_by is null
),

waits as (
    select
        source_name, feed, came_on,
        date_diff('day', lag(came_on) over (partition by source_name, feed order by came_on), came_on) as waited_days,
        row_number() over (partition by source_name, feed order by came_on desc) as place
    from days
),

usual as (
    select
        source_name, feed, max(came_on) as newest_on, count(waited_days) as wait_count,
        max(case when place <= 8 then waited_days end) as longest_days
    from waits
    group by source_name, feed
)

select feed, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from usual
where wait_count >= 5 and date_diff('day', newest_on, $as_of) > 2 * longest_days + 1
