-- Every promise to pay, as it stands on the day: open, kept, partly kept, broken or withdrawn, what has come of it, how far it
-- slipped, how often the customer had broken its word before, and, of an open one, the chance that it is kept.
with states as (
    select
        promise_key, entity_id, promise_id, customer_id, invoice_id, currency, made_on, promised_date, amount, state, kept_amount,
        slip_days
    from ledger.promise_states
    where as_of = $as_of
),

judged as (
    select customer_id, promised_date, case when state = 'kept' then 1 else 0 end as was_kept
    from states
    where state in ('kept', 'partly_kept', 'broken')
),

broken_before as (
    select states.promise_key, count(*) as times_broken
    from states
    inner join judged
        on states.customer_id = judged.customer_id and judged.promised_date < states.made_on and judged.was_kept = 0
    group by states.promise_key
)

select
    states.entity_id,
    states.promise_id,
    states.customer_id,
    coalesce(states.invoice_id, '') as invoice_id,
    states.currency,
    states.made_on,
    states.promised_date,
    states.amount,
    states.state,
    states.kept_amount,
    states.slip_days,
    outlook.keep_probability,
    coalesce(broken_before.times_broken, 0) as times_broken_before
from states
left join features.promise_outlook as outlook on states.promise_key = outlook.promise_key and outlook.as_of = $as_of
left join broken_before on states.promise_key = broken_before.promise_key
