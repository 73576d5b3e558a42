"""What is checked of the forecasts, beyond their contracts: that they add up, and never look back."""

from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("quantiles_of_cash_do_not_cross", "forecasts.cash_weeks"),
    reconciliation("means_of_every_level_add_up", "forecasts.cash_weeks"),
    reconciliation("no_cash_is_expected_in_the_past", "forecasts.cash_days"),
    reconciliation("every_open_receivable_is_forecast", "forecasts.settlements"),
    reconciliation("next_runs_are_ahead", "forecasts.payment_runs"),
    reconciliation("no_change_is_found_after_the_day", "forecasts.behaviour_changes"),
    reconciliation("receipts_can_be_forecast", "forecasts.made", "warn"),
    reconciliation("the_forecast_beats_the_simple_rules", "forecasts.accuracy", "warn"),
    reconciliation("intervals_cover_what_they_say", "forecasts.accuracy", "warn"),
    reconciliation("accuracy_has_not_drifted", "forecasts.origin_weeks", "warn"),
    reconciliation("coverage_is_within_its_band", "forecasts.origin_weeks", "warn"),
]
