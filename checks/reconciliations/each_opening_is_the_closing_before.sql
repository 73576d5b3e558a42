-- The opening of every period of the roll-forward is the closing of the one before it.
with balances as (
    select entity_id, currency, line, period_start, period_end, amount, amount_functional, amount_base
    from marts.rollforward
    where as_of = $as_of and line in ('opening', 'closing')
)

select
    opening.entity_id, 1 as failing_rows, opening.amount - closing.amount as amount
from balances as opening
inner join balances as closing
    on opening.entity_id = closing.entity_id and opening.currency = closing.currency
    and opening.line = 'opening' and closing.line = 'closing' and opening.period_start = closing.period_end + 1
where opening.amount <> closing.amount or opening.amount_functional <> closing.amount_functional
    or opening.amount_base <> closing.amount_base
