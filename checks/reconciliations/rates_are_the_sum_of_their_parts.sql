-- A rate is its history, what credibility or a floor adds, each adjustment, discounting and rounding, added up.
select
    concat(pool, ' ', aging_bucket) as place, count(*) as failing_rows, cast(null as decimal(38, 4)) as amount
from allowance.rates
where as_of = $as_of
    and abs(
        rate - historical_rate - floor_or_credibility - current_adjustment - forecast_adjustment - qualitative_adjustment
        - override - discounting - rounding
    ) > 0.00000001
group by concat(pool, ' ', aging_bucket)
