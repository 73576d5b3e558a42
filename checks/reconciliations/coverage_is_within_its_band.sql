-- Of past origins, as many as could be expected came within the served model's 80 % interval one week ahead, in each scope: the
-- number lies within 2.576 standard deviations of a binomial's mean, so that calibrated intervals are doubted once in a hundred
-- books. Weeks one ahead do not overlap; farther ones do, and are no trials of their own. Of fewer than eight nothing is said.
with made as (
    select model from forecasts.made where as_of = $as_of
),

trials as (
    select
        weeks.scope, count(*) as trial_count,
        sum(case when weeks.actual >= weeks.p10 and weeks.actual <= weeks.p90 then 1 else 0 end) as held_count
    from forecasts.origin_weeks as weeks
    inner join made on weeks.model = made.model
    where weeks.as_of = $as_of and weeks.horizon_week = 1 and weeks.actual is not null
    group by weeks.scope
)

select scope, 1 as failing_rows, cast(null as decimal(38, 4)) as amount
from trials
where trial_count >= 8
    and (held_count - 0.8 * trial_count) * (held_count - 0.8 * trial_count) > 2.576 * 2.576 * 0.8 * 0.2 * trial_count
