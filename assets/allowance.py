"""The allowance layer: what is expected never to be paid of what is open, from the book's own history of losses.

The history and the money are SQL of `models/allowance`; between them, rates are estimated by its methods. One step
makes all of it, since no table of it means anything without the others.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import dagster as dg
import polars as pl

from assets.approvals import Closes, closes_of
from assets.openings import closed_items, closings, opening
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.runs import days_of
from assets.sql_asset import row_counts, spec_of, tables_in
from models.allowance.adjustments import register
from models.allowance.backtest import backtest
from models.allowance.history import History
from models.allowance.rates import Rates
from models.allowance.report import adjustment_rows, matrix_rows, recovery_rows, shocks
from models.allowance.settings import AllowanceSettings
from models.contract import contract, sql
from models.policy import Policy

BEFORE_RATES = [
    "allowance.pool_members",
    "allowance.reductions",
    "allowance.item_months",
    "allowance.transitions",
    "allowance.losses",
    "allowance.reached",
    "allowance.snapshots",
    "allowance.vintages",
    "allowance.specific_events",
    "allowance.exposures",
]
RATES = [
    "allowance.loss_rates",
    "allowance.matrix",
    "allowance.recoveries",
    "allowance.adjustments",
    "allowance.rates",
    "allowance.shocks",
    "allowance.backtest",
    "allowance.openings",
    "allowance.closings",
    "allowance.closed_items",
]
AFTER_RATES = ["allowance.items", "allowance.period_losses", "allowance.movements", "allowance.drivers"]
TABLES = [*BEFORE_RATES, *RATES, *AFTER_RATES]
READ = [
    "allowance.transitions",
    "allowance.losses",
    "allowance.reached",
    "allowance.snapshots",
    "allowance.vintages",
    "features.base_rates",
    "ledger.closing_rates",
    "ledger.entities",
    "staging.allowance_openings",
    "staging.loss_buckets",
    "staging.macro",
]
WEIGHED = {
    "transitions": ("opening", "stayed", "paid", "diluted", "written_off"),
    "snapshots": ("exposure", "written_off", "recovered", "aged_out", "unresolved"),
    "losses": ("lost", "recovered"),
    "vintages": ("billed", "uncollected", "written_off", "recovered"),
}
"""The amounts of each table of history, which are weighed in base currency at the day's rates, so that a rate moves by
what is paid and not by what a currency is worth."""
BY = {
    "transitions": "history.pool, history.month_number, history.aging_bucket, history.months_in_bucket,"
    " history.next_bucket",
    "snapshots": "history.pool, history.month_number, history.aging_bucket, history.is_closed",
    "losses": "history.pool, history.month_number, history.aging_bucket, history.kind",
    "vintages": "history.pool, history.billing_month, history.age_months",
}


@dg.multi_asset(
    name="allowance",
    specs=[
        *[spec_of(contract(table), tables_in(sql(table)), {"duckdb", "sql"}) for table in BEFORE_RATES],
        *[spec_of(contract(table), READ, {"python", "polars"}) for table in RATES],
        *[spec_of(contract(table), tables_in(sql(table)), {"duckdb", "sql"}) for table in AFTER_RATES],
    ],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def allowance(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Follow what became of past receivables, and reckon what is expected to be lost of the open ones."""
    days = days_of(home, list(context.partition_keys))
    with home.warehouse() as warehouse:
        closes = {as_of: closes_of(home, as_of) for as_of in days}
        make_allowance(warehouse, days, home.policy, home.as_known_at, closes)
        for table in TABLES:
            yield dg.MaterializeResult(asset_key=table.split("."), metadata=row_counts(warehouse, contract(table)))


def make_allowance(
    warehouse: Warehouse,
    days: Mapping[date, str],
    policy: Policy,
    known_at: datetime,
    closes: Mapping[date, Closes],
) -> None:
    """Make the tables of the allowance anew for days with their run ids, each beside its approved closes."""
    for table in BEFORE_RATES:
        warehouse.replace(contract(table), sql(table), days, known_at=known_at)
    make_rates(warehouse, days, policy.allowance, known_at, closes)
    for table in AFTER_RATES:
        warehouse.replace(contract(table), sql(table), days, known_at=known_at)


