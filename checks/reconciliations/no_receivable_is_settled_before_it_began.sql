-- No receivable was settled before it came into the book, or after the day.
select document_key, 1 as failing_rows, amount_base as amount
from features.receivable_spells
where as_of = $as_of and (settled_date < entry_date or settled_date > $as_of)
