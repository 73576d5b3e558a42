-- How well receivables are collected, at every month-end of history and on the day, for each entity as a whole, by segment and
-- by collector. cei: 100 times what was collected over what could have been, (opening + sales - closing) over (opening + sales
-- - closing not yet due). turnover: sales of 365 days over the mean of thirteen month-end balances, rounded if policy says so;
-- turnover_days: 365 days over that. percent_*: 100 times that part of what is owed. unapplied_share: what is not applied over
-- what is owed. at_risk_rate: of billings that reached ninety days, what was then unpaid. weighted_* and dbt_*: days, weighed by
-- cash applied, by what is late, or by both. Empty where a denominator is not positive. Related parties are out of both sides.
with stock as (
    select windows.* from ledger.collection_windows as windows where as_of = $as_of and window_days = 0
),

flow as (
    select windows.*
    from ledger.collection_windows as windows
    where as_of = $as_of and window_days in (select asked.window_days from staging.metric_windows as asked)
),

year_back as (
    select windows.* from ledger.collection_windows as windows where as_of = $as_of and window_days = 365
),

metrics as (
    select
        year_back.*, 'turnover' as metric, 1 as factor, sales as numerator, mean_open_amount as denominator,
        open_amount as whole_amount, 0 as left_out
    from year_back
    union all
    select
        year_back.*, 'turnover_days', 365, mean_open_amount, sales, open_amount, 0
    from year_back
    union all
    select
        flow.*, 'cei', 100, opening_amount + counted_sales - open_amount,
        opening_amount + counted_sales - open_amount + past_due_amount, open_amount, 0
    from flow
    union all
    select
        stock.*, 'percent_current', 100, owed_amount - owed_past_due_amount, owed_amount, owed_amount, 0
    from stock
    union all
    select
        stock.*, 'percent_past_due', 100, owed_past_due_amount, owed_amount, owed_amount, 0
    from stock
    union all
    select
        stock.*, 'percent_over_90', 100, owed_over_90_amount, owed_amount, owed_amount, 0
    from stock
    union all
    select
        stock.*, 'unapplied_share', 1, owed_amount - open_amount, owed_amount, owed_amount, 0
    from stock
    union all
    select
        flow.*, 'at_risk_rate', 1, unpaid_billings, aged_billings, aged_billings, 0
    from flow
    union all
    select
        flow.*, 'weighted_days_to_pay', 1, days_to_pay_weight, cash_amount, cash_amount, 0
    from flow
    union all
    select
        flow.*, 'weighted_terms', 1, terms_weight, dated_cash_amount, cash_amount, cash_amount - dated_cash_amount
    from flow
    union all
    select
        flow.*, 'dbt_paid', 1, beyond_terms_weight, dated_cash_amount, cash_amount, cash_amount - dated_cash_amount
    from flow
    union all
    select
        stock.*, 'dbt_open', 1, late_weight, late_amount, late_amount + undated_amount, undated_amount
    from stock
    union all
    select
        flow.*, 'dbt_all', 1, beyond_terms_weight + late_weight, dated_cash_amount + late_amount,
        cash_amount + late_amount + undated_amount, cash_amount - dated_cash_amount + undated_amount
    from flow
),

firsts as (
    select distinct entity_id, currency, first_date from ledger.period_sales where as_of = $as_of
),

added as (
    select
        level, period_end, window_days, entity_id, segment, collector, currency, metric, factor,
        cast(sum(case when related_party then 0 else numerator end) as decimal(38, 4)) as numerator,
        cast(sum(case when related_party then 0 else denominator end) as decimal(38, 4)) as denominator,
        cast(sum(case when related_party then whole_amount else left_out end) as decimal(38, 4)) as excluded_amount
    from metrics
    group by level, period_end, window_days, entity_id, segment, collector, currency, metric, factor
)

select
    added.level,
    added.period_end,
    added.window_days,
    added.entity_id,
    added.segment,
    added.collector,
    added.currency,
    added.metric,
    cast(case
        when added.denominator <= 0 or (added.metric = 'turnover_days' and added.numerator <= 0) then null
        when added.metric = 'turnover' and policy.turnover_scale is not null
            then round(cast(cast(added.numerator as double) / nullif(cast(added.denominator as double), 0)
                * policy.turnover_scale as decimal(28, 6))) / nullif(cast(policy.turnover_scale as double), 0)
        when added.metric = 'turnover_days' and policy.turnover_scale is not null
            then added.factor * cast(policy.turnover_scale as double) / nullif(cast(round(cast(cast(added.denominator as double)
                / nullif(cast(added.numerator as double), 0) * policy.turnover_scale as decimal(28, 6))) as double), 0)
        else added.factor * cast(added.numerator as double) / nullif(cast(added.denominator as double), 0)
    end as decimal(38, 4)) as value,
    added.numerator,
    added.denominator,
    added.excluded_amount,
    case when firsts.first_date > added.period_end - added.window_days + 1 and added.window_days > 0 then 'short_history'
        else '' end as flag
from added
cross join staging.policy as policy
inner join firsts on added.entity_id = firsts.entity_id and added.currency = firsts.currency
where added.numerator <> 0 or added.denominator <> 0 or added.excluded_amount <> 0
