"""A day's forecast by level: sums of the same draws, by week and day."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models.forecasts.outlook import daily, level_draws, levels_of, weekly
from models.forecasts.settings import ForecastSettings
from tests.forecasts.small_book import small_outlook

AS_OF = date(2024, 6, 30)
SETTINGS = ForecastSettings(draws=60)
EVEN = {name: (np.ones(13), np.ones(13)) for name in ("open_items", "future_billings", "total")}


@pytest.fixture(scope="module")
def made() -> tuple:
    """The outlook of the small book, and its levels by name."""
    found, _, _ = small_outlook(AS_OF, SETTINGS)
    return found, {level.name: level_draws(found, level, AS_OF) for level in levels_of(found, 2)}


def mean_of(frame: pl.DataFrame, **where: str) -> np.ndarray:
    chosen = frame.filter(pl.col("statistic") == "mean", **where)
    return (
        chosen.group_by("horizon_week").agg(pl.col("amount_base").sum()).sort("horizon_week")["amount_base"].to_numpy()
    )


def test_entities_and_segments_add_up_to_the_total(made: tuple) -> None:
    _, levels = made
    whole = weekly(levels["total"], EVEN, AS_OF)
    for name in ("entity", "segment"):
        part = weekly(levels[name], EVEN, AS_OF)
        for component in EVEN:
            assert mean_of(part, component=component) == pytest.approx(mean_of(whole, component=component))


def test_days_add_up_to_weeks(made: tuple) -> None:
    _, levels = made
    weeks = mean_of(weekly(levels["total"], EVEN, AS_OF), component="total")
    days = daily(levels["total"], EVEN, AS_OF).filter(pl.col("component") == "total").sort("date")
    assert days["mean"].to_numpy().reshape(13, 7).sum(axis=1) == pytest.approx(weeks)
    assert days["date"].min() == AS_OF + timedelta(days=1)


def test_quantiles_rise_and_are_never_below_nothing(made: tuple) -> None:
    _, levels = made
    wide = {name: (np.full(13, 3.0), np.full(13, 4.0)) for name in EVEN}
    rows = weekly(levels["segment"], wide, AS_OF).filter(pl.col("statistic") != "mean")
    ordered = rows.sort("segment", "component", "horizon_week", "statistic")
    steps = ordered.with_columns(step=pl.col("amount_base").diff().over("segment", "component", "horizon_week"))
    assert steps["step"].drop_nulls().min() >= 0
    assert rows["amount_base"].min() >= 0


def test_a_wider_scale_widens_the_interval(made: tuple) -> None:
    _, levels = made
    double = {name: (np.full(13, 2.0), np.full(13, 2.0)) for name in EVEN}
    width = []
    for scales in (EVEN, double):
        rows = weekly(levels["total"], scales, AS_OF).filter(pl.col("component") == "total", horizon_week=1)
        value = dict(zip(rows["statistic"], rows["amount_base"], strict=True))
        width.append(value["p90"] - value["mean"])
    assert width[1] == pytest.approx(2 * width[0])


def test_the_largest_payers_have_a_level_of_their_own(made: tuple) -> None:
    found, levels = made
    owed = found.parts.group_by("payer_key").agg(pl.col("amount").sum()).sort("amount", descending=True)
    assert sorted(levels["payer"].level.labels["payer_key"]) == sorted(owed["payer_key"].head(2))
