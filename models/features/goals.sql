-- Each goal with where it stands: at the end of its period, or on the day while that goes on. What it is measured by is in the
-- base currency at the day's closing rate. A goal of cash without a beginning begins with its calendar quarter; one without a
-- collector is the entity's; a DSO without a definition is simple_90. Related parties are in cash alone.
with quarters as (
    select month_start as quarter_start from staging.months where month(month_start) in (1, 4, 7, 10)
),

goals as (
    select
        row_number() over (order by targets.entity_id, targets.metric, targets.period_end, targets.collector) as goal_key,
        targets.entity_id, targets.metric, targets.period_end, coalesce(targets.collector, '') as collector, targets.value,
        targets.currency, coalesce(targets.period_start, quarters.quarter_start, targets.period_end) as period_start,
        least(targets.period_end, $as_of) as stands_on,
        case when targets.metric = 'dso' then coalesce(targets.definition, 'simple_90') else '' end as definition
    from staging.targets as targets
    left join quarters
        on year(targets.period_end) = year(quarters.quarter_start) and month(targets.period_end) >= month(quarters.quarter_start)
        and month(targets.period_end) < month(quarters.quarter_start) + 3
    where targets.known_from <= $known_at and targets.known_to > $known_at
),

spans as (
    select
        goals.*,
        case definition when 'simple_30' then 30 when 'simple_90' then 90 when 'simple_365' then 365 end as sales_days
    from goals
),

rates as (
    select entity_id, currency, base_currency, rate from features.base_rates where as_of = $as_of
),

base as (
    select entity_id, min(base_currency) as base_currency from rates group by entity_id
),

cash as (
    select spans.goal_key, sum(receipts.amount_base) as amount
    from spans
    inner join features.receipts as receipts
        on spans.entity_id = receipts.entity_id and (spans.collector = '' or spans.collector = receipts.collector)
        and receipts.received_on >= spans.period_start and receipts.received_on <= spans.stands_on and receipts.as_of = $as_of
    group by spans.goal_key
),

converted as (
    select
        daily.entity_id, daily.effective_date,
        cast(round(cast(daily.sales as decimal(20, 4)) * rates.rate, 4) as decimal(28, 4)) as amount
    from ledger.daily_sales as daily
    inner join rates on daily.entity_id = rates.entity_id and daily.currency = rates.currency
    where daily.as_of = $as_of and not daily.related_party
),

sales as (
    select
        spans.goal_key, sum(converted.amount) as standing_amount,
        sum(case when converted.effective_date > spans.period_end - spans.sales_days then converted.amount else 0 end) as amount
    from spans
    inner join converted
        on spans.entity_id = converted.entity_id and converted.effective_date <= spans.stands_on
        and converted.effective_date > spans.stands_on - spans.sales_days
    group by spans.goal_key
),

standing as (
    select
        spans.goal_key,
        sum(cast(round(cast(windows.open_amount as decimal(20, 4)) * rates.rate, 4) as decimal(28, 4))) as receivables,
        sum(cast(round(cast(windows.owed_amount as decimal(20, 4)) * rates.rate, 4) as decimal(28, 4))) as owed,
        sum(cast(round(cast(windows.owed_past_due_amount as decimal(20, 4)) * rates.rate, 4) as decimal(28, 4))) as past_due,
        sum(cast(round(cast(windows.owed_over_90_amount as decimal(20, 4)) * rates.rate, 4) as decimal(28, 4))) as over_90
    from spans
    inner join ledger.collection_windows as windows
        on spans.entity_id = windows.entity_id and spans.stands_on = windows.period_end and windows.window_days = 0
        and windows.level = case when spans.collector = '' then 'entity' else 'collector' end
        and windows.collector = case when spans.collector = '' then 'all' else spans.collector end
        and not windows.related_party and windows.as_of = $as_of
    inner join rates on windows.entity_id = rates.entity_id and windows.currency = rates.currency
    group by spans.goal_key
)

select
    spans.goal_key,
    spans.entity_id,
    spans.metric,
    spans.period_start,
    spans.period_end,
    spans.collector,
    spans.definition,
    cast(spans.sales_days as integer) as sales_days,
    coalesce(spans.currency, base.base_currency, '') as currency,
    spans.value as target,
    cast(case when spans.currency is null then 1 else own.rate end as decimal(18, 10)) as rate,
    spans.stands_on,
    cast(coalesce(cash.amount, 0) as decimal(38, 4)) as collected_amount,
    cast(coalesce(sales.amount, 0) as decimal(38, 4)) as sales,
    cast(coalesce(sales.standing_amount, 0) as decimal(38, 4)) as standing_sales,
    cast(standing.receivables as decimal(38, 4)) as receivables,
    cast(standing.owed as decimal(38, 4)) as owed_amount,
    cast(standing.past_due as decimal(38, 4)) as owed_past_due_amount,
    cast(standing.over_90 as decimal(38, 4)) as owed_over_90_amount
from spans
left join base on spans.entity_id = base.entity_id
left join rates as own on spans.entity_id = own.entity_id and spans.currency = own.currency
left join cash on spans.goal_key = cash.goal_key
left join sales on spans.goal_key = sales.goal_key
left join standing on spans.goal_key = standing.goal_key
