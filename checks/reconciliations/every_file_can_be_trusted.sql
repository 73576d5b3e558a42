-- No file was refused as a whole; one that cannot be trusted stops its batch until it is mended or taken away.
select file_name, 1 as failing_rows, cast(null as decimal(38, 4)) as amount from raw.file_notes where kind = 'stopped'
