-- Payers that pay later or sooner than they used to: since when, by which day it was found, how many days beyond the due date
-- they paid before and since, what they owe, and how many of such findings are false. A change is found where what the payer
-- did and did not pay is so much likelier under a shift of seven business days than under its own habits that, by the book's
-- own history, one unchanged payer in twenty would look so within a year, each way.
select
    payers.payer_id,
    changes.changed_on,
    changes.detected_on,
    changes.direction,
    changes.days_before,
    changes.days_after,
    changes.exposure,
    changes.evidence,
    changes.false_discovery_rate
from forecasts.behaviour_changes as changes
inner join features.payers as payers on changes.payer_key = payers.payer_key and payers.as_of = $as_of
where changes.as_of = $as_of
