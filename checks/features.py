"""What is checked of the features, beyond their contracts: that they are the ledger's, and no later than the day."""

from checks.expectations import Expectation
from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("no_receivable_is_settled_before_it_began", "features.receivable_spells"),
    reconciliation("receivables_that_go_on_are_what_is_open", "features.receivable_spells"),
    reconciliation("no_scheduled_billing_is_overdue", "features.scheduled_billings", "warn"),
    reconciliation("no_pending_payment_is_overdue", "features.pending_payments", "warn"),
    reconciliation("every_pending_payment_is_expected_once", "features.pending_settlements", "warn"),
    reconciliation("every_scheduled_billing_has_a_base_amount", "features.scheduled_billings", "warn"),
]

EXPECTATIONS = [
    Expectation(
        "features.payer_cash",
        "no_payer_paid_less_than_nothing",
        "No payer paid less than nothing in a year.",
        "expect_column_values_to_be_between",
        {"column": "paid_12m", "min_value": 0},
    ),
    Expectation(
        "features.scheduled_billings",
        "a_probability_is_a_share_of_one",
        "The probability of a scheduled billing is between 0 and 1.",
        "expect_column_values_to_be_between",
        {"column": "probability", "min_value": 0, "max_value": 1},
    ),
]
