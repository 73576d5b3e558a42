"""Goals weighed with the draws of the forecast: how likely each is met, and which items move that chance."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.forecasts.goals import Goals
from models.forecasts.outlook import Level, level_draws
from models.forecasts.settings import ForecastSettings
from tests.forecasts.small_book import small_outlook

AS_OF = date(2024, 6, 30)
SETTINGS = ForecastSettings(draws=200)
EVEN = {name: (np.ones(13), np.ones(13)) for name in ("open_items", "future_billings", "total")}


@pytest.fixture(scope="module")
def weighed() -> Goals:
    """What goals of the small book are weighed with; both entities bill alike."""
    found, opened, _ = small_outlook(AS_OF, SETTINGS)
    billed = pl.DataFrame(
        {
            "entity_id": ["one", "one", "two"],
            "currency": ["EUR"] * 3,
            "segment": ["1", "2", "3"],
            "collector": ["1", "2", "3"],
            "billed_amount": [Decimal(100), Decimal(100), Decimal(100)],
            "calendar_number": [0, 0, 0],
        }
    )
    return Goals(found, opened, billed, EVEN, AS_OF)


def goals(*told: dict[str, Any]) -> pl.DataFrame:
    """Goals in the columns of `features.goals`, of entity one and 28 days ahead unless said."""
    usual = {
        "entity_id": "one", "metric": "cash", "period_end": AS_OF + timedelta(days=28), "collector": "", "rate": Decimal(1),
        "sales_days": None, "collected_amount": Decimal(0), "sales": Decimal(0), "receivables": Decimal(0),
    }  # fmt: skip
    rows = [{**usual, "goal_key": number, **one} for number, one in enumerate(told, start=1)]
    return pl.DataFrame(rows, schema_overrides={"sales_days": pl.Int32, "rate": pl.Decimal(18, 10)})


def cash_by(weighed: Goals, days: int) -> float:
    """Cash expected of entity one within days, as the forecast's own level has it."""
    inside = (weighed.found.parts["entity_id"] == "one").to_numpy()
    level = Level(
        "entity",
        pl.DataFrame({"label": [0]}),
        np.where(inside, 0, 1),
        np.zeros(0, dtype=int),
        np.full((1, 1, 13), 2 / 3),
    )
    drawn = level_draws(weighed.found, level, AS_OF)
    return float((drawn.open_mean + drawn.future_mean)[0, :days].sum())


def test_cash_to_come_is_the_forecasts_and_adds_to_what_was_collected(weighed: Goals) -> None:
    expected = cash_by(weighed, 28)
    judged, _ = weighed.judged(
        goals(
            {"target": Decimal(1)},
            {"target": Decimal(10**9)},
            {"target": Decimal(1), "collected_amount": Decimal(5000)},
            {"target": Decimal(1), "rate": Decimal(2)},
            {"target": Decimal(str(round(expected, 2)))},
        ),
        5,
    )
    sure, hopeless, more, halved, even = judged.sort("goal_key").to_dicts()
    assert (sure["probability_met"], hopeless["probability_met"]) == (1, 0)
    assert sure["forecast"] == pytest.approx(expected)
    assert more["forecast"] == pytest.approx(expected + 5000)
    assert halved["forecast"] == pytest.approx(expected / 2)
    assert 0.2 < even["probability_met"] < 0.8


def test_entities_and_collectors_have_goals_of_their_own(weighed: Goals) -> None:
    judged, _ = weighed.judged(
        goals({"target": Decimal(1)}, *({"target": Decimal(1), "collector": name} for name in ("1", "2", "3"))), 5
    )
    whole, first, second, elsewhere = judged.sort("goal_key")["forecast"].to_list()
    assert first > 0 and second > 0
    assert whole == pytest.approx(first + second)
    assert elsewhere == 0, "the third collector is the other entity's"


def test_dso_falls_with_cash_and_counts_what_is_billed(weighed: Goals) -> None:
    opened = weighed.receivables.filter(pl.col("entity_id") == "one")["open_amount"].sum()
    dso = {"metric": "dso", "receivables": opened, "sales": Decimal(9000)}
    judged, _ = weighed.judged(
        goals({**dso, "sales_days": 90, "target": Decimal(1)}, {**dso, "sales_days": 30, "target": Decimal(10**6)}), 5
    )
    of_90, of_30 = judged.sort("goal_key").to_dicts()
    billed = 2 / 3 * weighed.found.origin.billing_mean[:4].sum()
    owed = float(opened) + billed - cash_by(weighed, 28)
    assert of_90["forecast"] == pytest.approx(90 * owed / (9000 + billed), rel=0.02)
    assert of_30["forecast"] == pytest.approx(30 * owed / (9000 + billed), rel=0.02)
    assert (of_90["probability_met"], of_30["probability_met"]) == (0, 1)


def test_what_is_past_due_is_a_share_of_what_is_owed(weighed: Goals) -> None:
    judged, _ = weighed.judged(
        goals(
            *({"metric": name, "target": Decimal(50)} for name in ("percent_past_due", "percent_over_90")),
            {"metric": "percent_past_due", "target": Decimal(50), "collector": "1"},
            {"metric": "percent_past_due", "target": Decimal(50), "collector": "2"},
        ),
        5,
    )
    past_due, over_90, prompt, late = judged.sort("goal_key")["forecast"].to_list()
    assert 0 <= over_90 < past_due < 100
    assert prompt < late, "the first payer pays when due, the second two weeks late"


def test_items_that_decide_a_goal_are_named_the_largest_change_first(weighed: Goals) -> None:
    target = Decimal(str(round(cash_by(weighed, 28), 2)))
    _, items = weighed.judged(goals({"target": target}), 5)
    assert items["rank"].to_list() == list(range(1, items.height + 1))
    changes = items["change_in_probability_met"].to_list()
    assert changes == sorted(changes, reverse=True)
    assert 0 < changes[-1] <= changes[0] <= 1
    assert set(items["spell_key"]) <= set(weighed.receivables.filter(pl.col("entity_id") == "one")["spell_key"])
    _, none = weighed.judged(goals({"target": Decimal(10**9)}), 5)
    assert none.is_empty(), "no item moves what cannot be met"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"period_end": AS_OF}, "over"),
        ({"period_end": AS_OF + timedelta(days=92)}, "beyond"),
        ({"rate": None}, "no rate"),
        ({"metric": "percent_past_due", "receivables": None}, "nothing"),
        ({"metric": "dso"}, "simple_30, simple_90 and simple_365"),
        ({"metric": "dso", "sales_days": 90, "collector": "1"}, "collector"),
    ],
)
def test_a_goal_that_cannot_be_forecast_says_why(weighed: Goals, told: dict[str, Any], why: str) -> None:
    judged, items = weighed.judged(goals({"target": Decimal(1), **told}), 5)
    assert why in judged["reason"].item()
    assert judged["probability_met"].item() is None
    assert items.is_empty()
