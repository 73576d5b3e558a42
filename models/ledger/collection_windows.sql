-- Each window beside how things stood at its end: what was open at its beginning, the mean of the thirteen newest balances, and
-- what happened within it. A window of 0 days says how things stood; one of 365 days is there whatever the policy's windows.
with stock as (
    select
        parts.level, parts.month_number, parts.period_end, parts.entity_id, parts.segment, parts.collector,
        parts.related_party, parts.currency, parts.open_amount, parts.past_due_amount, parts.owed_amount,
        parts.owed_past_due_amount, parts.owed_over_90_amount, parts.undated_amount, parts.late_amount, parts.late_weight,
        sum(parts.open_amount) over (
            partition by level, entity_id, segment, collector, related_party, currency order by month_number
            rows between 12 preceding and current row
        ) as balances_added,
        count(*) over (
            partition by level, entity_id, segment, collector, related_party, currency order by month_number
            rows between 12 preceding and current row
        ) as balances_counted
    from ledger.collection_parts as parts
    where as_of = $as_of and window_days = 0
),

flow as (
    select
        level, month_number, window_days, entity_id, segment, collector, related_party, currency, sales, monthly_sales,
        aged_billings, unpaid_billings, cash_amount, dated_cash_amount, days_to_pay_weight, terms_weight, beyond_terms_weight
    from ledger.collection_parts
    where as_of = $as_of and window_days > 0
),

windows as (
    select window_days, window_months from staging.metric_windows
    union
    select 365, 12
    union
    select 0, 0
)

select
    stock.level,
    stock.period_end,
    windows.window_days,
    stock.entity_id,
    stock.segment,
    stock.collector,
    stock.related_party,
    stock.currency,
    stock.open_amount,
    stock.past_due_amount,
    stock.owed_amount,
    stock.owed_past_due_amount,
    stock.owed_over_90_amount,
    stock.undated_amount,
    stock.late_amount,
    stock.late_weight,
    cast(coalesce(opening.open_amount, 0) as decimal(38, 4)) as opening_amount,
    cast(cast(stock.balances_added as double) / nullif(cast(stock.balances_counted as double), 0) as decimal(38, 4))
        as mean_open_amount,
    cast(coalesce(flow.sales, 0) as decimal(38, 4)) as sales,
    cast(case
        when flow.monthly_sales is null then 0
        when policy.cei_months = 'whole_period' then flow.monthly_sales
        else cast(flow.monthly_sales as double) / nullif(cast(windows.window_months as double), 0)
    end as decimal(38, 4)) as counted_sales,
    cast(coalesce(flow.aged_billings, 0) as decimal(38, 4)) as aged_billings,
    cast(coalesce(flow.unpaid_billings, 0) as decimal(38, 4)) as unpaid_billings,
    cast(coalesce(flow.cash_amount, 0) as decimal(38, 4)) as cash_amount,
    cast(coalesce(flow.dated_cash_amount, 0) as decimal(38, 4)) as dated_cash_amount,
    cast(coalesce(flow.days_to_pay_weight, 0) as decimal(38, 4)) as days_to_pay_weight,
    cast(coalesce(flow.terms_weight, 0) as decimal(38, 4)) as terms_weight,
    cast(coalesce(flow.beyond_terms_weight, 0) as decimal(38, 4)) as beyond_terms_weight
from stock
cross join windows
cross join staging.policy as policy
left join flow
    on stock.level = flow.level and stock.month_number = flow.month_number and windows.window_days = flow.window_days
    and stock.entity_id = flow.entity_id and stock.segment = flow.segment and stock.collector = flow.collector
    and stock.related_party = flow.related_party and stock.currency = flow.currency
left join stock as opening
    on stock.level = opening.level and stock.month_number = opening.month_number + windows.window_months
    and stock.entity_id = opening.entity_id and stock.segment = opening.segment and stock.collector = opening.collector
    and stock.related_party = opening.related_party and stock.currency = opening.currency
