-- Within an entity no id is both a payment's and a credit memo's, since a source is named by its id alone.
select payments.payment_id, 1 as failing_rows, payments.amount
from staging.payments as payments
inner join staging.credit_memos as memos on payments.row_key = memos.row_key
where payments.known_from <= $known_at and memos.known_from <= $known_at
    and payments.known_from < memos.known_to and memos.known_from < payments.known_to
