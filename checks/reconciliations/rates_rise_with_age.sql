-- In no pool is an older bucket expected to lose less than a younger one.
with rates as (
    select
        rates.pool, rates.aging_bucket, rates.rate,
        lag(rates.rate) over (partition by rates.pool order by buckets.bucket_order) as rate_before
    from allowance.rates as rates
    inner join staging.loss_buckets as buckets on rates.aging_bucket = buckets.aging_bucket
    where rates.as_of = $as_of and rates.aging_bucket <> 'no-due-date'
)

select concat(pool, ' ', aging_bucket) as place, count(*) as failing_rows, cast(null as decimal(38, 4)) as amount
from rates
where rate < rate_before
group by concat(pool, ' ', aging_bucket)
