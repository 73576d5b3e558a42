-- Every dispute that is open on the day, with what it blocks, when such disputes have usually been resolved, and what share of
-- what is disputed has usually been credited.
select
    states.entity_id,
    states.dispute_id,
    states.invoice_id,
    coalesce(states.customer_id, '') as customer_id,
    coalesce(states.payer_id, '') as payer_id,
    states.currency,
    states.reason,
    states.opened_on,
    states.age_days,
    cast(states.disputed_amount as decimal(18, 4)) as disputed_amount,
    states.blocked_amount,
    outlook.expected_resolution_date,
    outlook.expected_credit_share
from ledger.dispute_states as states
inner join features.dispute_outlook as outlook on states.dispute_key = outlook.dispute_key and outlook.as_of = $as_of
where states.as_of = $as_of and states.is_open
