-- On the day, what is owed, and what of it is past due and more than ninety days past due, equals the positive open items of each
-- entity and currency.
with items as (
    select
        entity_id, currency, sum(open_amount) as amount,
        sum(case when aged_from is null or aged_from < $as_of then open_amount else 0 end) as past_due,
        sum(case when aged_from + 90 < $as_of then open_amount else 0 end) as over_90
    from ledger.open_items
    where as_of = $as_of and open_amount > 0
    group by entity_id, currency
),

balances as (
    select
        entity_id, currency, sum(owed_amount) as amount, sum(owed_past_due_amount) as past_due,
        sum(owed_over_90_amount) as over_90
    from ledger.period_balances
    where as_of = $as_of and period_end = $as_of
    group by entity_id, currency
)

select
    coalesce(items.entity_id, balances.entity_id) as entity_id, 1 as failing_rows,
    coalesce(balances.amount, 0) - coalesce(items.amount, 0) as amount
from items
full outer join balances on items.entity_id = balances.entity_id and items.currency = balances.currency
where coalesce(items.amount, 0) <> coalesce(balances.amount, 0)
    or coalesce(items.past_due, 0) <> coalesce(balances.past_due, 0)
    or coalesce(items.over_90, 0) <> coalesce(balances.over_90, 0)
