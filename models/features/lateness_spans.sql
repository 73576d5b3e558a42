-- Each receivable's days at risk, cut by bin of lateness: from the business day after it was entered to the one on which it
-- left the book, or to the day where it had not. Days are indexes of business days; lateness is business days after the due
-- date, rolled forward to a business day. A due date too far from the entry is held to half a year of it.
with spells as (
    select spell_key, payer_key, entry_date, due_date, settled_date, exit_kind, amount_base
    from features.receivable_spells
    where as_of = $as_of
),

days as (
    select day, business_day, next_business_day from features.business_days where as_of = $as_of
),

positioned as (
    select
        spells.spell_key, spells.payer_key, spells.amount_base, entered.business_day as entry_day,
        least(greatest(due.next_business_day, entered.business_day - 120), entered.business_day + 120) as due_day,
        case when spells.settled_date is not null then settled.business_day else today.business_day end as last_day,
        spells.exit_kind
    from spells
    inner join days as entered on spells.entry_date = entered.day
    inner join days as due on spells.due_date = due.day
    inner join days as today on today.day = $as_of
    left join days as settled on spells.settled_date = settled.day
)

select
    positioned.spell_key,
    bins.lateness_bin,
    positioned.payer_key,
    positioned.amount_base,
    cast(greatest(positioned.entry_day + 1, positioned.due_day + bins.first_lateness) as integer) as first_business_day,
    cast(least(positioned.last_day, positioned.due_day + bins.last_lateness) as integer) as last_business_day,
    case when positioned.last_day <= positioned.due_day + bins.last_lateness then positioned.exit_kind end as exit_kind
from positioned
inner join features.lateness_bins as bins
    on positioned.entry_day + 1 <= positioned.due_day + bins.last_lateness
    and positioned.last_day >= positioned.due_day + bins.first_lateness and bins.as_of = $as_of
where positioned.entry_day < positioned.last_day
