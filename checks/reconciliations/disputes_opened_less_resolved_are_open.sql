-- Disputes raised up to the day, less those resolved, are the disputes that are open on it, by entity, reason and currency.
with trends as (
    select
        entity_id, reason, currency, sum(opened_count - resolved_count) as left_over,
        sum(case when period_end = $as_of then open_count else 0 end) as open_count,
        sum(case when period_end = $as_of then blocked_amount else 0 end) as blocked_amount
    from marts.dispute_trends
    where as_of = $as_of
    group by entity_id, reason, currency
),

states as (
    select
        entity_id, reason, currency, sum(case when is_open then 1 else 0 end) as open_count,
        sum(blocked_amount) as blocked_amount
    from ledger.dispute_states
    where as_of = $as_of
    group by entity_id, reason, currency
)

select
    states.entity_id, 1 as failing_rows, coalesce(trends.blocked_amount, 0) - states.blocked_amount as amount
from states
left join trends
    on states.entity_id = trends.entity_id and states.reason = trends.reason and states.currency = trends.currency
where coalesce(trends.left_over, 0) <> states.open_count or coalesce(trends.open_count, 0) <> states.open_count
    or coalesce(trends.blocked_amount, 0) <> states.blocked_amount
