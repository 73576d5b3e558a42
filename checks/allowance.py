"""What is checked of the allowance, beyond its contracts: every item is in it once, and every figure foots."""

from checks.expectations import Expectation
from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("every_item_is_treated_once", "allowance.exposures"),
    reconciliation("the_matrix_adds_up", "allowance.transitions"),
    reconciliation("rates_are_the_sum_of_their_parts", "allowance.rates"),
    reconciliation("every_exposure_has_a_rate", "allowance.items", "warn"),
    reconciliation("rates_rise_with_age", "allowance.rates", "warn"),
]

EXPECTATIONS = [
    Expectation(
        "allowance.rates",
        "rates_are_between_none_and_all",
        "A loss rate is between 0 and 1.",
        "expect_column_values_to_be_between",
        {"column": "rate", "min_value": 0, "max_value": 1},
    ),
]
