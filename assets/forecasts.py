"""The forecasts layer: when open receivables become cash, what will be billed, and how forecasts made the same way did.

The methods are pure functions of `models/forecasts`; here their frames are read, and what they return is written.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import polars as pl

from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.runs import code_version, days_of
from assets.sql_asset import row_counts, spec_of
from models.contract import contract
from models.forecasts.accuracy_frame import forecast_accuracy
from models.forecasts.backtest import OWN, backtest, calibrate
from models.forecasts.change_report import Book, behaviour_changes
from models.forecasts.open_book import outcomes
from models.forecasts.outlook import daily, levels_of, origins_before, outlook, weekly
from models.forecasts.payment_runs import payment_runs
from models.forecasts.settings import ForecastSettings
from models.policy import Policy

TABLES = [
    "forecasts.made",
    "forecasts.origin_weeks",
    "forecasts.origin_items",
    "forecasts.accuracy",
    "forecasts.settlements",
    "forecasts.cash_weeks",
    "forecasts.cash_days",
]
READ = [
    "features.payers",
    "features.receivable_spells",
    "features.spell_amounts",
    "features.open_receivables",
    "features.business_days",
    "features.hazard_counts",
    "features.calendar_counts",
    "features.delay_counts",
]
RUNS = "forecasts.payment_runs"
CHANGES = "forecasts.behaviour_changes"
READ_OF_CHANGES = [*READ, "features.recent_spans"]
COUNTED = ("hazard_counts", "calendar_counts", "delay_counts")
SCOPE_OF = {"open_items": "open_items", "future_billings": "total", "total": "total"}
KNOWN_BEFORE = timedelta(days=7 * 26)
"""How much history an origin of the backtest must have before it."""

Frames = dict[str, pl.DataFrame]


@dg.multi_asset(
    name="forecasts__forecast",
    specs=[spec_of(contract(table), READ, {"python", "polars"}) for table in TABLES],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def forecast(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Forecast receipts as of each day, beside the backtest of the same model and of simple rules."""
    days = days_of(home, list(context.partition_keys))
    with home.warehouse() as warehouse:
        make_forecasts(warehouse, days, home.policy, home.work / "origins")
        for table in TABLES:
            yield dg.MaterializeResult(asset_key=table.split("."), metadata=row_counts(warehouse, contract(table)))


def make_forecasts(warehouse: Warehouse, days: Mapping[date, str], policy: Policy, kept: Path) -> None:
    """Make the tables of forecasts anew for days with their run ids; origins of the backtest are kept in a folder."""
    made: dict[str, list[pl.DataFrame]] = {table: [] for table in TABLES}
    for as_of, run_id in days.items():
        frames = forecast_day(Features(warehouse, as_of), policy, kept)
        for table in TABLES:
            made[table].append(frames[table].with_columns(as_of=pl.lit(as_of), run_id=pl.lit(run_id)))
    for table, found in made.items():
        warehouse.replace_with_frame(contract(table), pl.concat(found, how="vertical_relaxed"))


