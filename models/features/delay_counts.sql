-- Settled receivables of a payer by week of settlement and days from the due date, negative where early: what mean, median and
-- spread of delays are made of. One that was settled by its entry was never open and is left out.
with spells as (
    select payer_key, entry_date, due_date, settled_date
    from features.receivable_spells
    where as_of = $as_of and entry_date < settled_date
),

weeks as (
    select distinct age_week, week_start, week_end from features.count_weeks where as_of = $as_of
)

select
    spells.payer_key,
    weeks.age_week,
    cast(date_diff('day', spells.due_date, spells.settled_date) as integer) as delay_days,
    count(*) as item_count
from spells
inner join weeks on spells.settled_date >= weeks.week_start and spells.settled_date <= weeks.week_end
group by spells.payer_key, weeks.age_week, date_diff('day', spells.due_date, spells.settled_date)
