-- Every pattern that a source declares finds at least one file.
select file_name, 1 as failing_rows, cast(null as decimal(38, 4)) as amount from raw.file_notes where kind = 'nothing_matched'
