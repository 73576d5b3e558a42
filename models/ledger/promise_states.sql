-- Every promise to pay by the day: withdrawn; kept, when as much cash as was promised came after it was made and by its date plus
-- the tolerance; open until then; after that partly kept, or broken. A promise slips from its date until the promised amount has
-- come, negative where that was early, or to the day where it has not.
with promises as (
    select
        promise_key, entity_id, promise_id, customer_id, invoice_id, currency, made_on, promised_date, last_date, amount,
        is_withdrawn
    from ledger.promised_amounts
    where as_of = $as_of
),

kept as (
    select promise_key, kept_amount, reached_on from ledger.promise_kept where as_of = $as_of
),

judged as (
    select
        promises.*, coalesce(kept.kept_amount, 0) as kept_amount, kept.reached_on,
        case
            when promises.is_withdrawn then 'withdrawn'
            when kept.kept_amount >= promises.amount then 'kept'
            when promises.last_date >= $as_of then 'open'
            when kept.kept_amount > 0 then 'partly_kept'
            else 'broken'
        end as state
    from promises
    left join kept on promises.promise_key = kept.promise_key
)

select
    promise_key,
    entity_id,
    promise_id,
    customer_id,
    invoice_id,
    currency,
    made_on,
    promised_date,
    amount,
    state,
    cast(kept_amount as decimal(38, 4)) as kept_amount,
    cast(case when state not in ('withdrawn', 'open') then date_diff('day', promised_date, coalesce(reached_on, $as_of)) end
        as integer) as slip_days
from judged
