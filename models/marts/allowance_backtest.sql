-- Hindsight: at each month-end that is old enough, what the rates that history gave then would have set aside for each bucket,
-- and what was lost of what stood in it, net of recoveries. A ratio above one is an allowance that was too high.
with book as (
    select coalesce(max(base_currency), '') as currency from ledger.entities where as_of = $as_of
)

select
    policy.framework,
    '' as entity_id,
    book.currency,
    months.month_end as tested_as_of,
    tested.pool,
    tested.aging_bucket,
    tested.predicted,
    cast(tested.actual as decimal(38, 4)) as actual,
    cast(tested.predicted as double) / nullif(cast(tested.actual as double), 0) as ratio,
    tested.is_biased
from allowance.backtest as tested
inner join staging.months as months on tested.month_number = months.month_number
cross join book
cross join staging.policy as policy
where tested.as_of = $as_of
