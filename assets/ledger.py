"""The ledger layer: one posting table of every receivable event, and what is open as of a day.

What each table means is in `models/ledger`.
"""

from __future__ import annotations

from assets.sql_asset import sql_asset

ASSETS = [
    sql_asset("ledger.documents"),
    sql_asset("ledger.reinstatements"),
    sql_asset("ledger.applications"),
    sql_asset("ledger.source_claims"),
    sql_asset("ledger.invoice_claims"),
    sql_asset("ledger.claims"),
    sql_asset("ledger.overdrawn_claims"),
    sql_asset("ledger.funded_claims"),
    sql_asset("ledger.overpaid_claims"),
    sql_asset("ledger.settlements"),
    sql_asset("ledger.reopenings"),
    sql_asset("ledger.postings"),
    sql_asset("ledger.customers"),
    sql_asset("ledger.entities"),
    sql_asset("ledger.period_ends"),
    sql_asset("ledger.days"),
    sql_asset("ledger.daily_rates"),
    sql_asset("ledger.booked_amounts"),
    sql_asset("ledger.closing_rates"),
    sql_asset("ledger.instalments"),
    sql_asset("ledger.instalment_balances"),
    sql_asset("ledger.instalment_steps"),
    sql_asset("ledger.instalment_changes"),
    sql_asset("ledger.balance_steps"),
    sql_asset("ledger.open_items"),
    sql_asset("ledger.netted_items"),
    sql_asset("ledger.period_aging"),
    sql_asset("ledger.movements"),
    sql_asset("ledger.fiscal_periods"),
    sql_asset("ledger.period_flows"),
    sql_asset("ledger.gl_comparison"),
    sql_asset("ledger.daily_sales"),
    sql_asset("ledger.period_sales"),
    sql_asset("ledger.cash_applications"),
    sql_asset("ledger.period_cash"),
    sql_asset("ledger.period_billings"),
    sql_asset("ledger.period_balances"),
    sql_asset("ledger.collection_parts"),
    sql_asset("ledger.collection_windows"),
    sql_asset("ledger.period_disputes"),
    sql_asset("ledger.dispute_states"),
    sql_asset("ledger.payer_changes"),
    sql_asset("ledger.payer_months"),
    sql_asset("ledger.promised_amounts"),
    sql_asset("ledger.promise_cash"),
    sql_asset("ledger.promise_kept"),
    sql_asset("ledger.promise_states"),
]
