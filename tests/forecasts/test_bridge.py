"""The bridge between two forecasts of a small book: what each step holds, and that they add up (`forecasts.bridge`)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from models.forecasts.bridge import STEPS, Bridge, forecast_bridge
from models.forecasts.origin import History, forecast_origin
from models.forecasts.settings import ForecastSettings
from models.forecasts.standing import known_at
from tests.forecast_bench.books import counts
from tests.forecasts.small_book import DAYS, small_book, small_outlook

AS_OF = date(2024, 6, 30)
BEFORE = AS_OF - timedelta(days=7)
SETTINGS = ForecastSettings(draws=20)


@pytest.fixture(scope="module")
def bridge() -> Bridge:
    found, _, spells = small_outlook(AS_OF, SETTINGS)
    return Bridge(History(spells, counts(small_book(), DAYS, AS_OF), DAYS, AS_OF, SETTINGS), found)


@pytest.fixture(scope="module")
def steps(bridge: Bridge) -> dict[str, float]:
    return {name: float(values.sum()) for name, values in bridge.steps().items()}


def test_it_begins_with_the_forecast_of_a_week_ago_and_ends_with_this_one(
    bridge: Bridge, steps: dict[str, float]
) -> None:
    early = known_at(small_book(), BEFORE)
    then = forecast_origin(early, counts(small_book(), DAYS, BEFORE), DAYS, BEFORE, 0, SETTINGS)
    assert steps["previous"] == pytest.approx(then.open_mean().sum() + then.future_mean.sum())
    assert steps["rolled_off"] == pytest.approx(-then.open_mean()[0] - then.future_mean[0])
    now = bridge.found.origin
    assert steps["current"] == pytest.approx(now.open_mean().sum() + now.future_mean.sum())
    assert steps["rolled_on"] == pytest.approx(now.open_mean()[-1] + now.future_mean[-1])


def test_the_steps_explain_all_of_it(steps: dict[str, float]) -> None:
    between = sum(value for name, value in steps.items() if name not in ("previous", "current"))
    assert steps["previous"] + between == pytest.approx(steps["current"], abs=1e-6)


def test_what_nothing_was_known_of_moves_nothing(steps: dict[str, float]) -> None:
    """No part payments, disputes, promises, insolvent customers, discounts or credits in the small book."""
    for name in ("paid_in_part", "disputes", "promises", "insolvency", "discounts", "settled_otherwise"):
        assert steps[name] == pytest.approx(0, abs=1e-6), name
    assert steps["collected"] < 0 < steps["new_invoices"] + 1e-9 - min(steps["new_invoices"], 0)


def test_what_was_collected_is_what_was_expected_of_it_later(bridge: Bridge, steps: dict[str, float]) -> None:
    """Only what the items of the week were expected to bring in the common weeks falls away, at most their amount."""
    book = small_book()
    paid = book.filter((pl.col("settled_date") > BEFORE) & (pl.col("settled_date") <= AS_OF))
    assert -float(paid["amount"].sum()) <= steps["collected"] <= 0
    assert steps["still_open"] >= 0, "what was not paid in a week is expected in those that follow"


def test_entities_and_currencies_have_bridges_that_add_up_to_the_last_digit(bridge: Bridge) -> None:
    rates = {("one", "EUR"): Decimal("0.3"), ("two", "EUR"): Decimal("0.3")}
    frame = forecast_bridge(bridge.history, bridge.found, rates)
    assert frame["entity_id"].unique().sort().to_list() == ["one", "two"]
    for amounts in ("amount", "amount_base"):
        for _, part in frame.group_by("entity_id"):
            value = dict(zip(part["step"], part[amounts], strict=True))
            assert list(value) == list(STEPS)
            between = sum(value[name] for name in STEPS[1:-1])
            assert value["previous"] + between == value["current"]
            assert abs(value["unexplained"]) < Decimal("0.01")
    shares = frame.with_columns(pl.col("amount", "amount_base").cast(pl.Float64)).filter(pl.col("amount") > 1)
    assert np.allclose((shares["amount_base"] / shares["amount"]).to_numpy(), 0.3, rtol=1e-3)
    assert forecast_bridge(bridge.history, bridge.found, {}).is_empty(), "without a rate there is no bridge"


def test_an_entity_that_neither_owes_nor_bills_any_more_has_no_bridge(bridge: Bridge) -> None:
    gone = (pl.col("settled_date") < date(2023, 6, 1)).fill_null(value=False)
    spells = bridge.history.spells.with_columns(
        entity_id=pl.when(gone).then(pl.lit("old")).otherwise(pl.col("entity_id"))
    )
    rates = {(name, "EUR"): Decimal(1) for name in ("one", "two", "old")}
    frame = forecast_bridge(replace(bridge.history, spells=spells), bridge.found, rates)
    assert spells.filter(entity_id="old").height
    assert frame["entity_id"].unique().sort().to_list() == ["one", "two"]
