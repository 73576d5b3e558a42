-- The rate of each pair of currencies at each period end: the newest known one, carried forward at most as many days as the
-- policy allows. A currency is worth one of itself.
with periods as (
    select month_number, period_end from ledger.period_ends where as_of = $as_of
),

rates as (
    select rate_date, from_currency, to_currency, rate
    from staging.fx_rates
    where known_from <= $known_at and known_to > $known_at
),

candidates as (
    select
        periods.month_number, periods.period_end, rates.rate_date, rates.from_currency, rates.to_currency, rates.rate,
        row_number() over (
            partition by periods.month_number, rates.from_currency, rates.to_currency order by rates.rate_date desc
        ) as newest_first
    from periods
    cross join staging.policy as policy
    inner join rates
        on rates.rate_date <= periods.period_end
        and rates.rate_date >= periods.period_end - policy.longest_carry_days
    where rates.from_currency <> rates.to_currency
),

currencies as (
    select distinct currency
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at and posting_date <= $as_of
)

select month_number, period_end, from_currency, to_currency, rate_date, rate
from candidates
where newest_first = 1
union all
select
    periods.month_number, periods.period_end, currencies.currency, currencies.currency, periods.period_end,
    cast(1 as decimal(18, 10))
from periods
cross join currencies
