-- Each goal with where it stands, what is forecast for the end of its period, how likely it is met, and what is missing: how far
-- the forecast (where the period is over, the figure itself) falls short of the goal, below zero where it is better. Cash is to
-- be reached, every other figure not to be exceeded. Chances are shares of the same draws as the cash forecast's.
with goals as (
    select
        goals.*,
        cast(case
            when metric = 'cash' then cast(collected_amount as double) / nullif(cast(rate as double), 0)
            when metric = 'dso' then sales_days * cast(receivables as double) / nullif(cast(standing_sales as double), 0)
            when metric = 'percent_past_due'
                then 100 * cast(owed_past_due_amount as double) / nullif(cast(owed_amount as double), 0)
            else 100 * cast(owed_over_90_amount as double) / nullif(cast(owed_amount as double), 0)
        end as decimal(38, 4)) as actual_to_date
    from features.goals as goals
    where as_of = $as_of
),

judged as (
    select
        goals.*, goals.period_end <= $as_of as is_over, made.reason as book_reason, own.reason as own_reason, own.probability_met,
        case when goals.period_end <= $as_of then goals.actual_to_date else cast(own.forecast as decimal(38, 4)) end as forecast
    from goals
    left join forecasts.made as made on made.as_of = $as_of
    left join forecasts.goals as own on goals.goal_key = own.goal_key and own.as_of = $as_of
),

short as (
    select judged.*, case when metric = 'cash' then target - forecast else forecast - target end as gap from judged
)

select
    period_start,
    period_end,
    entity_id,
    collector,
    metric,
    definition,
    currency,
    target,
    actual_to_date,
    forecast,
    cast(case when is_over and gap is not null then case when gap <= 0 then 1 else 0 end else probability_met end as double)
        as probability_met,
    cast(gap as decimal(38, 4)) as gap,
    coalesce(case when is_over then 'its period is over' end, own_reason, book_reason, '') as reason
from short
