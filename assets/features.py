"""The features layer: what was known of each payer on the day, and the counts that hazards are made of.

What each table means is in `models/features`. Three are not made by SQL: business days, the weeks counted back from the
day, and the bins of lateness.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import dagster as dg
import polars as pl

from assets.resources.home import Home
from assets.runs import days_of
from assets.sql_asset import row_counts, spec_of, sql_asset
from models.contract import contract
from models.forecasts.calendar import business_days, count_weeks
from models.forecasts.lateness import lateness_bins

BEFORE_CALENDAR = [
    "features.payers",
    "features.spell_amounts",
    "features.receivable_spells",
    "features.payer_cash",
    "features.payment_days",
]
CALENDAR = ["features.business_days", "features.count_weeks", "features.lateness_bins"]
AFTER_CALENDAR = [
    "features.open_receivables",
    "features.lateness_spans",
    "features.hazard_counts",
    "features.calendar_counts",
    "features.delay_counts",
    "features.recent_spans",
]
LONGEST_LOOK_AHEAD = timedelta(days=1200)
LONGEST_LOOK_BACK = timedelta(days=300)


@dg.multi_asset(
    name="features__calendar",
    specs=[spec_of(contract(table), ["features.receivable_spells"], {"python", "polars"}) for table in CALENDAR],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def calendar(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Business days, weeks back from the day, and bins of lateness, for each as-of day."""
    days = days_of(home, list(context.partition_keys))
    with home.warehouse() as warehouse:
        first = warehouse.rows("select as_of, min(entry_date) from features.receivable_spells group by as_of")
        frames = calendar_frames(days, dict(first), home.policy.forecast.calendar)
        for table, frame in frames.items():
            warehouse.replace_with_frame(contract(table), frame)
            yield dg.MaterializeResult(asset_key=table.split("."), metadata=row_counts(warehouse, contract(table)))


def calendar_frames(
    days: Mapping[date, str], first: Mapping[date, date], country: str | None
) -> dict[str, pl.DataFrame]:
    """The three tables of the calendar for days with their run ids; `first` is the first day of each day's book."""
    found: dict[str, list[pl.DataFrame]] = {table: [] for table in CALENDAR}
    for as_of, run_id in days.items():
        begins = min(first.get(as_of, as_of), as_of)
        axis = business_days(country, begins - LONGEST_LOOK_BACK, as_of + LONGEST_LOOK_AHEAD)
        made = {
            "features.business_days": axis.rename({"date": "day"}),
            "features.count_weeks": count_weeks(axis, as_of, begins).rename(
                {"first_date": "week_start", "last_date": "week_end"}
            ),
            "features.lateness_bins": lateness_bins(),
        }
        for table, frame in made.items():
            found[table].append(frame.with_columns(as_of=pl.lit(as_of), run_id=pl.lit(run_id)))
    return {table: pl.concat(frames) for table, frames in found.items()}


ASSETS = [
    *[sql_asset(table) for table in BEFORE_CALENDAR],
    calendar,
    *[sql_asset(table) for table in AFTER_CALENDAR],
]
