"""The backtest on request: more origins than a night looks back over, resumable, with progress.

What is measured belongs to `models/forecasts`; the tables of a night to `assets/forecasts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from rich.progress import Progress
from rich.table import Table

from assets.features import Features
from assets.origins import Origins, origins_known
from assets.resources.home import Home
from models.forecasts.accuracy_frame import accuracy
from models.forecasts.calibration import calibrate
from models.forecasts.challengers import champion, settings_of
from models.forecasts.grains import reliability_over
from models.forecasts.origin import History

SHOWN = ("1-4", "1-13")
FIGURES = ("wape", "bias", "coverage_80", "coverage_95", "ratio", "ratio_low", "ratio_high")


def backtest_book(home: Home, count: int) -> Iterator[Table | str]:
    """Look back over `count` weekly origins from the day that the working file holds; what is shown, part by part.

    Origins made before of the same facts are read back, so that a run that was stopped goes on where it was.
    Writes `forecast_backtest.parquet`, `forecast_accuracy.parquet` and `forecast_reliability.parquet` under the home's
    `work/backtest`.
    Raises ValueError where there is no run to look back from, or the book is too thin.
    """
    if not home.warehouse_file.is_file():
        raise ValueError(f"{home.root} holds no run yet: `receivables run` first")
    with home.warehouse(read_only=True) as warehouse:
        as_of = warehouse.value("select max(as_of) from forecasts.made where is_made")
        if as_of is None:
            raise ValueError("the last run's book is too thin to forecast; `marts.data_quality` says what it lacks")
        features = Features(warehouse, as_of)
        spells, counts, days = features.spells(), features.counts(), features.days()
    settings, left_out = settings_of(home.policy.forecast.draws, home.policy.forecast.challengers)
    origins = origins_known(spells, as_of, count)
    with Progress(transient=True) as progress:
        task = progress.add_task("origins", total=len(origins))
        kept = Origins(home.work / "origins", History(spells, counts, days, as_of, settings))
        looked = kept.rows(origins, lambda: progress.advance(task))
    calibrated = calibrate(looked.weeks)
    measured = accuracy(calibrated, looked)
    place = home.work / "backtest"
    _write(place, "forecast_backtest", calibrated)
    _write(place, "forecast_accuracy", measured)
    _write(place, "forecast_reliability", reliability_over(looked.chances))
    yield f"{len(origins) - 1} weekly origins from {origins[0]} on, as looked back on from {as_of}, by effective dates"
    for scope in ("open_items", "total"):
        yield _shown(scope, measured)
    if settings.challengers or left_out:
        served = champion(calibrated, settings.challengers)
        yield f"served best over four weeks of open items: {served}{f'; {left_out}' if left_out else ''}"
    yield f"every figure: {place}"


def _write(place: Path, name: str, frame: pl.DataFrame) -> None:
    place.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(place / f"{name}.parquet")


def _shown(scope: str, found: pl.DataFrame) -> Table:
    """One scope's measures, the best first."""
    title = {"open_items": "cash of open items, by week", "total": "all receipts, by week"}[scope]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("weeks", "model", "error", "bias", "80 % held", "95 % held", "to the best rule", "from", "to"):
        table.add_column(name, justify="left" if name in ("weeks", "model") else "right")
    rows = found.filter(pl.col("horizon_weeks").is_in(SHOWN), scope=scope, grain="week")
    for row in rows.sort("horizon_weeks", "wape", descending=[True, False]).iter_rows(named=True):
        table.add_row(
            row["horizon_weeks"], row["model"], *["" if row[name] is None else f"{row[name]:.3f}" for name in FIGURES]
        )
    return table
