-- Every combination of entity, customer, payer, currency and control account that a document names, as known at the time. It goes
-- by a number, so that sums over millions of postings are made by one number and not by five texts.
with named as (
    select distinct
        entity_id, customer_id, coalesce(payer_id, '') as named_payer_id, currency, coalesce(ar_account, '') as ar_account
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at
)

select
    cast(row_number() over (order by entity_id, customer_id, named_payer_id, currency, ar_account) as integer) as account_number,
    entity_id,
    customer_id,
    named_payer_id,
    currency,
    ar_account,
    $known_at as known_at
from named
