-- Each item's days at risk, cut by lateness bin: from the business day after it was entered to the one on which it left
-- the book, or to $as_of where it had not. Days are business-day indexes of the item's entity; lateness is business days
-- after the due date, rolled forward to a business day. A due date too far from the entry is held to half a year of it.
with spells as (
    select document_key, payer_key, entity_id, entry_date, due_date, settled_date, exit_kind, amount
    from features.receivable_spells
    where entry_date <= $as_of
),

days as (
    select entity_id, date, business_day, next_business_day
    from features.business_days
),

positioned as (
    select
        spells.document_key, spells.payer_key, spells.entity_id, spells.amount,
        entered.business_day as entry_day,
        least(greatest(due.next_business_day, entered.business_day - 120), entered.business_day + 120) as due_day,
        case when spells.settled_date <= $as_of then settled.business_day else today.business_day end as last_day,
        case when spells.settled_date <= $as_of then spells.exit_kind end as exit_kind
    from spells
    join days as entered on entered.entity_id = spells.entity_id and entered.date = spells.entry_date
    join days as due on due.entity_id = spells.entity_id and due.date = spells.due_date
    join days as today on today.entity_id = spells.entity_id and today.date = $as_of
    left join days as settled on settled.entity_id = spells.entity_id and settled.date = spells.settled_date
)

select
    positioned.document_key, positioned.payer_key, positioned.entity_id, bins.lateness_bin, positioned.amount,
    greatest(positioned.entry_day + 1, positioned.due_day + bins.first_lateness) as first_day,
    least(positioned.last_day, positioned.due_day + bins.last_lateness) as last_day,
    case when positioned.last_day <= positioned.due_day + bins.last_lateness then positioned.exit_kind end as exit_kind
from positioned
join features.lateness_bins as bins
    on positioned.entry_day + 1 <= positioned.due_day + bins.last_lateness
    and positioned.last_day >= positioned.due_day + bins.first_lateness
where positioned.entry_day < positioned.last_day