@dg.multi_asset(
    name="forecasts__payment_runs",
    specs=[spec_of(contract(RUNS), ["features.payment_days", "features.business_days"], {"python", "polars"})],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def runs(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Find the calendars on which payers pay, as of each day."""
    promised, made = contract(RUNS), []
    with home.warehouse() as warehouse:
        for as_of, run_id in days_of(home, list(context.partition_keys)).items():
            made.append(
                runs_of_day(Features(warehouse, as_of)).with_columns(as_of=pl.lit(as_of), run_id=pl.lit(run_id))
            )
        warehouse.replace_with_frame(promised, pl.concat(made, how="vertical_relaxed"))
        yield dg.MaterializeResult(asset_key=RUNS.split("."), metadata=row_counts(warehouse, promised))


class Features:
    """The features of a day, as frames with the names that `models/forecasts` gives their columns."""

    def __init__(self, warehouse: Warehouse, as_of: date) -> None:
        self.warehouse, self.as_of = warehouse, as_of

    def table(self, name: str, columns: str = "*", order: str = "") -> pl.DataFrame:
        """Rows of a table of features."""
        text = f"select {columns} from features.{name} where as_of = $as_of {order}"
        return self.warehouse.frame(text, {"as_of": self.as_of})

    def spells(self) -> pl.DataFrame:
        """Receivables, known as `document_key` by their number."""
        columns = (
            "spell_key as document_key, payer_key, entity_id, currency, entry_date, due_date, settled_date, exit_kind,"
            " amount_base as amount"
        )
        return self.table("receivable_spells", columns, "order by spell_key")

    def days(self) -> pl.DataFrame:
        """Days on the axis of business days."""
        return self.table("business_days", order="order by day").rename({"day": "date"})

    def counts(self) -> Frames:
        """What hazards are made of."""
        return {name: self.table(name) for name in COUNTED}

    def settled_by(self) -> dict[str, float]:
        """What settled the receivables of the last year, by how, each in the money of its document's currency."""
        text = """
            select sum(cash_settled), sum(credit_settled), sum(discount_settled), sum(write_off_settled)
            from features.spell_amounts as amounts
            inner join (
                select distinct document_key
                from features.receivable_spells
                where as_of = $as_of and settled_date > $as_of - 365
            ) as settled on amounts.document_key = settled.document_key
            where amounts.as_of = $as_of
        """
        row = self.warehouse.rows(text, {"as_of": self.as_of})[0]
        return {
            name: float(value or 0)
            for name, value in zip(("cash", "credit", "discount", "write_off"), row, strict=True)
        }


def forecast_day(features: Features, policy: Policy, kept: Path) -> Frames:
    """The tables of one day, or empty ones where the book is too thin, with the reason."""
    chosen, as_of = policy.forecast, features.as_of
    spells = features.spells()
    settled = spells.filter(
        (pl.col("settled_date") > as_of - timedelta(days=365)) & (pl.col("exit_kind") == "cash")
    ).height
    said = {"settled_count": settled, "calendar_code": chosen.calendar or "", "origin_count": 0}
    if settled < chosen.fewest_settled:
        return empty({**said, "is_made": False, "reason": f"fewer than {chosen.fewest_settled} settled in a year"})
    settings = replace(ForecastSettings(), draws=chosen.draws)
    days, counts = features.days(), features.counts()
    origins = origins_known(spells, as_of, chosen.origins)
    rows, items = backtest_of(spells, counts, days, origins, as_of, settings, kept)
    calibrated = calibrate(rows)
    found = outlook(
        spells, features.table("open_receivables"), counts, days, as_of, outcomes(features.settled_by()), settings
    )
    scales = scales_at(calibrated, as_of, settings.horizon_weeks)
    levels = list(
        levels_of(found.parts, spells, features.table("payers", "payer_key, segment"), as_of, chosen.largest_payers)
    )
    frames = {
        "forecasts.made": pl.DataFrame([{**said, "origin_count": len(origins) - 1, "is_made": True, "reason": ""}]),
        "forecasts.origin_weeks": calibrated,
        "forecasts.origin_items": items,
        "forecasts.accuracy": forecast_accuracy(calibrated, items) if len(origins) > 1 else pl.DataFrame(),
        "forecasts.settlements": found.items,
        "forecasts.cash_weeks": pl.concat(
            [weekly(found, level, scales, as_of) for level in levels], how="diagonal"
        ).rename({"amount_base": "cash"}),
        "forecasts.cash_days": pl.concat(
            [daily(found, level, scales, as_of) for level in levels if level.name in ("total", "entity")],
            how="diagonal",
        ).rename({"date": "day"}),
    }
    return {table: shaped(table, frame) for table, frame in frames.items()}


def runs_of_day(features: Features) -> pl.DataFrame:
    """The payers that pay on a calendar, as of the day."""
    paid = features.table("payment_days", "payer_key, payment_date", "order by payer_key, payment_date")
    return shaped(RUNS, payment_runs(paid, features.days(), features.as_of))


def origins_known(spells: pl.DataFrame, as_of: date, count: int) -> list[date]:
    """The weekly origins before the day that have half a year of history before them, and the day itself."""
    first = spells["entry_date"].min()
    return [day for day in origins_before(as_of, count) if day - KNOWN_BEFORE >= first or day == as_of]


def backtest_of(
    spells: pl.DataFrame,
    counts: Frames,
    days: pl.DataFrame,
    origins: list[date],
    as_of: date,
    settings: ForecastSettings,
    kept: Path,
    advance: Callable[[], None] = lambda: None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of weeks and of items of the origins; those that were made before of the very same facts are read back.

    `advance` is called for every origin that is there.
    """
    identity = np.bitwise_xor.reduce(spells.hash_rows(seed=7).to_numpy()) if spells.height else 0
    place = kept / f"{code_version()[:16]}-{identity:016x}-{settings.draws}"
    place.mkdir(parents=True, exist_ok=True)
    weeks, items = [], []
    missing = [day for day in origins if not (place / f"{day}-weeks.parquet").exists()]
    for _ in range(len(origins) - len(missing)):
        advance()
    for origin, of_weeks, of_items in backtest(spells, counts, days, missing, as_of, as_of, settings):
        of_items.write_parquet(place / f"{origin}-items.parquet")
        of_weeks.write_parquet(place / f"{origin}-weeks.parquet")
        advance()
    for origin in origins:
        weeks.append(pl.read_parquet(place / f"{origin}-weeks.parquet"))
        items.append(pl.read_parquet(place / f"{origin}-items.parquet"))
    return pl.concat(weeks, how="vertical_relaxed"), pl.concat([one for one in items if one.width] or [pl.DataFrame()])


def scales_at(calibrated: pl.DataFrame, as_of: date, weeks: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Factors on the widths of intervals by component and week, as known on the day."""
    found = {}
    for component, scope in SCOPE_OF.items():
        own = calibrated.filter(
            (pl.col("scope") == scope) & (pl.col("model") == OWN) & (pl.col("origin") == as_of)
        ).sort("horizon_week")
        assert own.height == weeks, (scope, own.height)
        found[component] = (own["scale_80"].to_numpy(), own["scale_95"].to_numpy())
    return found


def shaped(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that a table's contract has, empty where the frame has none; labels of none are empty text and 0."""
    names = [name for name in contract(table).column_types() if name not in ("as_of", "run_id")]
    if not frame.width:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.Null))
    filled = frame.with_columns(
        *[pl.lit(None).alias(name) for name in names if name not in frame.columns],
    ).select(names)
    text = {"entity_id": "", "currency": "", "segment": "", "payer_key": 0}
    present = {name: value for name, value in text.items() if name in names}
    return filled.with_columns(**{name: pl.col(name).fill_null(value) for name, value in present.items()})


def empty(said: dict[str, Any]) -> Frames:
    """The tables of a day on which nothing is forecast."""
    return {
        table: shaped(table, pl.DataFrame([said]) if table == "forecasts.made" else pl.DataFrame()) for table in TABLES
    }


@dg.multi_asset(
    name="forecasts__behaviour_changes",
    specs=[spec_of(contract(CHANGES), READ_OF_CHANGES, {"python", "polars"})],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def changes(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Find the payers that pay later or sooner than they used to, as of each day."""
    promised = contract(CHANGES)
    with home.warehouse() as warehouse:
        make_changes(warehouse, days_of(home, list(context.partition_keys)), home.policy)
        yield dg.MaterializeResult(asset_key=CHANGES.split("."), metadata=row_counts(warehouse, promised))


def make_changes(warehouse: Warehouse, days: dict[date, str], policy: Policy) -> None:
    """Replace the table of changes with those of the days."""
    made = []
    for as_of, run_id in days.items():
        found = behaviour_changes(
            book_of(Features(warehouse, as_of)), policy.forecast.smallest_exposure, ForecastSettings()
        )
        made.append(found.with_columns(as_of=pl.lit(as_of), run_id=pl.lit(run_id)))
    warehouse.replace_with_frame(contract(CHANGES), pl.concat(made))


def book_of(features: Features) -> Book:
    """What changes are found in."""
    owed = features.table("open_receivables", "payer_key, open_amount_base")
    spans = features.table("recent_spans")
    return Book(features.spells(), owed, spans, features.counts(), features.days(), features.as_of)


ASSETS = [forecast, runs, changes]
