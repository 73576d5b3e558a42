-- Each entity that has documents, with its functional currency (as its feed says; else the only currency of its
-- documents) and the group's base currency (as the policy says; else the only functional currency; else the only document
-- currency). Where there are several and none is set, it is empty: nothing is guessed.
with documents as (
    select accounts.entity_id, accounts.currency
    from ledger.known_documents as documents
    inner join ledger.known_accounts as accounts
        on documents.account_number = accounts.account_number and accounts.known_at = $known_at
    where documents.known_at = $known_at and documents.posting_date <= $as_of
    group by accounts.entity_id, accounts.currency
),

told as (
    select entity_id, functional_currency
    from staging.entities
    where known_from <= $known_at and known_to > $known_at
),

only_currencies as (
    select entity_id, case when min(currency) = max(currency) then min(currency) end as only_currency
    from documents
    group by entity_id
),

functional as (
    select only_currencies.entity_id, coalesce(told.functional_currency, only_currencies.only_currency) as functional_currency
    from only_currencies
    left join told on only_currencies.entity_id = told.entity_id
),

book as (
    select
        case when min(functional_currency) = max(functional_currency) and count(functional_currency) = count(*)
            then min(functional_currency) end as only_functional
    from functional
),

only_document as (
    select case when min(currency) = max(currency) then min(currency) end as only_document_currency from documents
)

select
    functional.entity_id,
    functional.functional_currency,
    coalesce(policy.base_currency, book.only_functional, only_document.only_document_currency) as base_currency
from functional
cross join book
cross join only_document
cross join staging.policy as policy
