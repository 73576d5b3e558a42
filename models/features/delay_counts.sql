-- Settled items of a payer by week of settlement and days from the due date (negative when early): what mean, median and
-- spread of delays are made of. `age_week` 0 ends at $as_of; an item settled by its entry was never open and is left out.
with spells as (
    select payer_key, entity_id, entry_date, due_date, settled_date
    from features.receivable_spells
    where settled_date <= $as_of and entry_date < settled_date
),

weeks as (
    select entity_id, age_week, first_date, last_date
    from features.count_weeks
)

select
    spells.payer_key, weeks.age_week, date_diff('day', spells.due_date, spells.settled_date) as delay_days, count(*) as item_count
from spells
join weeks on weeks.entity_id = spells.entity_id and spells.settled_date between weeks.first_date and weeks.last_date
group by spells.payer_key, weeks.age_week, date_diff('day', spells.due_date, spells.settled_date)
