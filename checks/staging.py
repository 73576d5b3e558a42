"""What is checked of the staging layer, beyond its contracts: conservation, and what was rejected or changed."""

from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("sent_rows_are_loaded_rejected_or_duplicates", "staging.batch_totals"),
    reconciliation("sent_amounts_are_loaded_rejected_or_duplicates", "staging.batch_totals"),
    reconciliation("rejected_rows_are_immaterial", "staging.rejected_rows"),
    reconciliation("no_row_is_rejected", "staging.rejected_rows", "warn"),
    reconciliation("no_value_is_assumed", "staging.declared_changes", "warn"),
    reconciliation("no_amount_is_rounded", "staging.declared_changes", "warn"),
    reconciliation("every_due_date_can_be_read", "staging.declared_changes", "warn"),
    reconciliation("payments_and_credit_memos_share_no_id", "staging.payments"),
    reconciliation("no_batch_lacks_more_due_dates_than_usual", "staging.invoices", "warn"),
    reconciliation("no_batch_is_of_other_amounts_than_usual", "staging.invoices", "warn"),
]
