-- The published monthly ageing adds up to the ageing of all period ends it is made of, month by month.
with published as (
    select month_end, sum(open_amount) as amount, sum(item_count) as item_count
    from marts.aging_monthly
    where as_of = $as_of
    group by month_end
),

totals as (
    select totals.period_end, sum(totals.open_amount) as amount, sum(totals.item_count) as item_count
    from ledger.period_aging as totals
    inner join ledger.period_ends as periods
        on totals.period_end = periods.period_end and periods.is_month_end and periods.as_of = $as_of
    where totals.as_of = $as_of
    group by totals.period_end
)

select coalesce(published.month_end, totals.period_end) as month_end, 1 as failing_rows,
    coalesce(published.amount, 0) - coalesce(totals.amount, 0) as amount
from published
full outer join totals on published.month_end = totals.period_end
where coalesce(published.amount, 0) <> coalesce(totals.amount, 0)
    or coalesce(published.item_count, 0) <> coalesce(totals.item_count, 0)
