"""What is checked of the features, beyond their contracts: that they are the ledger's, and no later than the day."""

from checks.expectations import Expectation
from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("no_receivable_is_settled_before_it_began", "features.receivable_spells"),
    reconciliation("receivables_that_go_on_are_what_is_open", "features.receivable_spells"),
]

EXPECTATIONS = [
    Expectation(
        "features.payer_cash",
        "no_payer_paid_less_than_nothing",
        "No payer paid less than nothing in a year.",
        "expect_column_values_to_be_between",
        {"column": "paid_12m", "min_value": 0},
    ),
]
