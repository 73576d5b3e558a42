"""The forecasts layer: when open receivables become cash, what will be billed, and how forecasts made the same way did.

The methods are pure functions of `models/forecasts`; here their frames are read, and what they return is written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from assets.features import Features
from assets.origins import Origins, origins_known
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.runs import days_of
from assets.sql_asset import row_counts, spec_of
from models.contract import contract
from models.forecasts.accuracy_frame import accuracy
from models.forecasts.bridge import forecast_bridge
from models.forecasts.calibration import calibrate
from models.forecasts.challengers import champion, settings_of
from models.forecasts.change_report import Book, behaviour_changes
from models.forecasts.goals import Goals, Scales
from models.forecasts.grains import reliability_over
from models.forecasts.open_book import OpenBook, outcomes
from models.forecasts.origin import History
from models.forecasts.outlook import Level, Outlook, daily, level_draws, levels_of, outlook, weekly
from models.forecasts.payment_runs import payment_runs
from models.forecasts.settings import OWN, ForecastSettings
from models.policy import Policy

TABLES = [
    "forecasts.made",
    "forecasts.origin_weeks",
    "forecasts.origin_items",
    "forecasts.accuracy",
    "forecasts.reliability",
    "forecasts.settlements",
    "forecasts.cash_weeks",
    "forecasts.cash_days",
    "forecasts.bridge",
    "forecasts.goals",
    "forecasts.swing_items",
]
READ = [
    "features.base_rates",
    "features.payers",
    "features.receivable_spells",
    "features.settled_amounts",
    "features.recent_billings",
    "features.scheduled_billings",
    "features.goals",
    "features.open_receivables",
    "features.pending_settlements",
    "features.promised_parts",
    "features.business_days",
    "features.hazard_counts",
    "features.calendar_counts",
    "features.delay_counts",
]
RUNS = "forecasts.payment_runs"
CHANGES = "forecasts.behaviour_changes"
READ_OF_CHANGES = [
    "features.receivable_spells",
    "features.open_receivables",
    "features.recent_spans",
    "features.business_days",
    "features.hazard_counts",
    "features.calendar_counts",
    "features.delay_counts",
]
DAILY_LEVELS = ("total", "entity")
SCOPE_OF = {"open_items": "open_items", "future_billings": "total", "total": "total"}
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
    made = {as_of: forecast_day(Features(warehouse, as_of), policy, kept) for as_of in days}
    for table in TABLES:
        frames = {as_of: tables[table] for as_of, tables in made.items()}
        warehouse.replace_days_with_frames(contract(table), frames, days)


@dg.multi_asset(
    name="forecasts__payment_runs",
    specs=[spec_of(contract(RUNS), ["features.payment_days", "features.business_days"], {"python", "polars"})],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def runs(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Find the calendars on which payers pay, as of each day."""
    with home.warehouse() as warehouse:
        make_runs(warehouse, days_of(home, list(context.partition_keys)))
        yield dg.MaterializeResult(asset_key=RUNS.split("."), metadata=row_counts(warehouse, contract(RUNS)))


def make_runs(warehouse: Warehouse, days: Mapping[date, str]) -> None:
    """Make the table of payment runs anew for days with their run ids."""
    made = {}
    for as_of in days:
        features = Features(warehouse, as_of)
        paid = features.table("payment_days", "payer_key, calendar_number, payment_date")
        made[as_of] = shaped(RUNS, payment_runs(paid, features.days(), as_of))
    warehouse.replace_days_with_frames(contract(RUNS), made, days)


