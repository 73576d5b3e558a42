-- Each receivable's days at risk, cut by bin of lateness: from the business day after it was entered to the one on which it
-- left the book, or to the day where it had not. Days are indexes of business days; lateness is business days after the due
-- day.
select
    spells.spell_key,
    bins.lateness_bin,
    spells.payer_key,
    spells.amount_base,
    cast(greatest(spells.entry_day + 1, spells.due_day + bins.first_lateness) as integer) as first_business_day,
    cast(least(spells.last_at_risk_day, spells.due_day + bins.last_lateness) as integer) as last_business_day,
    case when spells.last_at_risk_day <= spells.due_day + bins.last_lateness then spells.exit_kind end as exit_kind
from features.spell_days as spells
inner join features.lateness_bins as bins
    on spells.entry_day + 1 <= spells.due_day + bins.last_lateness
    and spells.last_at_risk_day >= spells.due_day + bins.first_lateness and bins.as_of = $as_of
where spells.as_of = $as_of and spells.entry_day < spells.last_at_risk_day
