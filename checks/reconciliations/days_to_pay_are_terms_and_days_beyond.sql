-- Days to pay are terms and days beyond terms, weighed by the same cash, where early payments count as negative and every
-- invoice has a day on which it was due.
with sides as (
    select
        level, period_end, window_days, entity_id, segment, collector, currency,
        sum(case when metric = 'weighted_days_to_pay' then numerator else -numerator end) as difference,
        min(excluded_amount) as least_excluded, max(excluded_amount) as most_excluded
    from marts.collection_metrics as metrics
    cross join staging.policy as policy
    where metrics.as_of = $as_of and metric in ('weighted_days_to_pay', 'weighted_terms', 'dbt_paid')
        and policy.early_payments = 'negative'
    group by level, period_end, window_days, entity_id, segment, collector, currency
)

select period_end, 1 as failing_rows, difference as amount
from sides
where difference <> 0 and least_excluded = most_excluded
