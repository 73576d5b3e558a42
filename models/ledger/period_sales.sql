-- Each period end of an entity and currency, from the month of its first posting on (month-ends, the ends of the entity's own
-- fiscal periods, and the day): what was receivable then, what was not yet due, and the sales of the month up to it, related
-- parties out of both sides and beside them.
with firsts as (
    select accounts.entity_id, accounts.currency, min(documents.posting_date) as first_date
    from ledger.known_documents as documents
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where documents.known_at = $known_at and documents.posting_date <= $as_of
    group by accounts.entity_id, accounts.currency
),

own_ends as (
    select entity_id, period_end from ledger.fiscal_periods where as_of = $as_of
),

spine as (
    select
        firsts.entity_id, firsts.currency, firsts.first_date, periods.month_number, periods.month_start, periods.period_end,
        periods.is_month_end, periods.days_in_month
    from firsts
    inner join ledger.period_ends as periods on periods.period_end >= firsts.first_date and periods.as_of = $as_of
    left join own_ends on firsts.entity_id = own_ends.entity_id and periods.period_end = own_ends.period_end
    where periods.is_monthly or own_ends.period_end is not null
),

balances as (
    select
        period_end, entity_id, currency,
        sum(case when not related_party then open_amount else 0 end) as receivables,
        sum(case when not related_party and not is_past_due then open_amount else 0 end) as receivables_current,
        sum(case when related_party then open_amount else 0 end) as receivables_related
    from ledger.period_aging
    where as_of = $as_of
    group by period_end, entity_id, currency
),

sales as (
    select spine.entity_id, spine.currency, spine.period_end, sum(daily.sales) as sales
    from spine
    inner join ledger.daily_sales as daily
        on spine.entity_id = daily.entity_id and spine.currency = daily.currency and daily.as_of = $as_of
        and daily.effective_date >= spine.month_start and daily.effective_date <= spine.period_end and not daily.related_party
    group by spine.entity_id, spine.currency, spine.period_end
)

select
    spine.entity_id,
    spine.currency,
    spine.month_number,
    spine.month_start,
    spine.period_end,
    spine.is_month_end,
    spine.days_in_month,
    spine.first_date,
    cast(coalesce(balances.receivables, 0) as decimal(38, 4)) as receivables,
    cast(coalesce(balances.receivables_current, 0) as decimal(38, 4)) as receivables_current,
    cast(coalesce(balances.receivables_related, 0) as decimal(38, 4)) as receivables_related,
    cast(coalesce(sales.sales, 0) as decimal(38, 4)) as sales
from spine
left join balances
    on spine.period_end = balances.period_end and spine.entity_id = balances.entity_id and spine.currency = balances.currency
left join sales
    on spine.entity_id = sales.entity_id and spine.currency = sales.currency and spine.period_end = sales.period_end
