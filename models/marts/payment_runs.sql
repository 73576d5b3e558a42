-- Payers that pay on a calendar: which one, how much of what they pay falls on it, how sure that is among all payers that were
-- looked at, whether it still holds, and the next day on which it runs.
with runs as (
    select
        payer_key, pattern, parameters, next_run_date, share_on_pattern, payment_count, false_discovery_rate, last_confirmed_on,
        is_drifting
    from forecasts.payment_runs
    where as_of = $as_of
),

payers as (
    select payer_key, payer_id from features.payers where as_of = $as_of
)

select
    payers.payer_id,
    runs.pattern,
    runs.parameters,
    runs.next_run_date,
    runs.share_on_pattern,
    runs.payment_count,
    runs.false_discovery_rate,
    runs.last_confirmed_on,
    runs.is_drifting
from runs
inner join payers on runs.payer_key = payers.payer_key
