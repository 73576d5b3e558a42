-- Item-days at risk and exits of a payer by week and lateness bin, in items and in money: whole numbers and decimals, so
-- that any decay of weights, and any earlier origin that ends a week, is a sum over them. `age_week` 0 ends at $as_of.
-- Most stays in a bin lie within one week, found by its day; only what is left of the longer ones meets the other weeks.
with spans as (
    select payer_key, lateness_bin, amount_base, first_business_day, last_business_day, exit_kind
    from features.lateness_spans
    where as_of = $as_of
),

weeks as (
    select entity_id, age_week, first_date, last_date, first_business_day, last_business_day
    from features.count_weeks
),

week_of_day as (
    select days.entity_id, days.business_day, weeks.age_week, weeks.last_business_day
    from features.business_days as days
    join weeks on weeks.entity_id = days.entity_id and days.date between weeks.first_date and weeks.last_date
    where days.business_day = days.next_business_day
),

placed as (
    select
        spans.payer_key, spans.entity_id, spans.lateness_bin, spans.amount, spans.first_day, spans.last_day, spans.exit_kind,
        week_of_day.age_week, week_of_day.last_business_day
    from spans
    join week_of_day on week_of_day.entity_id = spans.entity_id and week_of_day.business_day = spans.first_day
),

parts as (
    select
        payer_key, age_week, lateness_bin, amount, least(last_day, last_business_day) - first_day + 1 as day_count,
        case when last_day <= last_business_day then exit_kind end as exit_kind
    from placed
    union all
    select
        placed.payer_key, weeks.age_week, placed.lateness_bin, placed.amount,
        least(placed.last_day, weeks.last_business_day) - weeks.first_business_day + 1,
        case when placed.last_day <= weeks.last_business_day then placed.exit_kind end
    from placed
    join weeks
        on weeks.entity_id = placed.entity_id
        and weeks.age_week < placed.age_week
        and weeks.first_business_day <= placed.last_day
        and weeks.first_business_day <= weeks.last_business_day
    where placed.last_day > placed.last_business_day
)

select
    payer_key, age_week, lateness_bin,
    cast(sum(day_count) as bigint) as at_risk_count,
    cast(sum(amount * day_count) as decimal(38, 4)) as at_risk_amount,
    cast(sum(case when exit_kind is not null then 1 else 0 end) as bigint) as exit_count,
    cast(sum(case when exit_kind is not null then amount else 0 end) as decimal(38, 4)) as exit_amount,
    cast(sum(case when exit_kind = 'cash' then 1 else 0 end) as bigint) as cash_exit_count,
    cast(sum(case when exit_kind = 'cash' then amount else 0 end) as decimal(38, 4)) as cash_exit_amount
from parts
group by payer_key, age_week, lateness_bin
