-- Every source row that was refused by the time, with the first rule it broke. A value of a personal column is left out.
with rejected as (
    select file_number, line, feed, column_name, rule, rejected_value, amount, currency from staging.rejected_rows
),

files as (
    select file_number, batch_id, batch_number, source_name, file_name, recorded_at, superseded_by from raw.files
),

-- once the same bytes were read anew under a changed declaration, only the new reading counts
replaced as (
    select files.file_number
    from files
    inner join raw.batches as newer on files.superseded_by = newer.batch_number
    where newer.recorded_at <= $known_at
),

personal as (
    select feed, column_name from staging.personal_columns
)

select
    files.batch_id,
    files.source_name,
    rejected.feed,
    files.file_name,
    rejected.line,
    rejected.column_name,
    rejected.rule,
    case when personal.column_name is null then rejected.rejected_value end as rejected_value,
    rejected.amount,
    rejected.currency
from rejected
inner join files on rejected.file_number = files.file_number
left join personal on rejected.feed = personal.feed and rejected.column_name = personal.column_name
where files.recorded_at <= $known_at
    and not exists (select 1 from replaced where replaced.file_number = rejected.file_number)
