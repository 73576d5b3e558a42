"""The marts layer: the published tables. What each means is in `models/marts`.

Two of them are not made by SQL: what the checks said, and the glossary.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg
import polars as pl

from assets.resources.home import Home
from assets.resources.state import CheckResult, of_the_book
from assets.runs import days_of
from assets.sql_asset import row_counts, spec_of, sql_assets
from models.contract import SEAM_COLUMNS, Contract, contract, contracts, glossary

SQL_TABLES = [
    "marts.aging_detail",
    "marts.aging",
    "marts.aging_monthly",
    "marts.dso",
    "marts.rollforward",
    "marts.gl_tieout",
    "marts.restatements",
    "marts.collection_metrics",
    "marts.credit_balances",
    "marts.payer_monthly",
    "marts.payment_trends",
    "marts.dispute_trends",
    "marts.promises",
    "marts.disputes",
    "marts.rejected_rows",
]

FORECAST_TABLES = [
    "marts.settlement_forecast",
    "marts.cash_forecast",
    "marts.cash_forecast_daily",
    "marts.forecast_accuracy",
    "marts.forecast_reliability",
    "marts.forecast_backtest",
    "marts.payment_runs",
    "marts.behaviour_changes",
    "marts.forecast_bridge",
    "marts.targets",
    "marts.swing_items",
]
"""Made by SQL too, from what Python forecast."""

ALLOWANCE_TABLES = [
    "marts.allowance_schedule",
    "marts.allowance_items",
    "marts.allowance_specific",
    "marts.allowance_roll_rates",
    "marts.allowance_snapshots",
    "marts.allowance_vintages",
    "marts.allowance_loss_rates",
    "marts.allowance_matrix",
    "marts.allowance_recoveries",
    "marts.allowance_adjustments",
    "marts.allowance_dilution",
    "marts.allowance_sensitivity",
    "marts.allowance_rollforward",
    "marts.allowance_journal",
    "marts.allowance_attribution",
    "marts.allowance_disclosure",
    "marts.allowance_backtest",
    "marts.allowance_restatements",
    "marts.worklist",
]
"""And these, from the rates that Python estimated."""

MADE_BY_SQL = [*SQL_TABLES, *FORECAST_TABLES, *ALLOWANCE_TABLES]


def published_contracts() -> list[Contract]:
    """The contracts of the tables that readers get, by name."""
    return [found for found in contracts("marts") if found.published]


@dg.multi_asset(
    name="marts__data_quality",
    specs=[spec_of(contract("marts.data_quality"), [*MADE_BY_SQL, "marts.glossary"], {"python"})],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def data_quality(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """What every check of this run said, built last from the record of checks."""
    days = days_of(home, context.partition_keys)
    with home.state() as state:
        found = {as_of: of_the_book(state.results(context.run.run_id, as_of)) for as_of in days}
    rows = {as_of: [_quality(result) for result in results] for as_of, results in found.items()}
    yield _replace(home, "marts.data_quality", rows, days)


@dg.multi_asset(
    name="marts__glossary",
    specs=[spec_of(contract("marts.glossary"), ["staging.policy"], {"python"})],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def published_glossary(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Every published column with its meaning and the tables it is in."""
    days = days_of(home, context.partition_keys)
    yield _replace(home, "marts.glossary", dict.fromkeys(days, glossary_rows()), days)


def glossary_rows() -> list[dict[str, Any]]:
    """The glossary of published columns, by name."""
    places: dict[str, list[str]] = {}
    for found in published_contracts():
        for column in [*SEAM_COLUMNS, *found.columns]:
            places.setdefault(column, []).append(found.table)
    return [
        {
            "column_name": name,
            "meaning": glossary()[name].meaning,
            "unit": glossary()[name].unit,
            "tables": ", ".join(tables),
        }
        for name, tables in sorted(places.items())
    ]


def _quality(result: CheckResult) -> dict[str, Any]:
    return {
        "layer": result.layer,
        "table_name": result.table_name,
        "check_name": result.check_name,
        "severity": result.severity,
        "passed": result.passed,
        "failing_rows": result.failing_rows,
        "failing_amount": result.failing_amount,
        "blocking": result.severity == "error",
    }


def _replace(
    home: Home, table: str, rows: Mapping[date, list[dict[str, Any]]], days: Mapping[date, str]
) -> dg.MaterializeResult[Any]:
    promised = contract(table)
    frames = {as_of: pl.DataFrame(found, infer_schema_length=None) for as_of, found in rows.items()}
    with home.warehouse() as warehouse:
        warehouse.replace_days_with_frames(promised, frames, days)
        return dg.MaterializeResult(asset_key=table.split("."), metadata=row_counts(warehouse, promised))


ASSETS = [
    sql_assets("marts__ledger", SQL_TABLES),
    sql_assets("marts__forecasts", FORECAST_TABLES),
    sql_assets("marts__allowance", ALLOWANCE_TABLES),
    published_glossary,
    data_quality,
]
