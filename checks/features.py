"""What is checked of the features, beyond their contracts: that they are the ledger's, and no later than the day."""

from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("no_receivable_is_settled_before_it_began", "features.receivable_spells"),
    reconciliation("receivables_that_go_on_are_what_is_open", "features.receivable_spells"),
    reconciliation("no_scheduled_billing_is_overdue", "features.scheduled_billings", "warn"),
    reconciliation("no_pending_payment_is_overdue", "features.pending_payments", "warn"),
    reconciliation("every_pending_payment_is_expected_once", "features.pending_settlements", "warn"),
    reconciliation("every_scheduled_billing_has_a_base_amount", "features.scheduled_billings", "warn"),
]
