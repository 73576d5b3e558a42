-- Every scheduled billing whose day has passed became an invoice; one that did not is not expected any more.
select schedule_key, 1 as failing_rows, amount
from features.scheduled_billings
where as_of = $as_of and bill_on <= $as_of and invoiced_on is null
