-- Stretches of business days over which receivables of a payer that are due on one day were at risk of being settled, and how
-- many were on the last of them; those of the last 600 business days. Days are indexes of business days, of the day as it is
-- where the receivable is still open. A due date too far from the entry is held to half a year of it.
with spells as (
    select payer_key, entry_date, due_date, settled_date from features.receivable_spells where as_of = $as_of
),

days as (
    select day, business_day, next_business_day from features.business_days where as_of = $as_of
),

positioned as (
    select
        spells.payer_key, entered.business_day as entry_day, today.business_day as today,
        least(greatest(due.next_business_day, entered.business_day - 120), entered.business_day + 120) as due_day,
        coalesce(settled.business_day, today.business_day) as last_day,
        case when spells.settled_date is not null then 1 else 0 end as exits
    from spells
    inner join days as entered on spells.entry_date = entered.day
    inner join days as due on spells.due_date = due.day
    inner join days as today on today.day = $as_of
    left join days as settled on spells.settled_date = settled.day
)

select
    payer_key,
    cast(due_day as integer) as due_business_day,
    cast(entry_day + 1 as integer) as first_business_day,
    cast(last_day as integer) as last_business_day,
    count(*) as item_count,
    cast(sum(exits) as bigint) as exit_count
from positioned
where entry_day < last_day and last_day > today - 600
group by payer_key, due_day, entry_day, last_day
