-- Every promise to pay that was made by the day, with the last day on which cash still keeps it (its date plus the tolerance),
-- and whose cash that is: what is applied to its invoice, or, where it names none, what comes from the customer.
select
    promises.row_key as promise_key,
    promises.entity_id,
    promises.promise_id,
    promises.customer_id,
    coalesce(promises.invoice_id, '') as invoice_id,
    coalesce(promises.invoice_key, 0) as invoice_key,
    case when promises.invoice_key is null then promises.customer_id else '' end as paying_customer_id,
    coalesce(promises.currency, accounts.currency, entities.functional_currency, '') as currency,
    promises.made_on,
    promises.promised_date,
    promises.promised_date + policy.tolerance_days as last_date,
    promises.amount,
    coalesce(promises.withdrawn_on <= $as_of, false) as is_withdrawn
from staging.promises as promises
cross join staging.policy as policy
left join ledger.known_documents as invoices
    on promises.invoice_key = invoices.document_key and invoices.sign = 1 and invoices.known_at = $known_at
left join ledger.accounts as accounts on invoices.account_number = accounts.account_number and accounts.as_of = $as_of
left join ledger.entities as entities on promises.entity_id = entities.entity_id and entities.as_of = $as_of
where promises.known_from <= $known_at and promises.known_to > $known_at and promises.made_on <= $as_of
