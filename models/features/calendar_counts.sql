-- Receivables at risk and exits of the whole book by business day and bin of lateness: running entries less running exits.
-- Only days on which something entered or left a bin have a row; between them what is at risk stands still.
with spans as (
    select lateness_bin, first_business_day, last_business_day, exit_kind from features.lateness_spans where as_of = $as_of
),

changes as (
    select lateness_bin, first_business_day as business_day, count(*) as change_count, 0 as exit_count
    from spans
    group by lateness_bin, first_business_day
    union all
    select lateness_bin, last_business_day + 1, -count(*), 0
    from spans
    group by lateness_bin, last_business_day
    union all
    select lateness_bin, last_business_day, 0, count(*)
    from spans
    where exit_kind is not null
    group by lateness_bin, last_business_day
),

daily as (
    select lateness_bin, business_day, sum(change_count) as change_count, sum(exit_count) as exit_count
    from changes
    group by lateness_bin, business_day
)

select
    lateness_bin,
    cast(business_day as integer) as business_day,
    cast(sum(change_count) over (
        partition by lateness_bin order by business_day rows between unbounded preceding and current row
    ) as bigint) as at_risk_count,
    cast(exit_count as bigint) as exit_count
from daily
