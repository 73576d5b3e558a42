-- What changed for each payer in each month, by entity and currency: what was open and what of it past due, what was billed
-- (voids taken back), and what came in (receipts by their own date, reversals by theirs).
with postings as (
    select document_key, effective_date, kind, amount
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at and effective_date <= $as_of
),

parts as (
    select distinct document_key from ledger.instalments where as_of = $as_of
),

documents as (
    select document_key, entity_id, customer_id, payer_id, currency, sign, document_type, document_date, aged_from
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at
),

history as (
    select min(month_number) as first_month from ledger.period_ends where as_of = $as_of
),

described as (
    select
        documents.entity_id, coalesce(documents.payer_id, customers.payer_id, documents.customer_id) as payer_id,
        documents.currency, documents.sign, postings.kind, postings.amount, parts.document_key is not null as has_parts,
        year(postings.effective_date) * 12 + month(postings.effective_date) as posted_month,
        -- a receipt belongs to the month of its date, as far as that is within the book
        case when documents.sign = -1 and documents.document_date <= $as_of
            then greatest(year(documents.document_date) * 12 + month(documents.document_date), history.first_month)
        end as dated_month,
        coalesce(documents.aged_from, case policy.no_due_date
            when 'terms' then documents.document_date + coalesce(customers.terms_days, policy.default_terms_days)
        end) as aged_from
    from postings
    inner join documents on postings.document_key = documents.document_key
    left join parts on postings.document_key = parts.document_key
    left join ledger.customers as customers on documents.customer_id = customers.customer_id and customers.as_of = $as_of
    cross join staging.policy as policy
    cross join history
),

-- what is past due is so from the month of the day after; what has no age, at once; what is not late by the day, not at all
dated as (
    select
        described.*, case when kind = 'collected' then coalesce(dated_month, posted_month) else posted_month end as own_month,
        case
            when sign = -1 or has_parts or aged_from >= $as_of then 999999
            when aged_from is null then posted_month
            else greatest(posted_month, year(aged_from + 1) * 12 + month(aged_from + 1))
        end as past_due_month
    from described
),

-- an instalment is past due by its own date
late_parts as (
    select
        documents.entity_id, coalesce(documents.payer_id, customers.payer_id, documents.customer_id) as payer_id,
        documents.currency, year(changes.effective_date) * 12 + month(changes.effective_date) as changed_month,
        coalesce(changes.aged_from, case policy.no_due_date
            when 'terms' then documents.document_date + coalesce(customers.terms_days, policy.default_terms_days)
        end) as aged_from,
        changes.change
    from ledger.instalment_changes as changes
    inner join documents on changes.document_key = documents.document_key
    left join ledger.customers as customers on documents.customer_id = customers.customer_id and customers.as_of = $as_of
    cross join staging.policy as policy
    where changes.as_of = $as_of
),

events as (
    select
        entity_id, payer_id, currency, posted_month as month_number, amount as change,
        case when past_due_month = posted_month then amount else 0 end as past_due_change,
        case when sign = 1 and kind in ('invoiced', 'voided') then amount else 0 end as billed_amount,
        case when own_month = posted_month and kind in ('collected', 'payments_reversed') then -amount else 0 end
            as collected_amount
    from dated
    union all
    select entity_id, payer_id, currency, own_month, 0, 0, 0, -amount
    from dated
    where own_month <> posted_month
    union all
    select entity_id, payer_id, currency, past_due_month, 0, amount, 0, 0
    from dated
    where past_due_month <> posted_month and past_due_month < 999999
    union all
    select entity_id, payer_id, currency,
        greatest(changed_month, coalesce(year(aged_from + 1) * 12 + month(aged_from + 1), 0)), 0, change, 0, 0
    from late_parts
    where aged_from is null or aged_from < $as_of
)

select
    entity_id,
    payer_id,
    currency,
    cast(month_number as integer) as month_number,
    cast(sum(change) as decimal(38, 4)) as change,
    cast(sum(past_due_change) as decimal(38, 4)) as past_due_change,
    cast(sum(billed_amount) as decimal(38, 4)) as billed_amount,
    cast(sum(collected_amount) as decimal(38, 4)) as collected_amount
from events
group by entity_id, payer_id, currency, month_number
