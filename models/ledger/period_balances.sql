-- What was owed at every period end of the book's history and how late it was, by entity, segment, collector and currency: each
-- change of a balance counts from its month on, and among what is late from the month in which its item becomes so.
-- Late is beyond the due date; past due is beyond the day from which the policy ages. Customers are in the segment, and with
-- the collector, that they have on the day.
with postings as (
    -- an invoice in instalments changes by them, but a month counts from its posting on, even where they come to nothing
    select document_key, year(effective_date) * 12 + month(effective_date) as month_number,
        case when document_key in (select document_key from ledger.instalments where as_of = $as_of) then 0 else amount end
            as change, false as is_part, cast(null as date) as due_date, cast(null as date) as aged_from
    from ledger.postings
    where effective_date <= $as_of and known_from <= $known_at and known_to > $known_at
    union all
    select document_key, year(effective_date) * 12 + month(effective_date), change, true, due_date, aged_from
    from ledger.instalment_changes
    where as_of = $as_of
),

described as (
    select
        accounts.entity_id, accounts.currency, documents.sign, postings.month_number, postings.change,
        accounts.segment, accounts.collector, accounts.related_party,
        coalesce(
            case when postings.is_part then postings.aged_from else documents.aged_from end,
            documents.document_date + accounts.aging_terms_days
        ) as aged_from,
        case when postings.is_part then postings.due_date else documents.due_date end as due_date
    from postings
    inner join ledger.known_documents as documents
        on postings.document_key = documents.document_key and documents.known_at = $known_at
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
),

-- a day has passed by the period end of the next day's month, and by none before that day; no age at all is past due
dated as (
    select
        described.*, coalesce(due_date, aged_from) as late_from,
        case
            when aged_from is null then 0
            when aged_from < $as_of then year(aged_from + 1) * 12 + month(aged_from + 1)
        end as past_due_month,
        case when aged_from + 90 < $as_of then year(aged_from + 91) * 12 + month(aged_from + 91) end as over_90_month,
        case when coalesce(due_date, aged_from) < $as_of
            then year(coalesce(due_date, aged_from) + 1) * 12 + month(coalesce(due_date, aged_from) + 1) end as late_month
    from described
),

grouped as (
    select
        entity_id, segment, collector, related_party, currency, sign, month_number,
        case when past_due_month is not null then greatest(month_number, past_due_month) end as past_due_month,
        case when over_90_month is not null then greatest(month_number, over_90_month) end as over_90_month,
        case when late_month is not null then greatest(month_number, late_month) end as late_month,
        sum(change) as change, sum(case when late_from is null then change else 0 end) as undated_change,
        sum(cast(change as decimal(28, 4)) * coalesce(date_diff('day', date '1900-01-01', late_from), 0)) as due_weight
    from dated
    group by
        entity_id, segment, collector, related_party, currency, sign, month_number,
        case when past_due_month is not null then greatest(month_number, past_due_month) end,
        case when over_90_month is not null then greatest(month_number, over_90_month) end,
        case when late_month is not null then greatest(month_number, late_month) end
),

changes as (
    select
        entity_id, segment, collector, related_party, currency, month_number, change as open_amount, 0 as past_due_amount,
        case when sign = 1 then change else 0 end as owed_amount, 0 as owed_past_due_amount, 0 as owed_over_90_amount,
        case when sign = 1 then undated_change else 0 end as undated_amount, 0 as late_amount, 0 as due_weight
    from grouped
    union all
    select
        entity_id, segment, collector, related_party, currency, past_due_month, 0, change, 0,
        case when sign = 1 then change else 0 end, 0, 0, 0, 0
    from grouped
    where past_due_month is not null
    union all
    select entity_id, segment, collector, related_party, currency, over_90_month, 0, 0, 0, 0, change, 0, 0, 0
    from grouped
    where over_90_month is not null and sign = 1
    union all
    select entity_id, segment, collector, related_party, currency, late_month, 0, 0, 0, 0, 0, 0, change, due_weight
    from grouped
    where late_month is not null and sign = 1
),

monthly as (
    select
        entity_id, segment, collector, related_party, currency, month_number, sum(open_amount) as open_amount,
        sum(past_due_amount) as past_due_amount, sum(owed_amount) as owed_amount,
        sum(owed_past_due_amount) as owed_past_due_amount, sum(owed_over_90_amount) as owed_over_90_amount,
        sum(undated_amount) as undated_amount, sum(late_amount) as late_amount, sum(due_weight) as due_weight
    from changes
    group by entity_id, segment, collector, related_party, currency, month_number
)

select
    periods.month_number,
    periods.period_end,
    monthly.entity_id,
    monthly.segment,
    monthly.collector,
    monthly.related_party,
    monthly.currency,
    cast(sum(monthly.open_amount) as decimal(38, 4)) as open_amount,
    cast(sum(monthly.past_due_amount) as decimal(38, 4)) as past_due_amount,
    cast(sum(monthly.owed_amount) as decimal(38, 4)) as owed_amount,
    cast(sum(monthly.owed_past_due_amount) as decimal(38, 4)) as owed_past_due_amount,
    cast(sum(monthly.owed_over_90_amount) as decimal(38, 4)) as owed_over_90_amount,
    cast(sum(monthly.undated_amount) as decimal(38, 4)) as undated_amount,
    cast(sum(monthly.late_amount) as decimal(38, 4)) as late_amount,
    cast(sum(cast(monthly.late_amount as decimal(28, 4)) * date_diff('day', date '1900-01-01', periods.period_end)
        - monthly.due_weight) as decimal(38, 4)) as late_weight
from monthly
inner join ledger.period_ends as periods
    on monthly.month_number <= periods.month_number and periods.as_of = $as_of and periods.is_monthly
group by
    periods.month_number, periods.period_end, monthly.entity_id, monthly.segment, monthly.collector, monthly.related_party,
    monthly.currency
