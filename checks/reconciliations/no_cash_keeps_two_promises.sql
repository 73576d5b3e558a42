-- What promises were kept with, by invoice or customer, is no more than the cash that came, and no promise is kept beyond its
-- amount.
with kept as (
    select
        promises.invoice_key, promises.entity_id, promises.paying_customer_id, promises.currency,
        sum(states.kept_amount) as amount, max(states.kept_amount - states.amount) as most_beyond
    from ledger.promise_states as states
    inner join ledger.promised_amounts as promises
        on states.promise_key = promises.promise_key and promises.as_of = $as_of
    where states.as_of = $as_of
    group by promises.invoice_key, promises.entity_id, promises.paying_customer_id, promises.currency
),

cash as (
    select invoice_key, entity_id, customer_id, currency, sum(cash_amount) as amount
    from ledger.promise_cash
    where as_of = $as_of
    group by invoice_key, entity_id, customer_id, currency
)

select kept.entity_id, 1 as failing_rows, kept.amount - coalesce(cash.amount, 0) as amount
from kept
left join cash
    on kept.invoice_key = cash.invoice_key and kept.entity_id = cash.entity_id
    and kept.paying_customer_id = cash.customer_id and kept.currency = cash.currency
where kept.amount > coalesce(cash.amount, 0) or kept.most_beyond > 0
