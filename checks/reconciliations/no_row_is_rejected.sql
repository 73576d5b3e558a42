-- Every row that was sent kept its contract.
select rejected.line, 1 as failing_rows, rejected.amount
from staging.rejected_rows as rejected
inner join raw.files as files on rejected.file_number = files.file_number
where files.recorded_at <= $known_at and files.superseded_by is null