def forecast_day(features: Features, policy: Policy, kept: Path) -> Frames:
    """The tables of one day, or empty ones where the book cannot be forecast, with the reason."""
    chosen, as_of = policy.forecast, features.as_of
    spells = features.spells()
    within_a_year = pl.col("settled_date") > as_of - timedelta(days=365)
    settled = spells.filter(within_a_year & (pl.col("exit_kind") == "cash")).height
    codes = ", ".join(code for code in chosen.calendars() if code)
    said = {"settled_count": settled, "calendar_code": codes, "origin_count": 0, "model": OWN}
    if settled < chosen.fewest_settled:
        return empty({**said, "is_made": False, "reason": f"fewer than {chosen.fewest_settled} settled in a year"})
    if not spells["amount"].sum():
        return empty({**said, "is_made": False, "reason": "no receivable has an amount in a base currency"})
    settings, left_out = settings_of(chosen.draws, chosen.challengers)
    days, counts, opened = features.days(), features.counts(), open_book(features)
    origins = origins_known(spells, as_of, chosen.origins)
    history = History(spells, counts, days, as_of, settings)
    looked = Origins(kept, history).rows(origins)
    calibrated = calibrate(looked.weeks)
    serving = replace(settings, model=champion(calibrated, settings.challengers))
    segments, schedule = features.table("payers", "payer_key, segment"), features.table("scheduled_billings")
    found = outlook(replace(history, settings=serving), opened, schedule, segments)
    scales = scales_at(calibrated, as_of, serving)
    goals = Goals(found, opened.receivables, features.table("recent_billings"), scales, as_of)
    judged, swings = goals.judged(features.table("goals"), chosen.swing_items)
    levels = levels_of(found, chosen.largest_payers)
    said |= {"origin_count": len(origins) - 1, "model": found.origin.served.model}
    frames = {
        "forecasts.made": pl.DataFrame([{**said, "is_made": True, "reason": left_out}]),
        "forecasts.origin_weeks": calibrated,
        "forecasts.origin_items": looked.items,
        "forecasts.accuracy": accuracy(calibrated, looked) if len(origins) > 1 else pl.DataFrame(),
        "forecasts.reliability": reliability_over(looked.chances),
        "forecasts.settlements": found.items,
        "forecasts.bridge": forecast_bridge(replace(history, settings=serving), found, features.rates()),
        "forecasts.goals": judged,
        "forecasts.swing_items": swings,
        **cash_frames(found, levels, scales, as_of),
    }
    return {table: shaped(table, frame) for table, frame in frames.items()}


def open_book(features: Features) -> OpenBook:
    """What is open on the day, what is known to be on its way, and what becomes of receivables."""
    pending, promised = features.table("pending_settlements"), features.table("promised_parts")
    return OpenBook(features.table("open_receivables"), pending, promised, outcomes(features.settled()))


def cash_frames(found: Outlook, levels: Iterable[Level], scales: Scales, as_of: date) -> Frames:
    """Cash by week at every level, and by day in all and by entity."""
    drawn = [level_draws(found, level, as_of) for level in levels]
    by_week = [weekly(level, scales, as_of) for level in drawn]
    by_day = [daily(level, scales, as_of) for level in drawn if level.level.name in DAILY_LEVELS]
    return {
        "forecasts.cash_weeks": pl.concat(by_week, how="diagonal").rename({"amount_base": "cash"}),
        "forecasts.cash_days": pl.concat(by_day, how="diagonal").rename({"date": "day"}),
    }


def scales_at(calibrated: pl.DataFrame, as_of: date, serving: ForecastSettings) -> Scales:
    """Factors on the widths of the served model's intervals by component and week, as known on the day."""
    found = {}
    for component, scope in SCOPE_OF.items():
        own = calibrated.filter(
            (pl.col("scope") == scope) & (pl.col("model") == serving.model) & (pl.col("origin") == as_of)
        ).sort("horizon_week")
        assert own.height == serving.horizon_weeks, (scope, own.height)
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


def make_changes(warehouse: Warehouse, days: Mapping[date, str], policy: Policy) -> None:
    """Make the table of changes of behaviour anew for days with their run ids."""
    exposure, made = policy.forecast.smallest_exposure, {}
    for as_of in days:
        book = book_of(Features(warehouse, as_of))
        made[as_of] = shaped(CHANGES, behaviour_changes(book, exposure, ForecastSettings()))
    warehouse.replace_days_with_frames(contract(CHANGES), made, days)


def book_of(features: Features) -> Book:
    """What changes are found in."""
    owed = features.table("open_receivables", "payer_key, open_amount_base")
    spans = features.table("recent_spans")
    return Book(features.spells(), owed, spans, features.counts(), features.days(), features.as_of)


ASSETS = [forecast, runs, changes]
