-- No payer's change is found after the day, or before it began.
select payer_key, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from forecasts.behaviour_changes
where as_of = $as_of and (detected_on > $as_of or changed_on > detected_on)
