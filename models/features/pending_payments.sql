-- Payments that are on their way: pending as they are known, each expected on its own date. One that is still pending more than
-- fourteen days after it is not expected any more.
select
    payments.row_key as payment_key,
    payments.entity_id,
    payments.currency,
    coalesce(payers.payer_key, 0) as payer_key,
    coalesce(payers.segment, customers.segment, '') as segment,
    payments.payment_date as expected_on,
    payments.amount,
    payments.payment_date >= $as_of - 14 as is_expected
from staging.payments as payments
left join ledger.customers as customers on payments.customer_id = customers.customer_id and customers.as_of = $as_of
left join features.payers as payers
    on coalesce(customers.payer_id, payments.customer_id) = payers.payer_id and payers.as_of = $as_of
where payments.known_from <= $known_at and payments.known_to > $known_at and payments.status = 'pending'
