-- What changed for each payer in each month, by entity and currency: what was open and what of it past due, what was billed
-- (voids taken back), and what came in (receipts by their own date, reversals by theirs).
with postings as (
    select document_key, effective_date, kind, amount
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at and effective_date <= $as_of
),

documents as (
    select document_key, account_number, sign, document_date, aged_from from ledger.known_documents where known_at = $known_at
),

parts as (
    select distinct document_key from ledger.instalments where as_of = $as_of
),

accounts as (
    select account_number, entity_id, payer_id, currency, aging_terms_days from ledger.accounts where as_of = $as_of
),

history as (
    select min(month_number) as first_month from ledger.period_ends where as_of = $as_of
),

described as (
    select
        documents.account_number, documents.sign, postings.kind, postings.amount, parts.document_key is not null as has_parts,
        year(postings.effective_date) * 12 + month(postings.effective_date) as posted_month,
        -- a receipt belongs to the month of its date, as far as that is within the book
        case when documents.sign = -1 and documents.document_date <= $as_of
            then greatest(year(documents.document_date) * 12 + month(documents.document_date), history.first_month)
        end as dated_month,
        coalesce(documents.aged_from, documents.document_date + accounts.aging_terms_days) as aged_from
    from postings
    inner join documents on postings.document_key = documents.document_key
    inner join accounts on documents.account_number = accounts.account_number
    left join parts on postings.document_key = parts.document_key
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
        documents.account_number, year(changes.effective_date) * 12 + month(changes.effective_date) as changed_month,
        coalesce(changes.aged_from, documents.document_date + accounts.aging_terms_days) as aged_from, changes.change
    from ledger.instalment_changes as changes
    inner join documents on changes.document_key = documents.document_key
    inner join accounts on documents.account_number = accounts.account_number
    where changes.as_of = $as_of
),

events as (
    select
        account_number, posted_month as month_number, amount as change,
        case when past_due_month = posted_month then amount else 0 end as past_due_change,
        case when sign = 1 and kind in ('invoiced', 'voided') then amount else 0 end as billed_amount,
        case when own_month = posted_month and kind in ('collected', 'payments_reversed') then -amount else 0 end
            as collected_amount
    from dated
    union all
    select account_number, own_month, 0, 0, 0, -amount
    from dated
    where own_month <> posted_month
    union all
    select account_number, past_due_month, 0, amount, 0, 0
    from dated
    where past_due_month <> posted_month and past_due_month < 999999
    union all
    select account_number,
        greatest(changed_month, coalesce(year(aged_from + 1) * 12 + month(aged_from + 1), 0)), 0, change, 0, 0
    from late_parts
    where aged_from is null or aged_from < $as_of
),

monthly as (
    select
        account_number, month_number, sum(change) as change, sum(past_due_change) as past_due_change,
        sum(billed_amount) as billed_amount, sum(collected_amount) as collected_amount
    from events
    group by account_number, month_number
)

select
    accounts.entity_id,
    accounts.payer_id,
    accounts.currency,
    cast(monthly.month_number as integer) as month_number,
    cast(sum(monthly.change) as decimal(38, 4)) as change,
    cast(sum(monthly.past_due_change) as decimal(38, 4)) as past_due_change,
    cast(sum(monthly.billed_amount) as decimal(38, 4)) as billed_amount,
    cast(sum(monthly.collected_amount) as decimal(38, 4)) as collected_amount
from monthly
inner join accounts on monthly.account_number = accounts.account_number
group by accounts.entity_id, accounts.payer_id, accounts.currency, monthly.month_number
