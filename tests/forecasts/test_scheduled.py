"""Announced billings in the place of those that the trend would have expected of them, by hand."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models.forecasts.axis import axis_at
from models.forecasts.bridge import Bridge
from models.forecasts.origin import History
from models.forecasts.outlook import LevelDraws, Outlook, level_draws, levels_of
from models.forecasts.scheduled import left_to_trend
from models.forecasts.settings import ForecastSettings
from tests.forecast_bench.books import counts
from tests.forecasts.small_book import DAYS, schedule, small_book, small_outlook

AS_OF = date(2024, 6, 30)
SETTINGS = ForecastSettings(draws=60)
AXIS = axis_at(DAYS, AS_OF, SETTINGS)
RECENT = pl.DataFrame(
    {"entity_id": ["one"] * 2, "currency": ["EUR"] * 2, "segment": ["1", "2"], "money": [600.0, 400.0]}
).with_columns(entry_date=pl.lit(date(2024, 6, 3)))
"""A thousand billed in 13 weeks, six hundred of it to segment 1."""
BEFORE = {"invoiced_on": date(2024, 6, 3), "bill_on": date(2024, 6, 3), "amount_base": 300.0}
"""Of the six hundred, three hundred had been announced."""
IN_FOUR_WEEKS = AS_OF + timedelta(days=28)


def left(*rows: dict[str, object]) -> np.ndarray:
    """[weeks] left to the trend of segment 1, where the trend is a hundred a week."""
    groups, found = left_to_trend(schedule(*rows), RECENT, np.full(13, 100.0), AXIS)
    assert groups["segment"].to_list() == ["1"]
    assert found[1].tolist() == [1.0] * 13, "what is announced of one segment takes nothing from another"
    return found[0]


def test_the_trend_gives_up_what_schedules_used_to_announce_as_far_as_the_schedule_reaches() -> None:
    """s = 300 / 600. Over four weeks the trend expects E = .6 × 400 = 240 of the segment, 120 of it of what is announced;
    200 are: k = 1, and a half is left for four weeks, all of it thereafter."""
    found = left(BEFORE, {"bill_on": IN_FOUR_WEEKS, "amount_base": 200.0})
    assert found == pytest.approx([0.5] * 4 + [1.0] * 9)


def test_it_gives_up_no_more_than_is_announced() -> None:
    """60 at an even chance, of 120: k = 30 / 120, and 1 - 1/4 × 1/2 is left."""
    found = left(BEFORE, {"bill_on": IN_FOUR_WEEKS, "amount_base": 60.0, "probability": 0.5})
    assert found == pytest.approx([0.875] * 4 + [1.0] * 9)


def test_without_a_record_what_is_announced_is_part_of_the_trend() -> None:
    """s = 1: of 240 expected 60 are announced, and three quarters are left: the sum is the trend's own."""
    found = left({"bill_on": IN_FOUR_WEEKS, "amount_base": 60.0})
    assert found == pytest.approx([0.75] * 4 + [1.0] * 9)


def test_what_is_over_or_was_invoiced_announces_nothing() -> None:
    told = schedule({"bill_on": AS_OF}, {"bill_on": AS_OF + timedelta(days=3), "invoiced_on": AS_OF})
    groups, found = left_to_trend(told, RECENT, np.full(13, 100.0), AXIS)
    assert groups.is_empty()
    assert found.tolist() == [[1.0] * 13]


@pytest.fixture(scope="module")
def told() -> Outlook:
    """Payer 1, who pays when due, is announced a thousand on the first Monday, due in four weeks, at four in five; and
    five hundred in week nine, due long after the thirteen weeks."""
    rows = (
        {"bill_on": date(2024, 7, 1), "due_date": date(2024, 7, 29), "amount_base": 1000.0, "probability": 0.8},
        {"bill_on": date(2024, 8, 27), "due_date": date(2024, 12, 2), "amount_base": 500.0},
    )
    return small_outlook(AS_OF, SETTINGS, schedule(*rows))[0]


def totals(found: Outlook) -> dict[str, LevelDraws]:
    return {level.name: level_draws(found, level, AS_OF) for level in levels_of(found, 3)}


def weekly(days: np.ndarray) -> np.ndarray:
    return days.reshape(13, 7).sum(axis=1)


def test_an_announced_billing_is_cash_of_its_payer_when_that_pays_and_counts_once(told: Outlook) -> None:
    """Nothing was ever on a schedule: in the nine weeks of its reach the trend gives up the 1300 that are announced."""
    plain, with_told = (totals(found)["total"] for found in (small_outlook(AS_OF, SETTINGS)[0], told))
    offset = (told.origin.axis.dates - np.datetime64(AS_OF)).astype(int) - 1
    amounts = told.scheduled.bills.sort("cell")["amount"].to_numpy()
    assert amounts.sum() == pytest.approx(1300.0)
    announced = weekly(np.bincount(offset[offset < 91], (amounts @ told.scheduled.cash)[offset < 91], 91))
    assert announced[:3].sum() < 10
    assert 720 < announced[3:5].sum() < 800, "most of it about the day on which it is due, a Monday"
    money = told.recent["money"].to_numpy()
    given_up = told.origin.billing_mean * (1 - money @ told.scheduled.left_of(told.recent) / money.sum())
    assert given_up.sum() == pytest.approx(1300.0)
    more = weekly(with_told.future_mean[0]) - weekly(plain.future_mean[0])
    assert more == pytest.approx(announced - given_up @ told.origin.receipts)


def test_levels_add_up_in_every_draw(told: Outlook) -> None:
    levels = totals(told)
    for name in ("entity", "segment"):
        assert levels[name].future_draws.sum(axis=1) == pytest.approx(levels["total"].future_draws[:, 0])
        assert levels[name].future_mean.sum(axis=0) == pytest.approx(levels["total"].future_mean[0])


def test_the_bridge_leads_to_a_forecast_with_announced_billings(told: Outlook) -> None:
    history = History(small_outlook(AS_OF, SETTINGS)[2], counts(small_book(), DAYS, AS_OF), DAYS, AS_OF, SETTINGS)
    steps = {name: float(values.sum()) for name, values in Bridge(history, told).steps().items()}
    whole = totals(told)["total"]
    assert steps["current"] == pytest.approx((whole.open_mean + whole.future_mean).sum())
    between = sum(value for name, value in steps.items() if name not in ("previous", "current"))
    assert steps["previous"] + between == pytest.approx(steps["current"], abs=1e-6)
