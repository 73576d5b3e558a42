-- Both sides of each metric, and what it leaves out, are the same added up over segments or over collectors as for the entity
-- as a whole; an average of sales or of balances is rounded in each part, so cei, turnover and its days are left out.
with levels as (
    select
        level, period_end, window_days, entity_id, currency, metric, sum(numerator) as numerator,
        sum(denominator) as denominator, sum(excluded_amount) as excluded_amount
    from marts.collection_metrics
    where as_of = $as_of and metric not in ('cei', 'turnover', 'turnover_days')
    group by level, period_end, window_days, entity_id, currency, metric
),

told_apart as (
    select 'segment' as level
    union all
    select 'collector' as level
)

select
    whole.metric, 1 as failing_rows, coalesce(parts.denominator, 0) - whole.denominator as amount
from levels as whole
cross join told_apart
left join levels as parts
    on told_apart.level = parts.level and whole.period_end = parts.period_end and whole.window_days = parts.window_days
    and whole.entity_id = parts.entity_id and whole.currency = parts.currency and whole.metric = parts.metric
where whole.level = 'entity' and (
    coalesce(parts.numerator, 0) <> whole.numerator or coalesce(parts.denominator, 0) <> whole.denominator
    or coalesce(parts.excluded_amount, 0) <> whole.excluded_amount
)
