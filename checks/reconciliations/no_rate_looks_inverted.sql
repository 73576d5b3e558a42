-- No exchange rate that moved further than the policy believes is nearer to one over the rate before it than to that rate itself.
with rates as (
    select
        rate_date, from_currency, to_currency, cast(rate as double) as rate,
        cast(lag(rate) over (partition by from_currency, to_currency order by rate_date) as double) as rate_before
    from staging.fx_rates
    where known_from <= $known_at and known_to > $known_at and rate_date <= $as_of
)

select rates.from_currency, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from rates
cross join staging.policy as policy
where greatest(rate, rate_before) / least(rate, rate_before) > policy.largest_rate_move
    and greatest(rate * rate_before, 1 / (rate * rate_before)) < greatest(rate, rate_before) / least(rate, rate_before)
