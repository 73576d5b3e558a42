"""What is checked of the ledger, beyond its contracts: that balances are sums, and that nothing is known too early."""

from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("open_items_equal_the_postings", "ledger.open_items"),
    reconciliation("open_items_equal_documents_less_settlements", "ledger.open_items"),
    reconciliation("no_item_is_open_past_its_amount", "ledger.open_items"),
    reconciliation("nothing_is_known_after_known_at", "ledger.open_items"),
    reconciliation("every_application_finds_both_sides", "ledger.open_items", "warn"),
    reconciliation("every_claim_fits_its_invoice_and_source", "ledger.open_items", "warn"),
    reconciliation("every_cross_currency_application_says_what_it_takes", "ledger.open_items", "warn"),
    reconciliation("no_invoice_is_paid_before_its_date", "ledger.open_items", "warn"),
    reconciliation("no_due_date_is_mistaken", "ledger.open_items", "warn"),
    reconciliation("every_open_amount_has_a_functional_amount", "ledger.open_items", "warn"),
    reconciliation("every_open_amount_has_a_base_amount", "ledger.open_items", "warn"),
    reconciliation("no_rate_looks_inverted", "ledger.daily_rates", "warn"),
    reconciliation("every_feed_is_as_fresh_as_usual", "ledger.open_items", "warn"),
    reconciliation("period_balances_equal_period_sales", "ledger.period_balances"),
    reconciliation("owed_amounts_equal_open_items", "ledger.period_balances"),
    reconciliation("no_cash_keeps_two_promises", "ledger.promise_states"),
]
