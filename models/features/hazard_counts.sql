-- Days at risk and exits of a payer by week and bin of lateness, in receivables and in money: sums, so that any decay of
-- weights, and any earlier origin that ends a week, is a sum over them. Week 0 ends on the day. Most stays in a bin lie within
-- one week, found by its day; only what is left of the longer ones meets the other weeks. What has no rate to base currency is
-- no money.
with weeks as (
    select calendar_number, age_week, week_start, week_end, first_business_day, last_business_day
    from features.count_weeks
    where as_of = $as_of
),

week_of_day as (
    select days.business_day, weeks.calendar_number, weeks.age_week, weeks.last_business_day
    from features.business_days as days
    inner join weeks
        on days.calendar_number = weeks.calendar_number and days.day >= weeks.week_start and days.day <= weeks.week_end
    where days.as_of = $as_of and days.is_business_day
),

placed as (
    select
        spans.payer_key, spans.lateness_bin, cast(coalesce(spans.amount_base, 0) as decimal(28, 4)) as amount,
        spans.first_business_day, spans.last_business_day, week_of_day.calendar_number, week_of_day.age_week,
        week_of_day.last_business_day as week_end
    from features.lateness_spans as spans
    inner join week_of_day on spans.first_business_day = week_of_day.business_day
    where spans.as_of = $as_of
),

parts as (
    select
        payer_key, age_week, lateness_bin, amount, least(last_business_day, week_end) - first_business_day + 1 as days
    from placed
    union all
    select
        placed.payer_key, weeks.age_week, placed.lateness_bin, placed.amount,
        least(placed.last_business_day, weeks.last_business_day) - weeks.first_business_day + 1
    from placed
    inner join weeks
        on weeks.calendar_number = placed.calendar_number and weeks.age_week < placed.age_week
        and weeks.first_business_day <= placed.last_business_day
        and weeks.first_business_day <= weeks.last_business_day
    where placed.last_business_day > placed.week_end
),

at_risk as (
    select payer_key, age_week, lateness_bin, sum(days) as day_count, sum(amount * days) as amount
    from parts
    group by payer_key, age_week, lateness_bin
),

-- one in fifteen stays ends in an exit: counted apart, they do not widen the others
exits as (
    select
        spans.payer_key, week_of_day.age_week, spans.lateness_bin, count(*) as exit_count, sum(spans.amount_base) as amount,
        count(case when spans.exit_kind = 'cash' then 1 end) as cash_count,
        sum(case when spans.exit_kind = 'cash' then spans.amount_base end) as cash_amount
    from features.lateness_spans as spans
    inner join week_of_day on spans.last_business_day = week_of_day.business_day
    where spans.as_of = $as_of and spans.exit_kind is not null
    group by spans.payer_key, week_of_day.age_week, spans.lateness_bin
)

select
    at_risk.payer_key,
    at_risk.age_week,
    at_risk.lateness_bin,
    cast(at_risk.day_count as bigint) as at_risk_count,
    cast(at_risk.amount as decimal(38, 4)) as at_risk_amount,
    coalesce(exits.exit_count, 0) as exit_count,
    cast(coalesce(exits.amount, 0) as decimal(38, 4)) as exit_amount,
    coalesce(exits.cash_count, 0) as cash_exit_count,
    cast(coalesce(exits.cash_amount, 0) as decimal(38, 4)) as cash_exit_amount
from at_risk
left join exits
    on at_risk.payer_key = exits.payer_key and at_risk.age_week = exits.age_week and at_risk.lateness_bin = exits.lateness_bin
