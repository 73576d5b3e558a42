-- Days sales outstanding on every published definition, from one ledger, at every month-end of history and on the day.
-- simple_n: receivables over the sales of the last n days, times n. best_possible_n: the same of what is not yet due.
-- average_days_delinquent_n: the difference. countback: sales are taken off receivables from the newest month back, each
-- month counting its days, the last pro rata.
with periods as (
    select
        entity_id, currency, month_number, period_end, days_in_month, first_date, receivables, receivables_current,
        receivables_related, sales
    from ledger.period_sales
    where as_of = $as_of
),

windows as (
    select 30 as n
    union all
    select 90 as n
    union all
    select 365 as n
),

window_sales as (
    select periods.entity_id, periods.currency, periods.period_end, windows.n, sum(daily.sales) as sales
    from periods
    cross join windows
    inner join ledger.daily_sales as daily
        on periods.entity_id = daily.entity_id and periods.currency = daily.currency
        and daily.effective_date > periods.period_end - windows.n and daily.effective_date <= periods.period_end
    where daily.as_of = $as_of and not daily.related_party
    group by periods.entity_id, periods.currency, periods.period_end, windows.n
),

simple as (
    select
        periods.entity_id, periods.currency, periods.period_end, windows.n, periods.receivables, periods.receivables_current,
        periods.receivables_related, coalesce(window_sales.sales, 0) as sales,
        concat(
            case when coalesce(window_sales.sales, 0) <= 0 then 'no_sales' else '' end,
            case when coalesce(window_sales.sales, 0) <= 0 and periods.first_date > periods.period_end - windows.n + 1
                then ';' else '' end,
            case when periods.first_date > periods.period_end - windows.n + 1 then 'short_history' else '' end
        ) as flag
    from periods
    cross join windows
    left join window_sales
        on periods.entity_id = window_sales.entity_id and periods.currency = window_sales.currency
        and periods.period_end = window_sales.period_end and windows.n = window_sales.n
),

simple_family as (
    select entity_id, currency, period_end, concat('simple_', n) as definition, n, receivables, sales, receivables_related, flag
    from simple
    union all
    select entity_id, currency, period_end, concat('best_possible_', n), n, receivables_current, sales, receivables_related, flag
    from simple
    union all
    select
        entity_id, currency, period_end, concat('average_days_delinquent_', n), n, receivables - receivables_current, sales,
        receivables_related, flag
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
        sum(month.days_in_month) over (
            partition by newest.entity_id, newest.currency, newest.period_end order by month.month_number desc
            rows between unbounded preceding and current row
        ) as days_so_far
    from periods as newest
    inner join periods as month
        on newest.entity_id = month.entity_id and newest.currency = month.currency
        and month.month_number <= newest.month_number
),

reached as (
    select entity_id, currency, period_end, max(month_number) as last_counted
    from months_back
    where sales_so_far >= receivables
    group by entity_id, currency, period_end
),

countback as (
    select
        back.entity_id, back.currency, back.period_end, max(back.receivables) as receivables,
        max(back.receivables_related) as receivables_related, sum(back.sales) as sales,
        max(case when back.month_number = reached.last_counted then 1 else 0 end) as is_reached,
        max(case when back.sales <= 0 then 1 else 0 end) as has_empty_month,
        max(back.days_so_far) as whole_days,
        max(case when back.month_number = reached.last_counted then back.days_so_far - back.days_in_month end) as days_before,
        max(case when back.month_number = reached.last_counted then back.days_in_month end) as last_days,
        max(case when back.month_number = reached.last_counted then back.sales end) as last_sales,
        max(case when back.month_number = reached.last_counted then back.receivables - back.sales_so_far + back.sales end)
            as remaining
    from months_back as back
    left join reached
        on back.entity_id = reached.entity_id and back.currency = reached.currency and back.period_end = reached.period_end
    where back.month_number >= coalesce(reached.last_counted, 0)
    group by back.entity_id, back.currency, back.period_end
)

select
    period_end,
    entity_id,
    currency,
    definition,
    case when sales > 0 then cast(receivables as double) * n / nullif(cast(sales as double), 0) end as days,
    cast(receivables as decimal(38, 4)) as receivables,
    cast(sales as decimal(38, 4)) as sales,
    cast(receivables_related as decimal(38, 4)) as excluded_amount,
    flag
from simple_family
union all
select
    period_end,
    entity_id,
    currency,
    'countback',
    case
        when receivables <= 0 then 0
        when is_reached = 0 then whole_days
        else days_before + last_days * cast(remaining as double) / nullif(cast(last_sales as double), 0)
    end,
    cast(receivables as decimal(38, 4)),
    cast(case when receivables <= 0 then 0 else sales end as decimal(38, 4)),
    cast(receivables_related as decimal(38, 4)),
    case
        when receivables <= 0 then 'no_receivables'
        when is_reached = 0 and has_empty_month = 1 then 'history_ends;month_without_sales'
        when is_reached = 0 then 'history_ends'
        when has_empty_month = 1 then 'month_without_sales'
        else ''
    end
from countback
