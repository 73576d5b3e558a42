-- Each payer's months by entity and currency, from the first with a posting on: what was billed (voids taken back), what came in
-- (receipts by their own date, reversals by theirs), and what was open and past due at the month's end.
with postings as (
    select document_key, effective_date, kind, amount
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at and effective_date <= $as_of
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
        documents.currency, documents.sign, postings.kind, postings.amount,
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
    left join ledger.customers as customers on documents.customer_id = customers.customer_id and customers.as_of = $as_of
    cross join staging.policy as policy
    cross join history
),

-- what is past due is so from the month of the day after; what has no age, at once; what is not late by the day, not at all
dated as (
    select
        described.*, case when kind = 'collected' then coalesce(dated_month, posted_month) else posted_month end as own_month,
        case
            when sign = -1 or aged_from >= $as_of then 999999
            when aged_from is null then posted_month
            else greatest(posted_month, year(aged_from + 1) * 12 + month(aged_from + 1))
        end as past_due_month
    from described
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
),

monthly as (
    select
        entity_id, payer_id, currency, month_number, sum(change) as change, sum(past_due_change) as past_due_change,
        sum(billed_amount) as billed_amount, sum(collected_amount) as collected_amount
    from events
    group by entity_id, payer_id, currency, month_number
),

spine as (
    select firsts.entity_id, firsts.payer_id, firsts.currency, periods.month_number, periods.period_end
    from (
        select entity_id, payer_id, currency, min(month_number) as first_month
        from monthly
        group by entity_id, payer_id, currency
    ) as firsts
    inner join ledger.period_ends as periods on firsts.first_month <= periods.month_number and periods.as_of = $as_of
),

balances as (
    select
        spine.entity_id, spine.payer_id, spine.currency, spine.month_number, spine.period_end,
        coalesce(monthly.billed_amount, 0) as billed_amount, coalesce(monthly.collected_amount, 0) as collected_amount,
        sum(coalesce(monthly.change, 0)) over (
            partition by spine.entity_id, spine.payer_id, spine.currency order by spine.month_number
            rows between unbounded preceding and current row
        ) as open_amount,
        sum(coalesce(monthly.past_due_change, 0)) over (
            partition by spine.entity_id, spine.payer_id, spine.currency order by spine.month_number
            rows between unbounded preceding and current row
        ) as owed_past_due_amount
    from spine
    left join monthly
        on spine.entity_id = monthly.entity_id and spine.payer_id = monthly.payer_id and spine.currency = monthly.currency
        and spine.month_number = monthly.month_number
)

select
    month_number,
    period_end,
    entity_id,
    payer_id,
    currency,
    cast(billed_amount as decimal(38, 4)) as billed_amount,
    cast(collected_amount as decimal(38, 4)) as collected_amount,
    cast(open_amount as decimal(38, 4)) as open_amount,
    cast(owed_past_due_amount as decimal(38, 4)) as owed_past_due_amount
from balances
