-- The sales of turnover are those of DSO over 365 days, for each entity as a whole.
with turnover as (
    select period_end, entity_id, currency, numerator
    from marts.collection_metrics
    where as_of = $as_of and metric = 'turnover' and level = 'entity'
),

days_sales as (
    select period_end, entity_id, currency, sales
    from marts.dso
    where as_of = $as_of and definition = 'simple_365'
)

select
    days_sales.period_end, 1 as failing_rows, coalesce(turnover.numerator, 0) - days_sales.sales as amount
from days_sales
left join turnover
    on days_sales.period_end = turnover.period_end and days_sales.entity_id = turnover.entity_id
    and days_sales.currency = turnover.currency
where coalesce(turnover.numerator, 0) <> days_sales.sales
