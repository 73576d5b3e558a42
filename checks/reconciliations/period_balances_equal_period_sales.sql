-- What stood at each period end by segment and collector adds up to the receivables of DSO, to what of them is not past due, and
-- to what related parties owe.
with balances as (
    select
        period_end, entity_id, currency,
        sum(case when related_party then 0 else open_amount end) as receivables,
        sum(case when related_party then 0 else open_amount - past_due_amount end) as receivables_current,
        sum(case when related_party then open_amount else 0 end) as receivables_related
    from ledger.period_balances
    where as_of = $as_of
    group by period_end, entity_id, currency
),

sides as (
    select sales.period_end, sales.entity_id, sales.currency, sales.receivables, sales.receivables_current,
        sales.receivables_related
    from ledger.period_sales as sales
    inner join ledger.period_ends as periods
        on sales.period_end = periods.period_end and periods.as_of = $as_of and periods.is_monthly
    where sales.as_of = $as_of
)

select
    sides.period_end, 1 as failing_rows, coalesce(balances.receivables, 0) - sides.receivables as amount
from sides
left join balances
    on sides.period_end = balances.period_end and sides.entity_id = balances.entity_id and sides.currency = balances.currency
where coalesce(balances.receivables, 0) <> sides.receivables
    or coalesce(balances.receivables_current, 0) <> sides.receivables_current
    or coalesce(balances.receivables_related, 0) <> sides.receivables_related
