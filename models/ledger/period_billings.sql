-- Sales in each window up to each period end, by days and by the whole months nearest to them; and the billings that reached
-- ninety days from their date within the window of days, with what was then still unpaid of them: not settled by cash, credits,
-- discounts or tax withheld. A write-off does not count as paid; a billing that was voided by then does not count at all.
with postings as (
    select document_key, effective_date, kind, amount
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at and effective_date <= $as_of
),

-- nothing is measured of a credit memo, and of an invoice only from its ninetieth day on
documents as (
    select
        document_key, account_number,
        case when sign = 1 and greatest(document_date + 90, posting_date) <= $as_of
            then greatest(document_date + 90, posting_date) end as measured_on
    from ledger.known_documents
    where known_at = $known_at and document_type <> 'payment'
),

windows as (
    select window_days, window_months from staging.metric_windows
    union
    -- what turnover looks back over, whatever the policy's windows
    select 365, 12
),

events as (
    select
        accounts.entity_id, accounts.segment, accounts.collector, accounts.related_party, accounts.currency,
        case when postings.kind in ('invoiced', 'credited', 'voided') then postings.effective_date end as sold_on,
        case when postings.effective_date <= documents.measured_on then documents.measured_on end as measured_on,
        postings.kind in ('invoiced', 'voided') as is_billing, sum(postings.amount) as amount,
        sum(case when postings.kind in ('written_off', 'write_offs_reversed', 'recovered') then 0 else postings.amount end)
            as unpaid_amount
    from postings
    inner join documents on postings.document_key = documents.document_key
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    group by
        accounts.entity_id, accounts.segment, accounts.collector, accounts.related_party, accounts.currency,
        case when postings.kind in ('invoiced', 'credited', 'voided') then postings.effective_date end,
        case when postings.effective_date <= documents.measured_on then documents.measured_on end,
        postings.kind in ('invoiced', 'voided')
),

daily as (
    select
        entity_id, segment, collector, related_party, currency, sold_on as effective_date, amount as sales,
        0 as aged_billings, 0 as unpaid_amount
    from events
    where sold_on is not null
    union all
    select
        entity_id, segment, collector, related_party, currency, measured_on, 0, case when is_billing then amount else 0 end,
        unpaid_amount
    from events
    where measured_on is not null
),

-- a day is within a window from the period end of its month to the last before the window has passed
spans as (
    select
        daily.*, windows.window_days, windows.window_months, year(effective_date) * 12 + month(effective_date) as first_month,
        case when effective_date + windows.window_days <= $as_of
            then year(effective_date + windows.window_days) * 12 + month(effective_date + windows.window_days)
            else 999999 end as left_month
    from daily
    cross join windows
),

grouped as (
    select
        entity_id, segment, collector, related_party, currency, window_days, window_months, first_month, left_month,
        sum(sales) as sales, sum(aged_billings) as aged_billings, sum(unpaid_amount) as unpaid_amount
    from spans
    group by entity_id, segment, collector, related_party, currency, window_days, window_months, first_month, left_month
)

select
    periods.period_end,
    grouped.window_days,
    grouped.entity_id,
    grouped.segment,
    grouped.collector,
    grouped.related_party,
    grouped.currency,
    cast(sum(case when periods.month_number < left_month then sales else 0 end) as decimal(38, 4)) as sales,
    cast(sum(case when periods.month_number < first_month + window_months then sales else 0 end) as decimal(38, 4))
        as monthly_sales,
    cast(sum(case when periods.month_number < left_month then aged_billings else 0 end) as decimal(38, 4)) as aged_billings,
    cast(sum(case when periods.month_number < left_month then unpaid_amount else 0 end) as decimal(38, 4)) as unpaid_billings
from grouped
inner join ledger.period_ends as periods
    on grouped.first_month <= periods.month_number
    and grouped.first_month + grouped.window_months + 1 >= periods.month_number and periods.as_of = $as_of and periods.is_monthly
group by
    periods.period_end, grouped.window_days, grouped.entity_id, grouped.segment, grouped.collector, grouped.related_party,
    grouped.currency
