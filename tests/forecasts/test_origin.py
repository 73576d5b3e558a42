"""An origin's forecast on a small book: nothing in the past, nothing from the future, and quantiles that do not cross."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from models.forecasts.backtest import backtest
from models.forecasts.calibration import calibrate
from models.forecasts.origin import forecast_origin
from models.forecasts.settings import ForecastSettings
from models.forecasts.settlement import settlement_forecast
from models.forecasts.simulation import QUANTILES
from models.forecasts.standing import known_at
from tests.forecast_bench.books import counts
from tests.forecasts.small_book import DAYS, small_book

SETTINGS = ForecastSettings(draws=100)
AS_OF = date(2024, 6, 30)
BOOK = small_book()


def forecast(spells: pl.DataFrame, counted_on: date = AS_OF, as_of: date = AS_OF):
    week = (counted_on - as_of).days // 7
    return forecast_origin(spells, counts(spells, DAYS, counted_on), DAYS, as_of, week, SETTINGS)


def test_future_facts_change_nothing() -> None:
    """Facts after the origin are appended; every array of the forecast is the same to the byte."""
    before = forecast(known_at(BOOK, AS_OF))
    after = forecast(BOOK, counted_on=AS_OF + timedelta(days=70))
    for name in ("cash", "cell_amounts", "drawn_days", "billing_mean", "future_mean", "future_draws"):
        assert getattr(before, name).tobytes() == getattr(after, name).tobytes(), name
    assert before.items.equals(after.items)


def test_items_are_expected_after_the_origin_and_their_dates_do_not_cross() -> None:
    found = forecast(BOOK)
    table = settlement_forecast(
        found.items.select("spell_key", "amount"),
        found.items["cell"].to_numpy(),
        found.cash,
        found.served.cells["due_day"].to_numpy(),
        found.axis,
    )
    assert table["expected_date"].min() > AS_OF
    assert table["date_p10"].min() > AS_OF
    both = table.drop_nulls(["date_p10", "date_p50", "date_p90"])
    assert ((both["date_p10"] <= both["date_p50"]) & (both["date_p50"] <= both["date_p90"])).all()
    within = table.select(
        "paid_within_7", "paid_within_14", "paid_within_30", "paid_within_60", "paid_within_90"
    ).to_numpy()
    assert (np.diff(within, axis=1) >= -1e-12).all()
    assert within.min() >= 0
    assert within.max() <= 1 + 1e-9


def test_the_open_book_is_the_sum_of_its_items() -> None:
    found = forecast(BOOK)
    table = settlement_forecast(
        found.items.select("spell_key", "amount"),
        found.items["cell"].to_numpy(),
        found.cash,
        found.served.cells["due_day"].to_numpy(),
        found.axis,
    )
    by_day = found.cell_amounts @ found.cash
    assert np.isclose(table["expected_cash"].sum(), by_day.sum())
    assert np.allclose(found.open_draws().mean(axis=0), found.open_mean())


def test_a_late_payer_is_expected_late() -> None:
    found = forecast(BOOK)
    table = settlement_forecast(
        found.items.select("spell_key", "payer_key", "due_date", "amount"),
        found.items["cell"].to_numpy(),
        found.cash,
        found.served.cells["due_day"].to_numpy(),
        found.axis,
    )
    late = (table["date_p50"] - table["due_date"]).dt.total_days()
    coming = (
        table.with_columns(late=late)
        .filter(pl.col("due_date") > AS_OF)
        .group_by("payer_key")
        .agg(pl.col("late").median())
        .sort("payer_key")
    )
    assert coming["late"][0] <= 3
    assert coming["late"][1] >= 10


def test_calibrated_quantiles_do_not_cross_and_read_only_the_past() -> None:
    origins = [AS_OF - timedelta(days=7 * back) for back in range(12, -1, -1)]
    counted = counts(BOOK, DAYS, AS_OF)
    rows = pl.concat(
        [weeks for _, weeks, _ in backtest(BOOK, counted, DAYS, origins, AS_OF, AS_OF + timedelta(days=90), SETTINGS)]
    )
    calibrated = calibrate(rows)
    own = calibrated.filter(pl.col("p50").is_not_null())
    assert (np.diff(own.select(QUANTILES).to_numpy(), axis=1) >= 0).all()
    assert own["p025"].min() >= 0
    early = calibrate(rows.filter(pl.col("origin") <= origins[6]))
    same = calibrated.filter(pl.col("origin") <= origins[6])
    assert early.select("origin", "scope", "model", "horizon_week", "p10").equals(
        same.select("origin", "scope", "model", "horizon_week", "p10")
    )


def test_what_credits_settle_is_no_cash_that_came() -> None:
    book = small_book()
    day = date(2024, 6, 30)
    credited = book.with_columns(
        exit_kind=pl.when(pl.col("settled_date") > day).then(pl.lit("credit")).otherwise(pl.col("exit_kind"))
    )
    made = counts(credited, DAYS, day)
    _, rows, _ = next(iter(backtest(credited, made, DAYS, [day], day, day + timedelta(days=91), SETTINGS)))
    assert rows["actual"].max() == 0.0
