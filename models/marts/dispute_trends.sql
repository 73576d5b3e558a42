-- Disputes of each month by entity, reason and currency: how many were raised and resolved within it, how many were open at its
-- end and what they blocked then, the mean days that the resolved ones took, and the share of what these disputed that was
-- credited; disputes resolved without saying what was credited are left out of that share. What happened before the book's
-- history counts in its first month.
with history as (
    select min(month_number) as first_month from ledger.period_ends where as_of = $as_of
),

states as (
    select
        entity_id, reason, currency, disputed_amount, credited_amount, resolution_days,
        greatest(year(opened_on) * 12 + month(opened_on), history.first_month) as opened_month,
        case when not is_open then greatest(year(resolved_on) * 12 + month(resolved_on), history.first_month) end
            as resolved_month
    from ledger.dispute_states as disputes
    cross join history
    where disputes.as_of = $as_of
),

periods as (
    select month_number, period_end from ledger.period_ends where as_of = $as_of and is_monthly
),

events as (
    select
        periods.period_end, states.entity_id, states.reason, states.currency, 1 as opened_count,
        states.disputed_amount as opened_amount, 0 as resolved_count, 0 as resolved_amount, 0 as open_count, 0 as blocked_amount,
        0 as resolution_days, 0 as credited_amount, 0 as credited_base, 0 as excluded_amount
    from states
    inner join periods on states.opened_month = periods.month_number
    union all
    select
        periods.period_end, states.entity_id, states.reason, states.currency, 0, 0, 1, states.disputed_amount, 0, 0,
        states.resolution_days, coalesce(states.credited_amount, 0),
        case when states.credited_amount is null then 0 else states.disputed_amount end,
        case when states.credited_amount is null then states.disputed_amount else 0 end
    from states
    inner join periods on states.resolved_month = periods.month_number
    union all
    select period_end, entity_id, reason, currency, 0, 0, 0, 0, 1, blocked_amount, 0, 0, 0, 0
    from ledger.period_disputes
    where as_of = $as_of
)

select
    period_end,
    entity_id,
    reason,
    currency,
    cast(sum(opened_count) as bigint) as opened_count,
    cast(sum(opened_amount) as decimal(38, 4)) as opened_amount,
    cast(sum(resolved_count) as bigint) as resolved_count,
    cast(sum(resolved_amount) as decimal(38, 4)) as resolved_amount,
    cast(sum(open_count) as bigint) as open_count,
    cast(sum(blocked_amount) as decimal(38, 4)) as blocked_amount,
    cast(sum(resolution_days) as bigint) as resolution_days_total,
    cast(sum(resolution_days) as double) / nullif(cast(sum(resolved_count) as double), 0) as days_to_resolve,
    cast(sum(credited_amount) as decimal(38, 4)) as numerator,
    cast(sum(credited_base) as decimal(38, 4)) as denominator,
    cast(sum(excluded_amount) as decimal(38, 4)) as excluded_amount,
    cast(sum(credited_amount) as double) / nullif(cast(sum(credited_base) as double), 0) as credited_share
from events
group by period_end, entity_id, reason, currency
