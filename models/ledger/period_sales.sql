-- Each period end of an entity and currency, from the month of its first posting on: what was receivable then, what was
-- not yet due, and the sales of the month up to it, related parties out of both sides and beside them.
with spine as (
    select
        firsts.entity_id, firsts.currency, firsts.first_date, periods.month_number, periods.month_start, periods.period_end,
        periods.is_month_end, periods.days_in_month
    from (
        select entity_id, currency, min(posting_date) as first_date
        from ledger.documents
        where known_from <= $known_at and known_to > $known_at and posting_date <= $as_of
        group by entity_id, currency
    ) as firsts
    inner join ledger.period_ends as periods on periods.period_end >= firsts.first_date and periods.as_of = $as_of
    where periods.is_monthly
),

balances as (
    select
        period_end, entity_id, currency,
        sum(case when not related_party then open_amount else 0 end) as receivables,
        sum(case when not related_party and not is_past_due then open_amount else 0 end) as receivables_current,
        sum(case when related_party then open_amount else 0 end) as receivables_related
    from ledger.month_end_totals
    where as_of = $as_of
    group by period_end, entity_id, currency
),

sales as (
    select
        entity_id, currency, year(effective_date) * 12 + month(effective_date) as month_number, sum(sales) as sales
    from ledger.daily_sales
    where as_of = $as_of and not related_party
    group by entity_id, currency, year(effective_date) * 12 + month(effective_date)
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
    on spine.entity_id = sales.entity_id and spine.currency = sales.currency and spine.month_number = sales.month_number
