-- Cash applied in each window of days up to each period end, weighed by the days that it took: what took effect within the
-- window and still stands at its end. Where the policy says so, cash that came early counts as come on the day.
with cash as (
    select
        accounts.entity_id, accounts.segment, accounts.collector, accounts.related_party, accounts.currency, applied.ordered_on,
        applied.effective_from, applied.effective_to, sum(applied_amount) as cash_amount,
        sum(case when terms_days is null then 0 else applied_amount end) as dated_cash_amount,
        sum(cast(applied_amount as decimal(28, 4)) * days_to_pay) as days_to_pay_weight,
        sum(cast(applied_amount as decimal(28, 4)) * coalesce(terms_days, 0)) as terms_weight,
        sum(cast(applied_amount as decimal(28, 4)) * case
            when policy.early_payments = 'floored' then greatest(coalesce(days_beyond_terms, 0), 0)
            else coalesce(days_beyond_terms, 0)
        end) as beyond_terms_weight
    from ledger.cash_applications as applied
    inner join ledger.accounts as accounts on applied.account_number = accounts.account_number and accounts.as_of = $as_of
    cross join staging.policy as policy
    where applied.as_of = $as_of
    group by
        accounts.entity_id, accounts.segment, accounts.collector, accounts.related_party, accounts.currency, applied.ordered_on,
        applied.effective_from, applied.effective_to
),

-- cash comes in at the first period end on or after the day, and goes at the first by which the window has passed
spans as (
    select
        cash.*, windows.window_days, year(effective_from) * 12 + month(effective_from) as first_month,
        least(cash.ordered_on + windows.window_days, cash.effective_to) as left_on
    from cash
    cross join staging.metric_windows as windows
),

grouped as (
    select
        entity_id, segment, collector, related_party, currency, window_days, first_month,
        case when left_on <= $as_of then year(left_on) * 12 + month(left_on) end as left_month,
        sum(cash_amount) as cash_amount, sum(dated_cash_amount) as dated_cash_amount,
        sum(days_to_pay_weight) as days_to_pay_weight, sum(terms_weight) as terms_weight,
        sum(beyond_terms_weight) as beyond_terms_weight
    from spans
    where effective_from < left_on
    group by
        entity_id, segment, collector, related_party, currency, window_days, first_month,
        case when left_on <= $as_of then year(left_on) * 12 + month(left_on) end
)

select
    periods.period_end,
    grouped.window_days,
    grouped.entity_id,
    grouped.segment,
    grouped.collector,
    grouped.related_party,
    grouped.currency,
    cast(sum(grouped.cash_amount) as decimal(38, 4)) as cash_amount,
    cast(sum(grouped.dated_cash_amount) as decimal(38, 4)) as dated_cash_amount,
    cast(sum(grouped.days_to_pay_weight) as decimal(38, 4)) as days_to_pay_weight,
    cast(sum(grouped.terms_weight) as decimal(38, 4)) as terms_weight,
    cast(sum(grouped.beyond_terms_weight) as decimal(38, 4)) as beyond_terms_weight
from grouped
inner join ledger.period_ends as periods
    on grouped.first_month <= periods.month_number
    and (grouped.left_month is null or grouped.left_month > periods.month_number)
    and periods.as_of = $as_of and periods.is_monthly
group by
    periods.period_end, grouped.window_days, grouped.entity_id, grouped.segment, grouped.collector, grouped.related_party,
    grouped.currency
