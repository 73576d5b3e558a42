-- A higher quantile of the cash of a week is never less than a lower one.
with ranked as (
    select
        cash_weeks.level, cash_weeks.horizon_week, cash_weeks.statistic, cash_weeks.cash,
        lag(cash_weeks.cash) over (
            partition by level, entity_id, currency, segment, payer_key, horizon_week, component order by statistic
        ) as cash_before
    from forecasts.cash_weeks as cash_weeks
    where as_of = $as_of and statistic <> 'mean'
)

select level, 1 as failing_rows, cash_before - cash as amount
from ranked
where cash < cash_before