def make_rates(
    warehouse: Warehouse,
    days: Mapping[date, str],
    chosen: AllowanceSettings,
    known_at: datetime,
    closes: Mapping[date, Closes],
) -> None:
    """Make the tables of rates, and of what the days open with, anew for days with their run ids."""
    made = {as_of: rates_of_day(warehouse, as_of, chosen, known_at) for as_of in days}
    for as_of, tables in made.items():
        tables["allowance.openings"] = opening(warehouse, as_of, closes[as_of].opened, known_at)
        tables["allowance.closings"] = closings(tables["allowance.openings"], closes[as_of].opened)
        tables["allowance.closed_items"] = closed_items(closes[as_of].own)
    for table in RATES:
        frames = {as_of: _exact(table, tables[table]) for as_of, tables in made.items()}
        warehouse.replace_days_with_frames(contract(table), frames, days)


def rates_of_day(
    warehouse: Warehouse, as_of: date, chosen: AllowanceSettings, known_at: datetime
) -> dict[str, pl.DataFrame]:
    """The tables of rates of one day."""
    history = history_of_day(warehouse, as_of, chosen)
    rates = Rates(history, chosen)
    applied = register(chosen.adjustments, as_of, with_forecasts=not chosen.practical_expedient)
    if chosen.macro is not None:
        applied.append(
            rates.forecast(macro_series(warehouse, as_of, chosen.macro.series, known_at), chosen.macro, as_of)
        )
    return {
        "allowance.loss_rates": rates.loss_rates(),
        "allowance.matrix": matrix_rows(rates),
        "allowance.recoveries": recovery_rows(rates),
        "allowance.rates": rates.schedule(applied),
        "allowance.adjustments": adjustment_rows(applied),
        "allowance.shocks": shocks(rates, applied),
        "allowance.backtest": backtest(history, chosen),
    }


def history_of_day(warehouse: Warehouse, as_of: date, chosen: AllowanceSettings) -> History:
    """The history of a day's book, weighed in base currency."""
    buckets = warehouse.rows("select aging_bucket, is_lost from staging.loss_buckets order by bucket_order")
    frames = {name: _weighed(warehouse, name, as_of) for name in WEIGHED}
    reached = "select pool, aging_bucket, loss_events, customer_count from allowance.reached where as_of = $as_of"
    frames["reached"] = warehouse.frame(reached, {"as_of": as_of})
    given_up = next(name for name, is_lost in buckets if is_lost)
    return History(frames, [name for name, _ in buckets], given_up, as_of, chosen)


def macro_series(warehouse: Warehouse, as_of: date, series: str, known_at: datetime) -> pl.DataFrame:
    """A series by month, in the newest edition of each figure that was out by the day."""
    text = """
        select year(period_end) * 12 + month(period_end) as month_number, value, coalesce(vintage, '') as vintage
        from staging.macro
        where series = $series and period_end <= $as_of and known_from <= $known_at and known_to > $known_at
            and coalesce(vintage, '') <= $edition
        order by month_number, vintage
    """
    given = {"series": series, "as_of": as_of, "known_at": known_at, "edition": as_of.isoformat()}
    found = warehouse.frame(text, given)
    return (
        found.group_by("month_number", maintain_order=True)
        .last()
        .select("month_number", pl.col("value").cast(pl.Float64))
    )


def _weighed(warehouse: Warehouse, name: str, as_of: date) -> pl.DataFrame:
    sums = ", ".join(
        f"cast(sum(cast(history.{column} as decimal(20, 4)) * rates.rate) as double) as {column}"
        for column in WEIGHED[name]
    )
    text = f"""
        select {BY[name]}, {sums}, count(*) as loss_events
        from allowance.{name} as history
        inner join features.base_rates as rates
            on history.entity_id = rates.entity_id and history.currency = rates.currency and rates.as_of = $as_of
        where history.as_of = $as_of
        group by all
        order by all
    """
    return warehouse.frame(text, {"as_of": as_of})


def _exact(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Rates as decimals, rounded to their places: money is made of them."""
    decimals = [name for name, kind in contract(table).column_types().items() if kind == "DECIMAL(18,10)"]
    exact = [
        pl.Series(
            name, [None if value is None else Decimal(f"{value:.10f}") for value in frame[name]], pl.Decimal(18, 10)
        )
        for name in decimals
        if name in frame.columns
    ]
    return frame.with_columns(exact)


ASSETS = [allowance]
