-- On the day, the receivables of DSO and what it leaves out add up to the open items of the entity and currency.
with items as (
    select entity_id, currency, sum(open_amount) as amount
    from ledger.open_items
    where as_of = $as_of
    group by entity_id, currency
),

counted as (
    select entity_id, currency, receivables + excluded_amount as amount
    from marts.dso
    where as_of = $as_of and period_end = $as_of and definition = 'countback'
)

select coalesce(items.entity_id, counted.entity_id) as entity_id, 1 as failing_rows,
    coalesce(counted.amount, 0) - coalesce(items.amount, 0) as amount
from items
full outer join counted on items.entity_id = counted.entity_id and items.currency = counted.currency
where coalesce(items.amount, 0) <> coalesce(counted.amount, 0)
