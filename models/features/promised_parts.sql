-- What open promises say of open receivables: the newest promise of each invoice or, where that is of a payment plan, each open
-- instalment of the plan, on its own date and for what is left of its own amount, the earliest first. A promise that names no
-- invoice is in the same way one of what its customer owes the entity in its currency and has not promised by invoice, the part
-- due first. What is under dispute, or what a pending payment will settle, is not promised.
with standing as (
    select
        states.promise_key, coalesce(documents.document_key, 0) as document_key,
        -- a promise of an invoice is queued by that alone
        case when documents.document_key is null then states.entity_id else '' end as entity_id,
        case when documents.document_key is null then states.customer_id else '' end as customer_id,
        case when documents.document_key is null then states.currency else '' end as currency,
        states.made_on, states.promised_date, outlook.keep_probability, states.amount - states.kept_amount as amount, told.plan_id
    from ledger.promise_states as states
    inner join features.promise_outlook as outlook on states.promise_key = outlook.promise_key and outlook.as_of = $as_of
    inner join staging.promises as told
        on states.promise_key = told.row_key and told.known_from <= $known_at and told.known_to > $known_at
    left join ledger.documents as documents
        on states.entity_id = documents.entity_id and states.invoice_id = documents.document_id and documents.sign = 1
        and documents.known_from <= $known_at and documents.known_to > $known_at
    where states.as_of = $as_of and states.state = 'open' and states.amount > states.kept_amount
        and (states.invoice_id = '' or documents.document_key is not null)
),

promises as (
    select
        standing.*,
        row_number() over (
            partition by document_key, entity_id, customer_id, currency
            order by made_on desc, promised_date desc, promise_key desc
        ) as newest_first
    from standing
),

queued as (
    select
        promises.*,
        sum(promises.amount) over (
            partition by promises.document_key, promises.entity_id, promises.customer_id, promises.currency
            order by promises.promised_date, promises.promise_key
            rows between unbounded preceding and current row
        ) as promised_so_far
    from promises
    inner join promises as newest
        on promises.document_key = newest.document_key and promises.entity_id = newest.entity_id
        and promises.customer_id = newest.customer_id and promises.currency = newest.currency and newest.newest_first = 1
    where promises.promise_key = newest.promise_key or promises.plan_id = newest.plan_id
),

pending as (
    select spell_key, sum(settled_amount) as amount from features.pending_settlements where as_of = $as_of group by spell_key
),

owed as (
    select
        owed.spell_key, owed.document_key, owed.entity_id, owed.customer_id, owed.currency, owed.due_date,
        greatest(owed.left_open - owed.disputed_open - coalesce(pending.amount, 0), 0) as owed_amount
    from features.open_receivables as owed
    left join pending on owed.spell_key = pending.spell_key
    where owed.as_of = $as_of
),

owed_by_document as (
    select
        owed.*,
        sum(owed_amount) over (
            partition by document_key order by due_date, spell_key rows between unbounded preceding and current row
        ) as owed_so_far
    from owed
),

by_document as (
    select
        queued.promise_key, owed.spell_key, queued.promised_date, queued.keep_probability,
        least(promised_so_far, owed_so_far) - greatest(promised_so_far - amount, owed_so_far - owed_amount) as promised_amount
    from queued
    inner join owed_by_document as owed
        on queued.document_key = owed.document_key and promised_so_far > owed_so_far - owed_amount
        and owed_so_far > promised_so_far - amount
    where owed_amount > 0
),

promised as (select spell_key, sum(promised_amount) as amount from by_document group by spell_key),

owed_by_account as (
    select
        owed.spell_key, owed.entity_id, owed.customer_id, owed.currency,
        owed.owed_amount - coalesce(promised.amount, 0) as owed_amount,
        sum(owed.owed_amount - coalesce(promised.amount, 0)) over (
            partition by owed.entity_id, owed.customer_id, owed.currency order by owed.due_date, owed.spell_key
            rows between unbounded preceding and current row
        ) as owed_so_far
    from owed
    left join promised on owed.spell_key = promised.spell_key
),

by_account as (
    select
        queued.promise_key, owed.spell_key, queued.promised_date, queued.keep_probability,
        least(promised_so_far, owed_so_far) - greatest(promised_so_far - amount, owed_so_far - owed_amount) as promised_amount
    from queued
    inner join owed_by_account as owed
        on queued.document_key = 0 and queued.entity_id = owed.entity_id and queued.customer_id = owed.customer_id
        and queued.currency = owed.currency and promised_so_far > owed_so_far - owed_amount
        and owed_so_far > promised_so_far - amount
    where owed_amount > 0
)

select promise_key, spell_key, promised_date, keep_probability, cast(promised_amount as decimal(38, 4)) as promised_amount
from by_document
union all
select promise_key, spell_key, promised_date, keep_probability, cast(promised_amount as decimal(38, 4)) as promised_amount
from by_account
