-- Every due date that was sent could be read; one that could not is emptied and its receivable kept.
select changes.column_name, changes.row_count as failing_rows, cast(null as decimal(38, 4)) as amount
from staging.declared_changes as changes
inner join raw.files as files on changes.file_number = files.file_number
where changes.kind = 'unreadable' and files.recorded_at <= $known_at and files.superseded_by is null
