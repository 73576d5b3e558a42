-- Each account with what the master data of the day say of it: who pays, the customer's segment and collector, the terms that an
-- item without a usable date is aged by where the policy says so, and the currencies of its books.
with known as (
    select account_number, entity_id, customer_id, named_payer_id, currency, ar_account
    from ledger.known_accounts
    where known_at = $known_at
),

customers as (
    select customer_id, payer_id, segment, collector, terms_days, related_party from ledger.customers where as_of = $as_of
),

entities as (
    select entity_id, functional_currency, base_currency from ledger.entities where as_of = $as_of
)

select
    known.account_number,
    known.entity_id,
    known.customer_id,
    coalesce(nullif(known.named_payer_id, ''), customers.payer_id, known.customer_id) as payer_id,
    coalesce(customers.segment, '') as segment,
    coalesce(customers.collector, '') as collector,
    coalesce(customers.related_party, false) as related_party,
    known.currency,
    known.ar_account,
    case policy.no_due_date when 'terms' then coalesce(customers.terms_days, policy.default_terms_days) end as aging_terms_days,
    entities.functional_currency,
    entities.base_currency
from known
left join customers on known.customer_id = customers.customer_id
left join entities on known.entity_id = entities.entity_id
cross join staging.policy as policy
