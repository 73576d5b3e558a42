-- Every open item is in its entity's functional currency, or was booked in it; otherwise its functional amount is empty.
select document_id, 1 as failing_rows, open_amount as amount
from ledger.open_items
where as_of = $as_of and open_amount_functional is null
