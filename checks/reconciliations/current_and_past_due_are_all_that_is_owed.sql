-- What is current and what is past due add up to what is owed, and what is over ninety days past due is no more than the latter.
with shares as (
    select
        level, period_end, entity_id, segment, collector, currency, max(denominator) as owed,
        sum(case when metric = 'percent_current' then numerator else 0 end) as current_amount,
        sum(case when metric = 'percent_past_due' then numerator else 0 end) as past_due_amount,
        sum(case when metric = 'percent_over_90' then numerator else 0 end) as over_90_amount
    from marts.collection_metrics
    where as_of = $as_of and metric in ('percent_current', 'percent_past_due', 'percent_over_90')
    group by level, period_end, entity_id, segment, collector, currency
)

select period_end, 1 as failing_rows, current_amount + past_due_amount - owed as amount
from shares
where current_amount + past_due_amount <> owed or over_90_amount > past_due_amount
