-- No payment is still pending more than fourteen days after its own date; one that is is not expected any more.
select payment_key, 1 as failing_rows, amount
from features.pending_payments
where as_of = $as_of and not is_expected
