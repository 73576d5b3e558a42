-- How forecasts made the same way did at the weekly origins before the day, beside every simple rule. The champion is the
-- model that serves; a ratio below one is better than the best of the rules, with its 95 % interval by bootstrap of origins.
-- Facts are taken by their effective dates.
with made as (
    select model from forecasts.made where as_of = $as_of
)

select
    accuracy.scope,
    accuracy.grain,
    accuracy.horizon_weeks,
    accuracy.model,
    accuracy.origins,
    accuracy.wape,
    accuracy.net_error,
    accuracy.bias,
    accuracy.mase,
    accuracy.crps,
    accuracy.winkler_80,
    accuracy.coverage_80,
    accuracy.coverage_95,
    accuracy.days_mae,
    accuracy.item_crps,
    accuracy.brier_7,
    accuracy.brier_14,
    accuracy.brier_30,
    accuracy.noise_floor,
    accuracy.best_baseline,
    accuracy.ratio,
    accuracy.ratio_low,
    accuracy.ratio_high,
    accuracy.model = made.model as is_champion,
    'reconstructed' as vintage
from forecasts.accuracy as accuracy
cross join made
where accuracy.as_of = $as_of
