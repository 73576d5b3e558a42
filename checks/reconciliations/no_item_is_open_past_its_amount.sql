-- No invoice is negative or open for more than its amount, and no receipt or credit positive or open for more than its own.
select document_id, 1 as failing_rows, open_amount as amount
from ledger.open_items
where as_of = $as_of and (open_amount * original_amount < 0 or abs(open_amount) > abs(original_amount))
