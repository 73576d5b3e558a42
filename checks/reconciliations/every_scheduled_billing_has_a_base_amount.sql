-- There is a closing rate for every scheduled billing that is still to come; one without is in no forecast.
select schedule_key, 1 as failing_rows, amount
from features.scheduled_billings
where as_of = $as_of and bill_on > $as_of and invoiced_on is null and amount_base is null
