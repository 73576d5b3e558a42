-- Days sales outstanding on every published definition, from one ledger, at every month-end of history, at the ends of the
-- entity's fiscal periods, and on the day.
-- simple_n: receivables over the sales of the last n days, times n. best_possible_n: the same of what is not yet due.
-- average_days_delinquent_n: the difference. countback: sales are taken off receivables from the newest month back, each
-- month counting its days, the last pro rata.
with periods as (
    select period_sales.* from ledger.period_sales as period_sales where as_of = $as_of
),

windows as (
    select 30 as n
    union all
    select 90 as n
    union all
    select 365 as n
),

simple as (
    select
        periods.entity_id, periods.currency, periods.period_end, windows.n, periods.receivables, periods.receivables_current,
        periods.receivables_related, coalesce(sum(daily.sales), 0) as sales,
        periods.first_date > periods.period_end - windows.n + 1 as is_short
    from periods
    cross join windows
    left join ledger.daily_sales as daily
        on periods.entity_id = daily.entity_id and periods.currency = daily.currency and daily.as_of = $as_of
        and daily.effective_date > periods.period_end - windows.n and daily.effective_date <= periods.period_end
        and not daily.related_party
    group by
        periods.entity_id, periods.currency, periods.period_end, windows.n, periods.receivables, periods.receivables_current,
        periods.receivables_related, periods.first_date
),

simple_family as (
    select entity_id, currency, period_end, concat('simple_', n) as definition, n, receivables,
        sales, receivables_related, is_short
    from simple
    union all
    select entity_id, currency, period_end, concat('best_possible_', n), n, receivables_current,
        sales, receivables_related, is_short
    from simple
    union all
    select entity_id, currency, period_end, concat('average_days_delinquent_', n), n, receivables - receivables_current,
        sales, receivables_related, is_short
    from simple
),

-- countback: for each period end, every month back to the first, with the sales from it to the period end
months_back as (
    select
        newest.entity_id, newest.currency, newest.period_end, newest.receivables, newest.receivables_related,
        month.month_number, month.days_in_month, month.sales,
        sum(month.sales) over (
            partition by newest.entity_id, newest.currency, newest.period_end order by month.month_number desc
            rows between unbounded preceding and current row
        ) as sales_so_far,
        date_diff('day', month.month_start, newest.period_end) + 1 as days_so_far
    from periods as newest
    inner join periods as month
        on newest.entity_id = month.entity_id and newest.currency = month.currency
        and (month.period_end = newest.period_end or (month.is_month_end and month.month_number < newest.month_number))
),

-- the newest month with which the sales so far reach the receivables is the last that counts
reached as (
    select
        months_back.*,
        max(case when sales_so_far >= receivables then month_number end)
            over (partition by entity_id, currency, period_end) as last_counted
    from months_back
),

countback as (
    select
        entity_id, currency, period_end, max(receivables) as receivables, max(receivables_related) as receivables_related,
        sum(sales) as sales, max(case when sales <= 0 then 1 else 0 end) as has_empty_month, max(days_so_far) as whole_days,
        max(case when month_number = last_counted then 1 else 0 end) as is_reached,
        max(case when month_number = last_counted then days_so_far - days_in_month end) as days_before,
        max(case when month_number = last_counted then days_in_month end) as last_days,
        max(case when month_number = last_counted then sales end) as last_sales,
        max(case when month_number = last_counted then receivables - sales_so_far + sales end) as remaining
    from reached
    where month_number >= coalesce(last_counted, 0)
    group by entity_id, currency, period_end
)

select
    period_end, entity_id, currency, definition,
    case when sales > 0 then cast(receivables as double) * n / nullif(cast(sales as double), 0) end as days,
    cast(receivables as decimal(38, 4)) as receivables, cast(sales as decimal(38, 4)) as sales,
    cast(receivables_related as decimal(38, 4)) as excluded_amount,
    case
        when sales <= 0 and is_short then 'no_sales;short_history'
        when sales <= 0 then 'no_sales'
        when is_short then 'short_history'
        else ''
    end as flag
from simple_family
union all
select
    period_end, entity_id, currency, 'countback',
    case
        when receivables <= 0 then 0
        when is_reached = 0 then whole_days
        else days_before + last_days * cast(remaining as double) / nullif(cast(last_sales as double), 0)
    end,
    cast(receivables as decimal(38, 4)), cast(case when receivables <= 0 then 0 else sales end as decimal(38, 4)),
    cast(receivables_related as decimal(38, 4)),
    case
        when receivables <= 0 then 'no_receivables'
        when is_reached = 0 and has_empty_month = 1 then 'history_ends;month_without_sales'
        when is_reached = 0 then 'history_ends'
        when has_empty_month = 1 then 'month_without_sales'
        else ''
    end
from countback
