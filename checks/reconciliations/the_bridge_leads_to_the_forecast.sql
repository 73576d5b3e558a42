-- The steps of the bridge lead from the previous forecast to this one, which is the cash forecast of the entity and currency.
with steps as (
    select
        entity_id, currency, sum(case when step <> 'current' then amount_base else 0 end) as added,
        sum(case when step = 'current' then amount_base else 0 end) as reached,
        sum(case when step = 'unexplained' then abs(amount_base) else 0 end) as unexplained
    from marts.forecast_bridge
    where as_of = $as_of
    group by entity_id, currency
),

forecast as (
    select entity_id, currency, sum(amount_base) as expected
    from marts.cash_forecast
    where as_of = $as_of and level = 'entity' and component = 'total' and statistic = 'mean'
    group by entity_id, currency
)

select
    concat(steps.entity_id, ' ', steps.currency) as place, 1 as failing_rows,
    cast(steps.reached - coalesce(forecast.expected, 0) as decimal(38, 4)) as amount
from steps
left join forecast on steps.entity_id = forecast.entity_id and steps.currency = forecast.currency
where steps.added <> steps.reached or steps.unexplained > 0.01
    or abs(steps.reached - coalesce(forecast.expected, 0)) > 0.01
