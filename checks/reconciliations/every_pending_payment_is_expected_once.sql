-- What a pending payment will bring, on what it names, on what its payer owes and on account, is the payment, but for one whose
-- applications are in another currency.
with brought as (
    select payment_key, currency, sum(cash_amount) as cash_amount
    from features.pending_settlements
    where as_of = $as_of
    group by payment_key, currency
),

foreign_claims as (
    select distinct pending.payment_key
    from features.pending_payments as pending
    inner join brought on pending.payment_key = brought.payment_key and pending.currency <> brought.currency
    where pending.as_of = $as_of
)

select pending.payment_key, 1 as failing_rows, pending.amount - coalesce(brought.cash_amount, 0) as amount
from features.pending_payments as pending
left join brought on pending.payment_key = brought.payment_key
left join foreign_claims on pending.payment_key = foreign_claims.payment_key
where pending.as_of = $as_of and pending.is_expected and foreign_claims.payment_key is null
    and abs(pending.amount - coalesce(brought.cash_amount, 0)) > 0.01
