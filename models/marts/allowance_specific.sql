-- Specific reserves: each open item of a customer, or of an invoice, that an event has taken out of its pool, with what is
-- expected to be lost of it.
select
    policy.framework,
    items.entity_id,
    items.currency,
    items.customer_id,
    items.document_type,
    items.document_id,
    items.instalment,
    items.reason as kind,
    items.event_date,
    items.exposure,
    items.loss_rate as expected_loss_rate,
    items.allowance,
    items.functional_currency,
    items.allowance_functional,
    items.base_currency,
    items.allowance_base
from allowance.items as items
cross join staging.policy as policy
where items.as_of = $as_of and items.treatment = 'specific'
