-- The vintage triangle in money: what was billed in each month of the look-back, and at every month-end since what was
-- uncollected of it, and what had been written off for credit and recovered.
with month_ends as (
    select month_number from ledger.period_ends where as_of = $as_of and is_month_end
),

history as (
    select max(month_ends.month_number) as last_month, max(month_ends.month_number) - max(policy.look_back_months) as first_month
    from month_ends
    cross join staging.policy as policy
),

invoices as (
    select
        documents.document_key, documents.entity_id, documents.currency, members.pool, documents.original_amount,
        year(documents.posting_date) * 12 + month(documents.posting_date) as billing_month
    from ledger.documents as documents
    inner join allowance.pool_members as members
        on documents.entity_id = members.entity_id and documents.customer_id = members.customer_id and members.as_of = $as_of
    left join ledger.customers as customers on documents.customer_id = customers.customer_id and customers.as_of = $as_of
    cross join history
    cross join staging.policy as policy
    where documents.sign = 1 and documents.known_from <= $known_at and documents.known_to > $known_at
        and year(documents.posting_date) * 12 + month(documents.posting_date) > history.first_month
        and year(documents.posting_date) * 12 + month(documents.posting_date) <= history.last_month
        and (not coalesce(customers.related_party, false) or policy.related_parties = 'pooled')
),

billed as (
    select entity_id, currency, pool, billing_month, sum(original_amount) as billed
    from invoices
    group by entity_id, currency, pool, billing_month
),

postings as (
    select document_key, year(effective_date) * 12 + month(effective_date) as month_number, sum(amount) as amount
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at and effective_date <= $as_of
    group by document_key, year(effective_date) * 12 + month(effective_date)
),

changes as (
    select
        invoices.entity_id, invoices.currency, invoices.pool, invoices.billing_month, postings.month_number,
        sum(postings.amount) as amount, sum(coalesce(reductions.written_off, 0)) as written_off,
        sum(coalesce(reductions.recovered, 0)) as recovered
    from invoices
    inner join postings on invoices.document_key = postings.document_key
    left join allowance.reductions as reductions
        on postings.document_key = reductions.document_key and postings.month_number = reductions.month_number
        and reductions.as_of = $as_of
    group by invoices.entity_id, invoices.currency, invoices.pool, invoices.billing_month, postings.month_number
)

select
    billed.entity_id,
    billed.currency,
    billed.pool,
    cast(billed.billing_month as integer) as billing_month,
    cast(month_ends.month_number - billed.billing_month as integer) as age_months,
    cast(billed.billed as decimal(38, 4)) as billed,
    cast(coalesce(sum(changes.amount), 0) as decimal(38, 4)) as uncollected,
    cast(coalesce(sum(changes.written_off), 0) as decimal(38, 4)) as written_off,
    cast(coalesce(sum(changes.recovered), 0) as decimal(38, 4)) as recovered
from billed
inner join month_ends on month_ends.month_number >= billed.billing_month
left join changes
    on billed.entity_id = changes.entity_id and billed.currency = changes.currency and billed.pool = changes.pool
    and billed.billing_month = changes.billing_month and changes.month_number <= month_ends.month_number
group by
    billed.entity_id, billed.currency, billed.pool, billed.billing_month, month_ends.month_number, billed.billed
