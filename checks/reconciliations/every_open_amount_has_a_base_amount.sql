-- The group's base currency is known, and a closing rate for every open item; otherwise its base amount is empty.
select document_id, 1 as failing_rows, open_amount as amount
from ledger.open_items
where as_of = $as_of and open_amount_base is null
