-- Every dispute at every period end at which it was open, with the amount that it blocked: what is disputed, all of the invoice
-- where no amount was given, as far as that was still open. Of several disputes about one invoice, the first raised comes first.
with disputes as (
    select
        row_key as dispute_key, entity_id, dispute_id, invoice_key, coalesce(reason, '') as reason, opened_on, resolved_on, amount
    from staging.disputes
    where known_from <= $known_at and known_to > $known_at and opened_on <= $as_of
),

asked as (
    select
        periods.period_end, disputes.dispute_key, disputes.entity_id, disputes.dispute_id, disputes.invoice_key,
        disputes.reason, disputes.opened_on, disputes.amount
    from disputes
    inner join ledger.period_ends as periods
        on disputes.opened_on <= periods.period_end
        and (disputes.resolved_on is null or disputes.resolved_on > periods.period_end)
        and periods.as_of = $as_of and periods.is_monthly
),

documents as (
    select documents.document_key, accounts.payer_id, accounts.currency
    from ledger.known_documents as documents
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where documents.known_at = $known_at and documents.sign = 1
),

postings as (
    select document_key, effective_date, amount
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at
        and document_key in (select asked.invoice_key from asked)
),

invoices as (
    select distinct period_end, invoice_key from asked
),

balances as (
    select invoices.period_end, invoices.invoice_key, sum(postings.amount) as open_amount
    from invoices
    inner join postings on invoices.invoice_key = postings.document_key and postings.effective_date <= invoices.period_end
    group by invoices.period_end, invoices.invoice_key
),

queued as (
    select
        asked.*, coalesce(documents.currency, '') as currency,
        documents.payer_id,
        coalesce(balances.open_amount, 0) as open_amount,
        coalesce(asked.amount, balances.open_amount, 0) as asked_amount,
        sum(coalesce(asked.amount, balances.open_amount, 0)) over (
            partition by asked.period_end, asked.invoice_key order by asked.opened_on, asked.dispute_key
            rows between unbounded preceding and current row
        ) as asked_so_far
    from asked
    left join documents on asked.invoice_key = documents.document_key
    left join balances on asked.period_end = balances.period_end and asked.invoice_key = balances.invoice_key
)

select
    period_end,
    dispute_key,
    entity_id,
    dispute_id,
    invoice_key,
    payer_id,
    currency,
    reason,
    cast(least(asked_amount, greatest(open_amount - asked_so_far + asked_amount, 0)) as decimal(38, 4)) as blocked_amount
from queued
