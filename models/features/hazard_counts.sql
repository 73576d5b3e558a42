-- Days at risk and exits of a payer by week and bin of lateness, in receivables and in money: sums, so that any decay of
-- weights, and any earlier origin that ends a week, is a sum over them. Week 0 ends on the day. Most stays in a bin lie within
-- one week, found by its day; only what is left of the longer ones meets the other weeks. What has no rate to base currency is
-- no money.
with weeks as (
    select age_week, week_start, week_end, first_business_day, last_business_day
    from features.count_weeks
    where as_of = $as_of
),

week_of_day as (
    select days.business_day, weeks.age_week, weeks.last_business_day
    from features.business_days as days
    inner join weeks on days.day >= weeks.week_start and days.day <= weeks.week_end
    where days.as_of = $as_of and days.is_business_day
),

placed as (
    select
        spans.payer_key, spans.lateness_bin, cast(coalesce(spans.amount_base, 0) as decimal(28, 4)) as amount,
        spans.first_business_day, spans.last_business_day, spans.exit_kind, week_of_day.age_week,
        week_of_day.last_business_day as week_end
    from features.lateness_spans as spans
    inner join week_of_day on spans.first_business_day = week_of_day.business_day
    where spans.as_of = $as_of
),

parts as (
    select
        payer_key, age_week, lateness_bin, amount, least(last_business_day, week_end) - first_business_day + 1 as days,
        case when last_business_day <= week_end then exit_kind end as exit_kind
    from placed
    union all
    select
        placed.payer_key, weeks.age_week, placed.lateness_bin, placed.amount,
        least(placed.last_business_day, weeks.last_business_day) - weeks.first_business_day + 1,
        case when placed.last_business_day <= weeks.last_business_day then placed.exit_kind end
    from placed
    inner join weeks
        on weeks.age_week < placed.age_week and weeks.first_business_day <= placed.last_business_day
        and weeks.first_business_day <= weeks.last_business_day
    where placed.last_business_day > placed.week_end
)

select
    payer_key,
    age_week,
    lateness_bin,
    cast(sum(days) as bigint) as at_risk_count,
    cast(sum(amount * days) as decimal(38, 4)) as at_risk_amount,
    cast(sum(case when exit_kind is not null then 1 else 0 end) as bigint) as exit_count,
    cast(sum(case when exit_kind is not null then amount else 0 end) as decimal(38, 4)) as exit_amount,
    cast(sum(case when exit_kind = 'cash' then 1 else 0 end) as bigint) as cash_exit_count,
    cast(sum(case when exit_kind = 'cash' then amount else 0 end) as decimal(38, 4)) as cash_exit_amount
from parts
group by payer_key, age_week, lateness_bin
