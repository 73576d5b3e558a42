-- Every row that was rejected by the time, and not read anew since, is published as rejected.
with rejected as (
    select count(*) as row_count
    from staging.rejected_rows as rejected
    inner join raw.files as files on rejected.file_number = files.file_number
    left join raw.batches as newer on files.superseded_by = newer.batch_number and newer.recorded_at <= $known_at
    where files.recorded_at <= $known_at and newer.batch_number is null
),

published as (
    select count(*) as row_count from marts.rejected_rows where as_of = $as_of
)

select published.row_count, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from rejected
cross join published
where rejected.row_count <> published.row_count
