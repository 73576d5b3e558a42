"""What is checked of the allowance, beyond its contracts: every item is in it once, and every figure foots."""

from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("every_item_is_treated_once", "allowance.exposures"),
    reconciliation("the_matrix_adds_up", "allowance.transitions"),
    reconciliation("rates_are_the_sum_of_their_parts", "allowance.rates"),
    reconciliation("every_exposure_has_a_rate", "allowance.items", "warn"),
    reconciliation("rates_rise_with_age", "allowance.rates", "warn"),
]
