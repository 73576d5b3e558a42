"""Every asset there is, one definition a step, in the order in which the data flows."""

from assets import allowance, features, forecasts, ledger, marts, publications, raw, staging

ASSETS = [
    raw.raw_batches,
    staging.staging,
    *ledger.ASSETS,
    *features.ASSETS,
    *forecasts.ASSETS,
    *allowance.ASSETS,
    *marts.ASSETS,
    *publications.ASSETS,
]
