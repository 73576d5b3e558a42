-- What is open is what was invoiced, less what was received and credited, less discounts, tax withheld and what was written
-- off, plus what bounced or was refunded: counted from the documents themselves, past the postings, by entity and currency.
with documents as (
    select entity_id, currency, sum(sign * original_amount) as amount
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at
        and posting_date <= $as_of and (voided_on is null or voided_on > $as_of)
    group by entity_id, currency
),

allowed as (
    select entity_id, currency, sum(discount_taken + withheld_taken + applied_amount) as amount
    from ledger.settlements
    where known_from <= $known_at and known_to > $known_at and effective_from <= $as_of and effective_to > $as_of
    group by entity_id, currency
),

drawn as (
    select settlements.entity_id, sources.currency, sum(settlements.drawn_amount) as amount
    from ledger.settlements as settlements
    inner join ledger.documents as sources
        on settlements.source_key = sources.document_key
        and sources.known_from <= $known_at and sources.known_to > $known_at
    where settlements.known_from <= $known_at and settlements.known_to > $known_at
        and settlements.effective_from <= $as_of and settlements.effective_to > $as_of
    group by settlements.entity_id, sources.currency
),

reinstated as (
    select documents.entity_id, documents.currency, sum(pieces.amount) as amount
    from (
        select target_key, effective_from, effective_to, known_from, known_to, reinstated_amount as amount
        from ledger.reinstatements
        where kind = 'payments_reversed'
        union all
        select invoice_key, effective_from, effective_to, known_from, known_to, reopened_amount from ledger.reopenings
    ) as pieces
    inner join ledger.documents as documents
        on pieces.target_key = documents.document_key and documents.known_from <= $known_at and documents.known_to > $known_at
    where pieces.known_from <= $known_at and pieces.known_to > $known_at
        and pieces.effective_from <= $as_of and pieces.effective_to > $as_of
    group by documents.entity_id, documents.currency
),

expected as (
    select documents.entity_id, documents.currency,
        documents.amount - coalesce(allowed.amount, 0) + coalesce(drawn.amount, 0) + coalesce(reinstated.amount, 0) as amount
    from documents
    left join allowed on documents.entity_id = allowed.entity_id and documents.currency = allowed.currency
    left join drawn on documents.entity_id = drawn.entity_id and documents.currency = drawn.currency
    left join reinstated on documents.entity_id = reinstated.entity_id and documents.currency = reinstated.currency
),

items as (
    select entity_id, currency, sum(open_amount) as amount
    from ledger.open_items
    where as_of = $as_of
    group by entity_id, currency
)

select
    coalesce(expected.entity_id, items.entity_id) as entity_id, 1 as failing_rows,
    coalesce(items.amount, 0) - coalesce(expected.amount, 0) as amount
from expected
full outer join items on expected.entity_id = items.entity_id and expected.currency = items.currency
where coalesce(items.amount, 0) <> coalesce(expected.amount, 0)
