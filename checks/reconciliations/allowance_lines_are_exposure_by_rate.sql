-- Each line of the schedule is its exposure by its rate, rounded half up to the minor unit of its currency.
select
    schedule.entity_id as place, count(*) as failing_rows,
    cast(sum(schedule.allowance
        - round(cast(schedule.exposure as decimal(20, 4)) * schedule.rate * units.minor_scale) * units.smallest_amount)
        as decimal(38, 4)) as amount
from marts.allowance_schedule as schedule
inner join staging.currencies as units on schedule.currency = units.currency
where schedule.as_of = $as_of
    and schedule.allowance
    <> round(cast(schedule.exposure as decimal(20, 4)) * schedule.rate * units.minor_scale) * units.smallest_amount
group by schedule.entity_id
