-- The sales of turnover are those of DSO over 365 days, for each entity as a whole, at month-ends and on the day, where DSO too
-- takes billings, and credit memos where they are posted.
with turnover as (
    select period_end, entity_id, currency, numerator
    from marts.collection_metrics
    where as_of = $as_of and metric = 'turnover' and level = 'entity'
),

days_sales as (
    select dso.period_end, dso.entity_id, dso.currency, dso.sales
    from marts.dso as dso
    inner join ledger.period_ends as periods
        on dso.period_end = periods.period_end and periods.as_of = $as_of and periods.is_monthly
    inner join staging.policy as policy on policy.sales_basis = 'billings' and policy.credit_treatment = 'posting_month'
    where dso.as_of = $as_of and dso.definition = 'simple_365'
)

select
    days_sales.period_end, 1 as failing_rows, coalesce(turnover.numerator, 0) - days_sales.sales as amount
from days_sales
left join turnover
    on days_sales.period_end = turnover.period_end and days_sales.entity_id = turnover.entity_id
    and days_sales.currency = turnover.currency
where coalesce(turnover.numerator, 0) <> days_sales.sales
