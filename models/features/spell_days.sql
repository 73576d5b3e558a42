-- Where each receivable stands on the axis of business days of its entity's calendar: when it was entered, when it is due
-- (rolled forward to a business day, and held to half a year of its entry where it is farther), and its last day at risk: the
-- one on which it was settled, or the day itself where it was not. One that was settled on its entry was never at risk.
with days as (
    select calendar_number, day, business_day, next_business_day from features.business_days where as_of = $as_of
)

select
    spells.spell_key,
    spells.payer_key,
    spells.calendar_number,
    cast(entered.business_day as integer) as entry_day,
    cast(least(greatest(due.next_business_day, entered.business_day - 120), entered.business_day + 120) as integer) as due_day,
    cast(coalesce(settled.business_day, today.business_day) as integer) as last_at_risk_day,
    spells.exit_kind,
    spells.amount_base
from features.receivable_spells as spells
inner join days as entered on spells.entry_date = entered.day and spells.calendar_number = entered.calendar_number
inner join days as due on spells.due_date = due.day and spells.calendar_number = due.calendar_number
inner join days as today on today.day = $as_of and spells.calendar_number = today.calendar_number
left join days as settled on spells.settled_date = settled.day and spells.calendar_number = settled.calendar_number
where spells.as_of = $as_of
