-- The periods in which each entity reports, up to the day: those of its fiscal calendar; before, after and without one, calendar
-- months. The newest runs to the day.
with pairs as (
    select accounts.entity_id, min(documents.posting_date) as first_date
    from ledger.known_documents as documents
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where documents.known_at = $known_at and documents.posting_date <= $as_of
    group by accounts.entity_id
),

told as (
    select entity_id, period_id, period_start, period_end, closed_on
    from staging.fiscal_periods
    where known_from <= $known_at and known_to > $known_at
),

periods as (
    select pairs.entity_id, told.period_id, told.period_start, told.period_end, told.closed_on
    from pairs
    inner join told on pairs.entity_id = told.entity_id
    where told.period_end >= pairs.first_date and told.period_start <= $as_of
    union all
    select
        pairs.entity_id, cast(null as text), months.month_start, months.month_end, cast(null as date)
    from pairs
    inner join staging.months as months on months.month_end >= pairs.first_date and months.month_start <= $as_of
    where not exists (
        select 1 from told
        where told.entity_id = pairs.entity_id
            and told.period_start <= months.month_end and told.period_end >= months.month_start
    )
)

select
    entity_id,
    period_id,
    period_start,
    least(period_end, $as_of) as period_end,
    period_end <= $as_of as is_whole,
    closed_on
from periods
