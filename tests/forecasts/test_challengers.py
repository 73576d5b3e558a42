"""Challengers: what they learn from, that nothing is read ahead, that the same rows give the same forecast, and which one serves."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models.forecasts import challenger_glm, challenger_lightgbm
from models.forecasts.backtest import look_back
from models.forecasts.challengers import champion, settings_of
from models.forecasts.landmarks import followed, landmarks
from models.forecasts.lateness import BINS, CLASS_OF_BIN
from models.forecasts.origin import OriginForecast, forecast_origin
from models.forecasts.payer_groups import GROUPS
from models.forecasts.settings import OWN, ForecastSettings
from models.forecasts.shrinkage import expit
from models.forecasts.standing import Standing, known_at, standing
from tests.forecast_bench.books import counts
from tests.forecasts.small_book import DAYS, small_book

AS_OF = date(2024, 6, 30)
LATER = AS_OF + timedelta(days=70)
SETTINGS = ForecastSettings(draws=20)
BOOK = small_book()
COUNTS = counts(BOOK, DAYS, AS_OF)


def stood(as_of: date = AS_OF, week: int = 0, settings: ForecastSettings = SETTINGS) -> Standing:
    return standing(BOOK, COUNTS, DAYS, as_of, week, settings)


def forecast(model: str, spells: pl.DataFrame = BOOK, counted_on: date = AS_OF) -> OriginForecast:
    week, settings = (counted_on - AS_OF).days // 7, replace(SETTINGS, model=model)
    return forecast_origin(spells, counts(spells, DAYS, counted_on), DAYS, AS_OF, week, settings)


def test_rows_of_a_landmark_are_its_open_items_day_by_day() -> None:
    """Counted one by one: each open item is at risk on each business day from the next one to its exit or the origin."""
    plain = replace(SETTINGS, amount_weight=0.0, half_life_days=1e12)
    day = AS_OF - timedelta(weeks=4)
    rows = followed(stood(day, 4, plain), stood(settings=plain))
    index = dict(DAYS.select("date", "business_day").rows())
    at_risk, exits = 0, 0
    for item in known_at(BOOK, AS_OF).iter_rows(named=True):
        if item["entry_date"] > day or (item["settled_date"] and item["settled_date"] <= day):
            continue
        at_risk += index[item["settled_date"] or AS_OF] - index[day]
        exits += item["settled_date"] is not None
    assert exits > 20
    assert rows.weight.sum() == pytest.approx(at_risk)
    assert rows.exits.sum() == pytest.approx(exits)


def test_a_regression_finds_the_hazards_that_cells_were_made_from() -> None:
    """Half the slope, a level of its own and busy Fridays, put into thirty million trials."""
    rng = np.random.default_rng(3)
    size = 1500
    drawn = {
        "group": rng.integers(0, GROUPS, size),
        "lateness_bin": rng.integers(0, BINS, size),
        "weekday": rng.integers(0, 5, size),
        "month_position": rng.integers(0, 6, size),
        "trials": np.full(size, 20_000.0),
        "score": rng.normal(-2.0, 1.0, size),
    }
    hazard = expit(0.3 + 0.5 * drawn["score"] + 0.4 * (drawn["weekday"] == 4))
    cells = challenger_glm.Cells(**drawn, exits=rng.binomial(20_000, hazard).astype(float))
    terms = challenger_glm.fit(cells)
    classes = CLASS_OF_BIN[cells.lateness_bin]
    found = challenger_glm.design(cells.group, classes, cells.score, cells.weekday, cells.month_position) @ terms
    assert np.abs(expit(found) - hazard).max() < 0.02
    assert terms[5:10] == pytest.approx(np.full(5, 0.5), abs=0.02)


@pytest.mark.parametrize("model", ["glm", "lightgbm"])
def test_future_facts_change_nothing_of_a_challenger_and_it_is_the_same_again(model: str) -> None:
    before, after = forecast(model, known_at(BOOK, AS_OF)), forecast(model, BOOK, LATER)
    assert before.served.model == after.served.model == model
    for name in ("cash", "drawn_days", "future_mean"):
        assert getattr(before, name).tobytes() == getattr(after, name).tobytes(), name
    assert before.cash.tobytes() != forecast(OWN).cash.tobytes(), "it learned nothing of its own"


@pytest.mark.parametrize("model", ["glm", "lightgbm"])
def test_chances_of_a_challenger_are_chances(model: str) -> None:
    found = forecast(model)
    assert found.cash.min() >= 0
    assert found.cash.sum(axis=1).max() <= 1 + 1e-9
    assert found.open_mean().sum() > 0


def test_of_a_short_history_nothing_is_learned_and_the_default_serves() -> None:
    early = date(2023, 7, 30)
    made = counts(BOOK, DAYS, early)
    for model in ("glm", "lightgbm"):
        found = forecast_origin(BOOK, made, DAYS, early, 0, replace(SETTINGS, model=model))
        assert found.served.model == OWN
    now = standing(BOOK, made, DAYS, early, 0, SETTINGS)
    assert not list(landmarks(lambda day, week: standing(BOOK, made, DAYS, day, week, SETTINGS), now, 0))


def test_challengers_stand_beside_the_default_in_both_scopes_and_of_items() -> None:
    settings = replace(SETTINGS, challengers=("glm",))
    weeks, items, finer, chances = look_back(BOOK, COUNTS, DAYS, AS_OF, AS_OF, AS_OF + timedelta(days=90), settings)
    assert set(weeks.filter(pl.col("p50").is_not_null())["model"]) == {OWN, "glm"}
    assert weeks.filter(model="glm").group_by("scope").len().sort("scope").rows() == [("open_items", 13), ("total", 13)]
    alone = look_back(BOOK, COUNTS, DAYS, AS_OF, AS_OF, AS_OF + timedelta(days=90), SETTINGS).weeks
    assert weeks.filter(pl.col("model") != "glm").equals(alone), "the default is what it is without them"
    assert {"glm", OWN, "due_date"} <= set(items["model"]) & set(finer["model"])
    assert set(chances["model"]) == {OWN, "glm"}


def rows_with(errors: dict[str, float], origins: int = 12) -> pl.DataFrame:
    """Weeks of the open book of 100 each, which each model misses by so much."""
    days = [AS_OF - timedelta(weeks=back) for back in range(origins)]
    return pl.DataFrame(
        [
            {
                "origin": day,
                "scope": "open_items",
                "model": model,
                "horizon_week": week,
                "actual": 100.0,
                "mean": 100.0 + miss,
            }
            for day in days
            for model, miss in errors.items()
            for week in range(1, 5)
        ]
    )


def test_the_challenger_that_surely_missed_by_less_serves() -> None:
    rows = rows_with({OWN: 10.0, "glm": 8.0, "lightgbm": 5.0})
    assert champion(rows, ("glm", "lightgbm")) == "lightgbm"
    assert champion(rows, ("glm",)) == "glm"
    assert champion(rows, ()) == OWN


def test_the_default_serves_where_origins_are_few_or_the_gain_is_not_sure() -> None:
    assert champion(rows_with({OWN: 10.0, "glm": 5.0}, origins=7), ("glm",)) == OWN
    assert champion(rows_with({OWN: 10.0, "glm": 10.0}), ("glm",)) == OWN
    place = (pl.col("origin").rank("dense") // 4) % 2
    unsteady = rows_with({OWN: 10.0, "glm": 10.0}).with_columns(
        mean=pl.when((pl.col("model") == "glm") & (place == 0))
        .then(101.0)
        .when(model="glm")
        .then(116.0)
        .otherwise("mean")
    )
    assert champion(unsteady, ("glm",)) == OWN


def test_what_cannot_run_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(50, ["lightgbm", "glm"]) == (
        ForecastSettings(draws=50, challengers=("glm", "lightgbm")),
        "",
    )
    monkeypatch.setattr(challenger_lightgbm, "is_installed", lambda: False)
    settings, said = settings_of(50, ["lightgbm", "glm"])
    assert settings.challengers == ("glm",)
    assert said == "lightgbm is left out: the extra `lightgbm` is not installed"
