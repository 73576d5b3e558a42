-- Days at risk and exits of a payer by week and bin of lateness, in receivables and in money: sums, so that any decay of
-- weights, and any earlier origin that ends a week, is a sum over them. Week 0 ends on the day.
with spans as (
    select payer_key, lateness_bin, amount_base, first_business_day, last_business_day, exit_kind
    from features.lateness_spans
    where as_of = $as_of
),

weeks as (
    select age_week, first_business_day, last_business_day from features.count_weeks where as_of = $as_of
),

cut as (
    select
        spans.payer_key, weeks.age_week, spans.lateness_bin, cast(spans.amount_base as decimal(28, 4)) as amount,
        least(spans.last_business_day, weeks.last_business_day) - greatest(spans.first_business_day, weeks.first_business_day) + 1 as days,
        case when spans.exit_kind is not null and spans.last_business_day <= weeks.last_business_day then 1 else 0 end as exits,
        case when spans.exit_kind = 'cash' and spans.last_business_day <= weeks.last_business_day then 1 else 0 end as cash_exits
    from spans
    inner join weeks on spans.last_business_day >= weeks.first_business_day and spans.first_business_day <= weeks.last_business_day
)

select
    payer_key,
    age_week,
    lateness_bin,
    cast(sum(days) as bigint) as at_risk_count,
    cast(sum(amount * days) as decimal(38, 4)) as at_risk_amount,
    cast(sum(exits) as bigint) as exit_count,
    cast(sum(amount * exits) as decimal(38, 4)) as exit_amount,
    cast(sum(cash_exits) as bigint) as cash_exit_count,
    cast(sum(amount * cash_exits) as decimal(38, 4)) as cash_exit_amount
from cut
group by payer_key, age_week, lateness_bin
