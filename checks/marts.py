"""What is checked of the marts, beyond their contracts: that every published figure is the ledger's."""

from checks.expectations import Expectation
from checks.reconciliations import reconciliation

RECONCILIATIONS = [
    reconciliation("detail_equals_open_items", "marts.aging_detail"),
    reconciliation("every_due_date_can_be_believed", "marts.aging_detail", "warn"),
    reconciliation("buckets_sum_to_open_balance", "marts.aging"),
    reconciliation("aging_has_three_views", "marts.aging"),
    reconciliation("newest_month_equals_open_items", "marts.aging_monthly"),
    reconciliation("months_sum_to_period_aging", "marts.aging_monthly"),
    reconciliation("dso_receivables_equal_open_items", "marts.dso"),
    reconciliation("average_days_delinquent_is_the_difference", "marts.dso"),
    reconciliation("rollforward_lines_add_up", "marts.rollforward"),
    reconciliation("rollforward_closes_at_open_items", "marts.rollforward"),
    reconciliation("each_opening_is_the_closing_before", "marts.rollforward"),
    reconciliation("subledger_ties_to_the_general_ledger", "marts.gl_tieout", "warn"),
    reconciliation("no_closed_period_is_restated", "marts.restatements", "warn"),
    reconciliation("turnover_divides_the_sales_of_dso", "marts.collection_metrics"),
    reconciliation("levels_of_collection_metrics_add_up", "marts.collection_metrics"),
    reconciliation("days_to_pay_are_terms_and_days_beyond", "marts.collection_metrics"),
    reconciliation("current_and_past_due_are_all_that_is_owed", "marts.collection_metrics"),
    reconciliation("credit_balances_equal_unapplied_items", "marts.credit_balances"),
    reconciliation("payers_add_up_to_period_balances", "marts.payer_monthly"),
    reconciliation("months_of_payers_hold_every_receipt_and_billing", "marts.payer_monthly"),
    reconciliation("disputes_opened_less_resolved_are_open", "marts.dispute_trends"),
    reconciliation("blocked_amounts_equal_disputed_amounts", "marts.dispute_trends"),
    reconciliation("every_goal_is_looked_at", "marts.targets"),
    reconciliation("the_bridge_leads_to_the_forecast", "marts.forecast_bridge"),
    reconciliation("rejected_rows_are_all_published", "marts.rejected_rows"),
]

EXPECTATIONS = [
    Expectation(
        "marts.aging",
        "no_bucket_counts_fewer_items_than_none",
        "A bucket holds no fewer than zero items.",
        "expect_column_values_to_be_between",
        {"column": "item_count", "min_value": 0},
    ),
    Expectation(
        "marts.dso",
        "dso_is_a_believable_number_of_days",
        "No definition of DSO is beyond ten years either way; one that is has sales near zero.",
        "expect_column_values_to_be_between",
        {"column": "days", "min_value": -3650, "max_value": 3650},
        "warn",
    ),
    Expectation(
        "marts.collection_metrics",
        "no_window_is_longer_than_ten_years",
        "A metric looks back over no fewer than zero days and no more than ten years.",
        "expect_column_values_to_be_between",
        {"column": "window_days", "min_value": 0, "max_value": 3650},
        "warn",
    ),
    Expectation(
        "marts.credit_balances",
        "no_refund_is_due_of_less_than_nothing",
        "What is due to be refunded is never negative.",
        "expect_column_values_to_be_between",
        {"column": "refund_due_amount", "min_value": 0},
    ),
    Expectation(
        "marts.payer_monthly",
        "no_payer_takes_more_than_ten_years",
        "No payer's cash took longer than ten years or came more than ten years early.",
        "expect_column_values_to_be_between",
        {"column": "weighted_days_to_pay", "min_value": -3650, "max_value": 3650},
        "warn",
    ),
    Expectation(
        "marts.dispute_trends",
        "no_share_is_credited_beyond_what_was_disputed",
        "What is credited of disputes is no more than what they disputed.",
        "expect_column_values_to_be_between",
        {"column": "credited_share", "min_value": 0, "max_value": 1},
        "warn",
    ),
    Expectation(
        "marts.glossary",
        "every_published_column_has_a_meaning",
        "No published column is without a meaning.",
        "expect_column_value_lengths_to_be_between",
        {"column": "meaning", "min_value": 10},
    ),
]
