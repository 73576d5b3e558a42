"""Finer grains by hand: days, payers' weeks, chances beside what came; and what they are on a small book."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models.forecasts.accuracy_frame import finer_accuracy
from models.forecasts.backtest import OWN, look_back
from models.forecasts.grains import Grains, errors, of_cells, of_items, reliability, reliability_over, spread
from models.forecasts.origin import forecast_origin
from models.forecasts.settings import ForecastSettings
from tests.forecast_bench.books import counts
from tests.forecasts.small_book import DAYS, small_book

AS_OF = date(2024, 6, 30)
SETTINGS = ForecastSettings(draws=20)
BOOK = small_book()
COUNTS = counts(BOOK, DAYS, AS_OF)


def test_errors_of_days_and_payers_weeks_are_added_up() -> None:
    came = Grains(by_day=np.array([100.0, 0.0] + [0.0] * 8), by_payer=np.array([[100.0, 0, 0, 0], [0, 0, 0, 0]]))
    # a day late, and from the other payer: the week of the book is right, its days and payers are not
    said = Grains(by_day=np.array([0.0, 100.0] + [0.0] * 8), by_payer=np.array([[0, 0, 0, 0], [100.0, 0, 0, 0]]))
    found = errors({"glm": said}, came)
    assert found.select("grain", "horizon_weeks", "missed", "expected", "came").rows() == [
        ("day", "1-5", 200.0, 100.0, 100.0),
        ("day", "1-10", 200.0, 100.0, 100.0),
        ("payer_week", "1-1", 200.0, 100.0, 100.0),
        ("payer_week", "1-4", 200.0, 100.0, 100.0),
    ]


def test_finer_measures_stand_beside_the_best_rule() -> None:
    rows = [
        (AS_OF - timedelta(weeks=back), "open_items", "day", "1-10", model, missed, 110.0, 100.0)
        for back in range(6)
        for model, missed in ((OWN, 20.0), ("glm", 10.0), ("due_date", 40.0), ("kaplan_meier", 80.0))
    ]
    names = ["origin", "scope", "grain", "horizon_weeks", "model", "missed", "expected", "came"]
    found = finer_accuracy(pl.DataFrame(rows, schema=names, orient="row"))
    own = found.row(by_predicate=pl.col("model") == OWN, named=True)
    assert set(found["best_baseline"]) == {"due_date"}, "a challenger is no simple rule"
    assert (own["origins"], own["wape"], own["bias"], own["ratio"]) == (6, 0.2, pytest.approx(0.1), 0.5)


def test_chances_are_sorted_by_tenth_and_compared_with_what_came() -> None:
    # three items said .05, .10 and .95 within 7 days; the first and the last are paid on day 3, the other on day 20
    curve = np.repeat(np.array([[0.05], [0.10], [0.95]]), 30, axis=1)
    found = reliability({OWN: curve}, np.array([3, 20, 3]))
    of = found.filter(span_days=7)
    assert of.select("decile", "item_count", "chances", "paid").rows() == [
        (1, 2, pytest.approx(0.15), 1),
        (10, 1, 0.95, 1),
    ]
    assert found.filter(span_days=30, decile=1)["paid"].item() == 2
    both = reliability_over(pl.concat([found, found]))
    assert both.filter(span_days=7, decile=1).select("item_count", "predicted_share", "paid_share").row(0) == (
        4, pytest.approx(0.075), 0.5
    )  # fmt: skip


def test_days_and_payers_weeks_add_up_to_the_weeks_of_the_book() -> None:
    forecast = forecast_origin(BOOK, COUNTS, DAYS, AS_OF, 0, SETTINGS)
    found = of_cells(forecast, forecast.cash)
    assert found.by_day is not None
    assert found.by_payer is not None
    assert found.by_day[:7].sum() == pytest.approx(forecast.open_mean()[0])
    assert found.by_payer.sum(axis=0) == pytest.approx(forecast.open_mean()[:4])
    assert spread(forecast, forecast.future_mean)[:7].sum() == pytest.approx(forecast.future_mean[0])
    # 30 June 2024 is a Sunday and 4 July a holiday: nothing on day 4, 6 and 7
    assert np.flatnonzero(spread(forecast, np.ones(13)) == 0).tolist() == [3, 5, 6]


def test_items_beyond_the_days_and_weeks_are_outside() -> None:
    forecast = forecast_origin(BOOK, COUNTS, DAYS, AS_OF, 0, SETTINGS)
    size = forecast.items.height
    late = of_items(forecast, np.full(size, 999), np.ones(size))
    tenth = of_items(forecast, np.full(size, 10), np.ones(size))
    for found, days, week in ((late, 0.0, 0.0), (tenth, float(size), float(size))):
        assert found.by_day is not None
        assert found.by_payer is not None
        assert found.by_day.sum() == days
        assert found.by_payer[:, 1].sum() == week == found.by_payer.sum()


def test_every_model_and_rule_is_measured_at_every_grain_when_ninety_days_have_passed() -> None:
    settings = replace(SETTINGS, challengers=("glm",))
    found = look_back(BOOK, COUNTS, DAYS, AS_OF, AS_OF, AS_OF + timedelta(days=90), settings)
    opened = found.finer.filter(scope="open_items")
    assert set(opened["model"]) == set(found.weeks.filter(scope="open_items")["model"])
    assert set(found.finer.filter(scope="total")["model"]) == set(found.weeks.filter(scope="total")["model"])
    assert found.finer.group_by("scope", "grain", "horizon_weeks").agg(pl.col("came").n_unique())["came"].max() == 1
    last = BOOK.filter((pl.col("entry_date") <= AS_OF) & (pl.col("settled_date") > AS_OF))
    ten = last.filter(pl.col("settled_date") <= AS_OF + timedelta(days=10))["amount"].sum()
    assert opened.filter(grain="day", horizon_weeks="1-10")["came"][0] == pytest.approx(float(ten))
    early = look_back(BOOK, COUNTS, DAYS, AS_OF, AS_OF, AS_OF + timedelta(days=89), settings)
    assert not early.finer.width
    assert not early.chances.width
