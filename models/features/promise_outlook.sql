-- The chance that each open promise is kept: the customer's record (what was kept of what was kept, partly kept or broken), drawn
-- to the book's by eight promises.
with states as (
    select promise_key, customer_id, state, case when state = 'kept' then 1 else 0 end as was_kept
    from ledger.promise_states
    where as_of = $as_of
),

judged as (
    select customer_id, was_kept from states where state in ('kept', 'partly_kept', 'broken')
),

book as (
    select cast(coalesce(sum(was_kept), 0) + 1 as double) / (count(*) + 2) as kept_share from judged
),

records as (
    select customer_id, sum(was_kept) as kept_count, count(*) as promise_count from judged group by customer_id
)

select
    states.promise_key,
    (coalesce(records.kept_count, 0) + 8 * book.kept_share) / (coalesce(records.promise_count, 0) + 8) as keep_probability
from states
cross join book
left join records on states.customer_id = records.customer_id
where states.state = 'open'
