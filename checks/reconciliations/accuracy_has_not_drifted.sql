-- Over the newest four origins whose first four weeks have come, the served model's error is no more than twice what it was over
-- the origins before them, in each scope; with fewer than eight of those nothing is said.
with made as (
    select model from forecasts.made where as_of = $as_of
),

origins as (
    select
        weeks.scope, weeks.origin, count(*) as week_count,
        sum(cast(abs(weeks.actual - weeks.mean) as decimal(28, 4))) as missed,
        sum(cast(abs(weeks.actual) as decimal(28, 4))) as came
    from forecasts.origin_weeks as weeks
    inner join made on weeks.model = made.model
    where weeks.as_of = $as_of and weeks.horizon_week <= 4 and weeks.actual is not null
    group by weeks.scope, weeks.origin
),

placed as (
    select scope, missed, came, row_number() over (partition by scope order by origin desc) as place
    from origins
    where week_count = 4
),

sums as (
    select
        scope,
        sum(case when place > 4 then 1 else 0 end) as earlier_count,
        cast(sum(case when place <= 4 then missed else 0 end) as double) as recent_missed,
        cast(sum(case when place <= 4 then came else 0 end) as double) as recent_came,
        cast(sum(case when place > 4 then missed else 0 end) as double) as earlier_missed,
        cast(sum(case when place > 4 then came else 0 end) as double) as earlier_came
    from placed
    group by scope
)

select scope, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from sums
where earlier_count >= 8 and recent_missed / nullif(recent_came, 0) > 2 * earlier_missed / nullif(earlier_came, 0)
