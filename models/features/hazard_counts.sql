-- Item-days at risk and exits of a payer by week and lateness bin, in items and in money: whole numbers and decimals, so
-- that any decay of weights, and any earlier origin that ends a week, is a sum over them. `age_week` 0 ends at $as_of.
with spans as (
    select payer_key, entity_id, lateness_bin, amount, first_day, last_day, exit_kind
    from features.lateness_spans
),

weeks as (
    select entity_id, age_week, first_business_day, last_business_day
    from features.count_weeks
)

select
    spans.payer_key, weeks.age_week, spans.lateness_bin,
    cast(sum(least(spans.last_day, weeks.last_business_day) - greatest(spans.first_day, weeks.first_business_day) + 1) as bigint) as at_risk_count,
    cast(sum(spans.amount * (least(spans.last_day, weeks.last_business_day) - greatest(spans.first_day, weeks.first_business_day) + 1)) as decimal(38, 4)) as at_risk_amount,
    cast(sum(case when spans.exit_kind is not null and spans.last_day <= weeks.last_business_day then 1 else 0 end) as bigint) as exit_count,
    cast(sum(case when spans.exit_kind is not null and spans.last_day <= weeks.last_business_day then spans.amount else 0 end) as decimal(38, 4)) as exit_amount,
    cast(sum(case when spans.exit_kind = 'cash' and spans.last_day <= weeks.last_business_day then 1 else 0 end) as bigint) as cash_exit_count,
    cast(sum(case when spans.exit_kind = 'cash' and spans.last_day <= weeks.last_business_day then spans.amount else 0 end) as decimal(38, 4)) as cash_exit_amount
from spans
join weeks
    on weeks.entity_id = spans.entity_id
    and weeks.first_business_day <= spans.last_day
    and weeks.last_business_day >= spans.first_day
group by spans.payer_key, weeks.age_week, spans.lateness_bin
