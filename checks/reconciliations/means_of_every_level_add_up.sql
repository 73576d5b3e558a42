-- What is expected of entities, and of segments, adds up to the total of its week and component, but for rounding.
with levels as (
    select level, horizon_week, component, sum(cash) as cash, count(*) as labels
    from forecasts.cash_weeks
    where as_of = $as_of and statistic = 'mean' and level <> 'payer'
    group by level, horizon_week, component
),

totals as (select horizon_week, component, cash from levels where level = 'total')

select levels.level, 1 as failing_rows, levels.cash - totals.cash as amount
from levels
inner join totals on levels.horizon_week = totals.horizon_week and levels.component = totals.component
where abs(levels.cash - totals.cash) > 0.0001 * (levels.labels + 1)
