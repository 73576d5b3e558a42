-- On the day, what disputes block equals what is disputed of the open items, by entity and currency.
with blocked as (
    select entity_id, currency, sum(blocked_amount) as amount
    from ledger.dispute_states
    where as_of = $as_of and currency <> ''
    group by entity_id, currency
),

disputed as (
    select entity_id, currency, sum(disputed_amount) as amount
    from marts.aging_detail
    where as_of = $as_of
    group by entity_id, currency
)

select
    coalesce(blocked.entity_id, disputed.entity_id) as entity_id, 1 as failing_rows,
    coalesce(blocked.amount, 0) - coalesce(disputed.amount, 0) as amount
from blocked
full outer join disputed on blocked.entity_id = disputed.entity_id and blocked.currency = disputed.currency
where coalesce(blocked.amount, 0) <> coalesce(disputed.amount, 0)
