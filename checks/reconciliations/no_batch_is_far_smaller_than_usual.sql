-- The newest batch of a feed has at least two fifths of the rows of the smallest of the eight before it: one that lost most
-- of its rows on the way has not. Rows count as sent; with fewer than five batches before it nothing is said.
with sent as (
    select source_name, feed, mode, batch_number, sum(row_count) as row_count
    from raw.files
    where recorded_at <= $known_at and superseded_by is null
    group by source_name, feed, mode, batch_number
),

placed as (
    select
        source_name, feed, mode, row_count,
        row_number() over (partition by source_name, feed, mode order by batch_number desc) as place
    from sent
),

compared as (
    select
        source_name, feed, mode, count(*) - 1 as earlier_count,
        min(case when place > 1 then row_count end) as smallest_count,
        sum(case when place = 1 then row_count else 0 end) as newest_count
    from placed
    where place <= 9
    group by source_name, feed, mode
)

select feed, smallest_count - newest_count as failing_rows, cast(null as decimal(38, 4)) as amount
from compared
where earlier_count >= 5 and 5 * newest_count < 2 * smallest_count
