-- Every readable file of a canonical folder is named after a feed, so none is left unread.
select file_name, 1 as failing_rows, cast(null as decimal(38, 4)) as amount from raw.file_notes where kind = 'unmatched'
