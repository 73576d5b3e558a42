-- Every dispute that was raised by the day: open until the day on which it was resolved, its age counted until then, with what it
-- disputes (all of the invoice where no amount was given, and never more), what of that is blocked now, and what was credited.
with disputes as (
    select
        row_key as dispute_key, entity_id, dispute_id, invoice_id, invoice_key, coalesce(reason, '') as reason, opened_on,
        case when resolved_on <= $as_of then resolved_on end as resolved_on, amount, credited_amount
    from staging.disputes
    where known_from <= $known_at and known_to > $known_at and opened_on <= $as_of
),

documents as (
    select documents.document_key, accounts.customer_id, accounts.payer_id, accounts.currency, documents.original_amount
    from ledger.known_documents as documents
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where documents.known_at = $known_at and documents.sign = 1
),

blocked as (
    select dispute_key, blocked_amount from ledger.period_disputes where as_of = $as_of and period_end = $as_of
)

select
    disputes.dispute_key,
    disputes.entity_id,
    disputes.dispute_id,
    disputes.invoice_id,
    disputes.invoice_key,
    documents.customer_id,
    documents.payer_id,
    coalesce(documents.currency, '') as currency,
    disputes.reason,
    disputes.opened_on,
    disputes.resolved_on,
    disputes.resolved_on is null as is_open,
    cast(date_diff('day', disputes.opened_on, coalesce(disputes.resolved_on, $as_of)) as integer) as age_days,
    cast(date_diff('day', disputes.opened_on, disputes.resolved_on) as integer) as resolution_days,
    cast(least(coalesce(disputes.amount, documents.original_amount, 0), coalesce(documents.original_amount, disputes.amount, 0))
        as decimal(18, 4)) as disputed_amount,
    cast(coalesce(blocked.blocked_amount, 0) as decimal(38, 4)) as blocked_amount,
    case when disputes.resolved_on is not null then disputes.credited_amount end as credited_amount
from disputes
left join documents on disputes.invoice_key = documents.document_key
left join blocked on disputes.dispute_key = blocked.dispute_key
