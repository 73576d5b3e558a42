-- What open promises say of open receivables: the newest promise of each invoice or, where that is of a payment plan, each open
-- instalment of the plan, on its own date and for what is left of its own amount, the earliest first. What is under dispute, or
-- what a pending payment will settle, is not promised.
with promises as (
    select
        states.promise_key, documents.document_key, states.made_on, states.promised_date, outlook.keep_probability,
        states.amount - states.kept_amount as amount, told.plan_id,
        row_number() over (
            partition by documents.document_key
            order by states.made_on desc, states.promised_date desc, states.promise_key desc
        ) as newest_first
    from ledger.promise_states as states
    inner join features.promise_outlook as outlook on states.promise_key = outlook.promise_key and outlook.as_of = $as_of
    inner join staging.promises as told
        on states.promise_key = told.row_key and told.known_from <= $known_at and told.known_to > $known_at
    inner join ledger.documents as documents
        on states.entity_id = documents.entity_id and states.invoice_id = documents.document_id and documents.sign = 1
        and documents.known_from <= $known_at and documents.known_to > $known_at
    where states.as_of = $as_of and states.state = 'open' and states.amount > states.kept_amount
),

counting as (
    select promises.*
    from promises
    inner join promises as newest on promises.document_key = newest.document_key and newest.newest_first = 1
    where promises.promise_key = newest.promise_key or promises.plan_id = newest.plan_id
),

queued as (
    select
        counting.*,
        sum(amount) over (
            partition by document_key order by promised_date, promise_key rows between unbounded preceding and current row
        ) as promised_so_far
    from counting
),

pending as (
    select spell_key, sum(settled_amount) as amount from features.pending_settlements where as_of = $as_of group by spell_key
),

owed as (
    select
        owed.spell_key, owed.document_key, owed.due_date,
        greatest(owed.left_open - owed.disputed_open - coalesce(pending.amount, 0), 0) as owed_amount
    from features.open_receivables as owed
    left join pending on owed.spell_key = pending.spell_key
    where owed.as_of = $as_of
),

owed_queue as (
    select
        owed.*,
        sum(owed_amount) over (
            partition by document_key order by due_date, spell_key rows between unbounded preceding and current row
        ) as owed_so_far
    from owed
)

select
    queued.promise_key,
    owed_queue.spell_key,
    queued.promised_date,
    queued.keep_probability,
    cast(least(promised_so_far, owed_so_far) - greatest(promised_so_far - amount, owed_so_far - owed_amount) as decimal(38, 4))
        as promised_amount
from queued
inner join owed_queue
    on queued.document_key = owed_queue.document_key and promised_so_far > owed_so_far - owed_amount
    and owed_so_far > promised_so_far - amount
where owed_amount > 0
