-- The rate of each day between the currencies of documents and those in which they are reported: as a feed says it; else the
-- inverse of the rate the other way; else across the policy's pivot currency. A missing rate is carried forward at most as many
-- days as the policy allows. Once a fiscal period that holds a rate's day was closed, the rate stays as it was known then;
-- one that was told only later, as it was told first.
with closed as (
    select calendar.day, min(periods.closed_on) as closed_on
    from staging.fiscal_periods as periods
    inner join staging.days as calendar on calendar.day >= periods.period_start and calendar.day <= periods.period_end
    where periods.known_from <= $known_at and periods.known_to > $known_at and periods.closed_on < cast($known_at as date)
    group by calendar.day
),

versions as (
    select
        told.rate_date, told.from_currency, told.to_currency, told.rate,
        row_number() over (
            partition by told.rate_date, told.from_currency, told.to_currency
            order by
                case when closed.closed_on is not null or told.known_to > $known_at then 0 else 1 end,
                told.known_from
        ) as choice,
        closed.closed_on, told.known_to
    from staging.fx_rates as told
    left join closed on told.rate_date = closed.day
    where told.known_from <= $known_at and told.from_currency <> told.to_currency
        and (closed.closed_on is null or cast(told.known_to as date) > closed.closed_on)
),

wanted as (
    select accounts.currency as from_currency, accounts.functional_currency as to_currency, accounts.base_currency
    from ledger.known_documents as documents
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    where documents.known_at = $known_at and documents.posting_date <= $as_of
    group by accounts.currency, accounts.functional_currency, accounts.base_currency
),

pairs as (
    select from_currency, to_currency, base_currency from wanted
    union
    select from_currency, base_currency, base_currency from wanted
    union
    select to_currency, base_currency, base_currency from wanted
),

both_ways as (
    select rate_date, from_currency, to_currency, rate, 'direct' as rate_source, 1 as rank
    from versions
    where choice = 1 and (cast(known_to as date) > closed_on or known_to > $known_at)
    union all
    select
        rate_date, to_currency, from_currency, cast(round(1 / cast(rate as double), 10) as decimal(18, 10)), 'inverse', 2
    from versions
    where choice = 1 and (cast(known_to as date) > closed_on or known_to > $known_at)
),

following as (
    select
        both_ways.*,
        lead(rate_date) over (partition by from_currency, to_currency, rank order by rate_date) as next_date
    from both_ways
),

carried as (
    select
        days.day, following.rate_date, following.from_currency, following.to_currency, following.rate, following.rate_source,
        row_number() over (
            partition by days.day, following.from_currency, following.to_currency order by following.rank
        ) as choice
    from following
    cross join staging.policy as policy
    inner join ledger.days as days
        on days.day >= following.rate_date and days.day <= following.rate_date + policy.longest_carry_days
        and days.day < coalesce(following.next_date, date '9999-12-31') and days.as_of = $as_of
),

legs as (
    select day, rate_date, from_currency, to_currency, rate, rate_source from carried where choice = 1
),

crossed as (
    select
        first_leg.day, least(first_leg.rate_date, second_leg.rate_date) as rate_date, pairs.from_currency, pairs.to_currency,
        cast(round(first_leg.rate * second_leg.rate, 10) as decimal(18, 10)) as rate
    from pairs
    cross join staging.policy as policy
    inner join legs as first_leg
        on pairs.from_currency = first_leg.from_currency
        and coalesce(policy.pivot_currency, pairs.base_currency) = first_leg.to_currency
    inner join legs as second_leg
        on first_leg.day = second_leg.day and first_leg.to_currency = second_leg.from_currency
        and pairs.to_currency = second_leg.to_currency
    where pairs.from_currency <> pairs.to_currency
        and not exists (
            select 1 from legs
            where legs.day = first_leg.day and legs.from_currency = pairs.from_currency and legs.to_currency = pairs.to_currency
        )
)

select legs.day, legs.from_currency, legs.to_currency, legs.rate_date, legs.rate, legs.rate_source
from legs
inner join pairs on legs.from_currency = pairs.from_currency and legs.to_currency = pairs.to_currency
union
select day, from_currency, to_currency, rate_date, rate, 'cross' from crossed
