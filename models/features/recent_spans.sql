-- Stretches of business days over which receivables of a payer that are due on one day were at risk of being settled, and how
-- many were on the last of them; those of the last 600 business days.
with today as (
    select calendar_number, business_day from features.business_days where as_of = $as_of and day = $as_of
)

select
    spells.payer_key,
    spells.due_day as due_business_day,
    cast(spells.entry_day + 1 as integer) as first_business_day,
    spells.last_at_risk_day as last_business_day,
    count(*) as item_count,
    count(spells.exit_kind) as exit_count
from features.spell_days as spells
inner join today on spells.calendar_number = today.calendar_number
where spells.as_of = $as_of and spells.entry_day < spells.last_at_risk_day and spells.last_at_risk_day > today.business_day - 600
group by spells.payer_key, spells.due_day, spells.entry_day, spells.last_at_risk_day
