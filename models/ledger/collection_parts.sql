-- What collection metrics are made of, added up for each entity as a whole, for each of its segments and for each of its
-- collectors: how things stood at each period end (a window of 0 days), and what happened in each window up to it. What a
-- level does not tell apart is all.
with levels as (
    select 'entity' as level
    union all
    select 'segment' as level
    union all
    select 'collector' as level
),

parts as (
    select
        month_number, period_end, 0 as window_days, entity_id, segment, collector, related_party, currency,
        open_amount, past_due_amount, owed_amount, owed_past_due_amount, owed_over_90_amount, undated_amount, late_amount,
        late_weight, 0 as sales, 0 as monthly_sales, 0 as aged_billings, 0 as unpaid_billings, 0 as cash_amount,
        0 as dated_cash_amount, 0 as days_to_pay_weight, 0 as terms_weight, 0 as beyond_terms_weight
    from ledger.period_balances
    where as_of = $as_of
    union all
    select
        year(period_end) * 12 + month(period_end), period_end, window_days, entity_id, segment, collector, related_party,
        currency, 0, 0, 0, 0, 0, 0, 0, 0, sales, monthly_sales, aged_billings, unpaid_billings, 0, 0, 0, 0, 0
    from ledger.period_billings
    where as_of = $as_of
    union all
    select
        year(period_end) * 12 + month(period_end), period_end, window_days, entity_id, segment, collector, related_party,
        currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, cash_amount, dated_cash_amount, days_to_pay_weight, terms_weight,
        beyond_terms_weight
    from ledger.period_cash
    where as_of = $as_of
)

select
    levels.level,
    cast(parts.month_number as integer) as month_number,
    parts.period_end,
    parts.window_days,
    parts.entity_id,
    case when levels.level = 'segment' then parts.segment else 'all' end as segment,
    case when levels.level = 'collector' then parts.collector else 'all' end as collector,
    parts.related_party,
    parts.currency,
    cast(sum(parts.open_amount) as decimal(38, 4)) as open_amount,
    cast(sum(parts.past_due_amount) as decimal(38, 4)) as past_due_amount,
    cast(sum(parts.owed_amount) as decimal(38, 4)) as owed_amount,
    cast(sum(parts.owed_past_due_amount) as decimal(38, 4)) as owed_past_due_amount,
    cast(sum(parts.owed_over_90_amount) as decimal(38, 4)) as owed_over_90_amount,
    cast(sum(parts.undated_amount) as decimal(38, 4)) as undated_amount,
    cast(sum(parts.late_amount) as decimal(38, 4)) as late_amount,
    cast(sum(parts.late_weight) as decimal(38, 4)) as late_weight,
    cast(sum(parts.sales) as decimal(38, 4)) as sales,
    cast(sum(parts.monthly_sales) as decimal(38, 4)) as monthly_sales,
    cast(sum(parts.aged_billings) as decimal(38, 4)) as aged_billings,
    cast(sum(parts.unpaid_billings) as decimal(38, 4)) as unpaid_billings,
    cast(sum(parts.cash_amount) as decimal(38, 4)) as cash_amount,
    cast(sum(parts.dated_cash_amount) as decimal(38, 4)) as dated_cash_amount,
    cast(sum(parts.days_to_pay_weight) as decimal(38, 4)) as days_to_pay_weight,
    cast(sum(parts.terms_weight) as decimal(38, 4)) as terms_weight,
    cast(sum(parts.beyond_terms_weight) as decimal(38, 4)) as beyond_terms_weight
from parts
cross join levels
group by
    levels.level, parts.month_number, parts.period_end, parts.window_days, parts.entity_id,
    case when levels.level = 'segment' then parts.segment else 'all' end,
    case when levels.level = 'collector' then parts.collector else 'all' end,
    parts.related_party, parts.currency
