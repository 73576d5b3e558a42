-- What payers owe, and what of it is past due, adds up at every period end to what stood then, by entity and currency.
with payers as (
    select
        period_end, entity_id, currency, sum(open_amount) as amount, sum(owed_past_due_amount) as past_due,
        sum(blocked_amount) as blocked
    from marts.payer_monthly
    where as_of = $as_of
    group by period_end, entity_id, currency
),

balances as (
    select period_end, entity_id, currency, sum(open_amount) as amount, sum(owed_past_due_amount) as past_due
    from ledger.period_balances
    where as_of = $as_of
    group by period_end, entity_id, currency
),

disputes as (
    select period_end, entity_id, currency, sum(blocked_amount) as blocked
    from ledger.period_disputes
    where as_of = $as_of
    group by period_end, entity_id, currency
)

select
    balances.period_end, 1 as failing_rows, coalesce(payers.amount, 0) - balances.amount as amount
from balances
left join payers
    on balances.period_end = payers.period_end and balances.entity_id = payers.entity_id and balances.currency = payers.currency
left join disputes
    on balances.period_end = disputes.period_end and balances.entity_id = disputes.entity_id
    and balances.currency = disputes.currency
where coalesce(payers.amount, 0) <> balances.amount or coalesce(payers.past_due, 0) <> balances.past_due
    or coalesce(payers.blocked, 0) <> coalesce(disputes.blocked, 0)
