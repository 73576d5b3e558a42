-- For every file: rows sent = loaded + rejected + exact duplicates + left out as declared.
with totals as (
    select file_number, sum(loaded_rows + rejected_rows + duplicate_rows + skipped_rows) as accounted_rows
    from staging.batch_totals
    group by file_number
)

select files.file_number, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from raw.files as files
left join totals on files.file_number = totals.file_number
where files.recorded_at <= $known_at and files.row_count <> coalesce(totals.accounted_rows, 0)
