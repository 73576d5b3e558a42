-- Items at risk and exits of the whole book by business day and lateness bin: running entries less running exits.
-- Only days on which anything entered or left a bin have a row; between them the number at risk stands still.
with spans as (
    select entity_id, lateness_bin, first_day, last_day, exit_kind
    from features.lateness_spans
),

changes as (
    select entity_id, lateness_bin, first_day as business_day, count(*) as change_count, 0 as exit_count
    from spans
    group by entity_id, lateness_bin, first_day
    union all
    select entity_id, lateness_bin, last_day + 1, -count(*), 0
    from spans
    group by entity_id, lateness_bin, last_day
    union all
    select entity_id, lateness_bin, last_day, 0, count(*)
    from spans
    where exit_kind is not null
    group by entity_id, lateness_bin, last_day
),

daily as (
    select entity_id, lateness_bin, business_day, sum(change_count) as change_count, sum(exit_count) as exit_count
    from changes
    group by entity_id, lateness_bin, business_day
)

select
    entity_id, lateness_bin, business_day,
    cast(sum(change_count) over (
        partition by entity_id, lateness_bin order by business_day rows between unbounded preceding and current row
    ) as bigint) as at_risk_count,
    cast(exit_count as bigint) as exit_count
from daily
