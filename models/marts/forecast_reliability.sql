-- How far the chances of open items can be believed: of all that were given a chance in the same tenth of being paid within 7, 14
-- or 30 days, at every weekly origin of which 90 days have passed, the mean chance and the share that was paid in time.
with made as (
    select model from forecasts.made where as_of = $as_of
)

select
    reliability.model,
    reliability.span_days,
    reliability.decile,
    reliability.item_count,
    reliability.predicted_share,
    reliability.paid_share,
    reliability.model = made.model as is_champion
from forecasts.reliability as reliability
cross join made
where reliability.as_of = $as_of
