"""The ledger layer: one posting table of every receivable event, and what is open as of a day.

What each table means is in `models/ledger`. One step makes several tables, since a step of Dagster's costs as much as
a small table; any one of them can still be made alone.
"""

from __future__ import annotations

from assets.sql_asset import sql_assets

STEPS = {
    "ledger__postings": [
        "ledger.documents",
        "ledger.reinstatements",
        "ledger.applications",
        "ledger.source_claims",
        "ledger.invoice_claims",
        "ledger.claims",
        "ledger.overdrawn_claims",
        "ledger.funded_claims",
        "ledger.overpaid_claims",
        "ledger.refilled_claims",
        "ledger.settlements",
        "ledger.reopenings",
        "ledger.postings",
        "ledger.known_accounts",
        "ledger.known_documents",
    ],
    "ledger__rates": [
        "ledger.customers",
        "ledger.entities",
        "ledger.accounts",
        "ledger.period_ends",
        "ledger.days",
        "ledger.daily_rates",
        "ledger.booked_amounts",
        "ledger.closing_rates",
    ],
    "ledger__open_items": [
        "ledger.instalments",
        "ledger.instalment_balances",
        "ledger.instalment_steps",
        "ledger.instalment_changes",
        "ledger.balance_steps",
        "ledger.open_items",
        "ledger.netted_items",
        "ledger.period_aging",
    ],
    "ledger__flows": [
        "ledger.movements",
        "ledger.fiscal_periods",
        "ledger.period_flows",
        "ledger.gl_comparison",
    ],
    "ledger__periods": [
        "ledger.daily_sales",
        "ledger.period_sales",
        "ledger.cash_applications",
        "ledger.period_cash",
        "ledger.period_billings",
        "ledger.period_balances",
        "ledger.collection_parts",
        "ledger.collection_windows",
    ],
    "ledger__payers": [
        "ledger.period_disputes",
        "ledger.dispute_states",
        "ledger.payer_changes",
        "ledger.payer_months",
        "ledger.promised_amounts",
        "ledger.promise_cash",
        "ledger.promise_kept",
        "ledger.promise_states",
    ],
}
"""The tables that each step makes, in the order in which the data flows."""

TABLES = [table for tables in STEPS.values() for table in tables]

ASSETS = [sql_assets(name, tables) for name, tables in STEPS.items()]
