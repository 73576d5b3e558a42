-- The newest closing of the roll-forward is what is open, in each of the three currencies.
with closing as (
    select entity_id, currency, amount, amount_functional, amount_base
    from marts.rollforward
    where as_of = $as_of and period_end = $as_of and line = 'closing'
),

items as (
    select
        entity_id, currency, sum(open_amount) as amount,
        case when count(*) = count(open_amount_functional) then sum(open_amount_functional) end as amount_functional,
        case when count(*) = count(open_amount_base) then sum(open_amount_base) end as amount_base
    from ledger.open_items
    where as_of = $as_of
    group by entity_id, currency
)

select
    coalesce(closing.entity_id, items.entity_id) as entity_id, 1 as failing_rows,
    coalesce(closing.amount, 0) - coalesce(items.amount, 0) as amount
from closing
full outer join items on closing.entity_id = items.entity_id and closing.currency = items.currency
where coalesce(closing.amount, 0) <> coalesce(items.amount, 0)
    or closing.amount_functional <> items.amount_functional
    or closing.amount_base <> items.amount_base
