-- What was billed in the last thirteen weeks by entity, currency, segment and collector, in the base currency at the day's
-- closing rate: by these shares, billings to come are told apart. What has no rate is no money.
select
    spells.entity_id,
    spells.calendar_number,
    spells.currency,
    payers.segment,
    coalesce(customers.collector, '') as collector,
    cast(coalesce(sum(spells.amount_base), 0) as decimal(38, 4)) as billed_amount
from features.receivable_spells as spells
inner join ledger.documents as documents
    on spells.document_key = documents.document_key and documents.known_from <= $known_at and documents.known_to > $known_at
inner join features.payers as payers on spells.payer_key = payers.payer_key and payers.as_of = $as_of
left join ledger.customers as customers on documents.customer_id = customers.customer_id and customers.as_of = $as_of
where spells.as_of = $as_of and spells.entry_date > $as_of - 91
group by spells.entity_id, spells.calendar_number, spells.currency, payers.segment, coalesce(customers.collector, '')
