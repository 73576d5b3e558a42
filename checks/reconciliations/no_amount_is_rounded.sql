-- No declaration had to round an amount to the decimals of its currency.
select changes.column_name, changes.row_count as failing_rows, changes.amount_change as amount
from staging.declared_changes as changes
inner join raw.files as files on changes.file_number = files.file_number
where changes.kind = 'rounded' and files.recorded_at <= $known_at and files.superseded_by is null
