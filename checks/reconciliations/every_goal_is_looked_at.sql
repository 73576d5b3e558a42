-- Every goal that is set is published once, with a chance between none and certain, or with the reason why it has none.
with told as (
    select count(*) as goal_count
    from staging.targets
    where known_from <= $known_at and known_to > $known_at
),

published as (
    select
        count(*) as goal_count,
        sum(case when probability_met is null and reason = '' then 1 when probability_met < 0 or probability_met > 1 then 1
            else 0 end) as wrong_count
    from marts.targets
    where as_of = $as_of
)

select
    told.goal_count as wanted, cast(abs(told.goal_count - published.goal_count) + coalesce(published.wrong_count, 0) as bigint)
        as failing_rows,
    cast(null as decimal(38, 4)) as amount
from told
cross join published
where told.goal_count <> published.goal_count or published.wrong_count > 0
