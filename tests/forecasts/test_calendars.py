"""Entities whose business days differ: one keeps the holidays of the United States, the other those of Brazil's banks."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models.forecasts.axis import axis_at
from models.forecasts.calendar import business_days, number_of
from models.forecasts.lateness import with_due_day
from models.forecasts.open_book import NEVER, lay_over
from models.forecasts.origin import OriginForecast, forecast_origin
from models.forecasts.settings import ForecastSettings
from models.forecasts.settlement import settlement_forecast
from models.forecasts.standing import known_at
from tests.forecast_bench.books import counts
from tests.forecasts.small_book import small_book

AS_OF = date(2024, 6, 30)  # a Sunday
INDEPENDENCE, CORPUS_CHRISTI = date(2024, 7, 4), date(2024, 5, 30)
SETTINGS = ForecastSettings(draws=20)
SPAN = date(2022, 1, 1), date(2026, 12, 31)
US = business_days("US", *SPAN)
BOTH = pl.concat([US, business_days("BR", *SPAN, 1)])
TWICE = pl.concat([US, business_days("US", *SPAN, 1)])
BOOK = small_book().with_columns(calendar_number=(pl.col("payer_key") == 3).cast(pl.Int32))
"""Payer 3 pays an entity of calendar 1, the others one of calendar 0."""


def forecast(spells: pl.DataFrame, days: pl.DataFrame, counted_on: date = AS_OF) -> OriginForecast:
    return forecast_origin(
        spells, counts(spells, days, counted_on), days, AS_OF, (counted_on - AS_OF).days // 7, SETTINGS
    )


@pytest.fixture(scope="module")
def found() -> OriginForecast:
    """The forecast on the last day of June, with Independence Day in its first week."""
    return forecast(BOOK, BOTH)


def test_what_is_due_on_a_holiday_of_its_own_entity_is_due_the_day_after() -> None:
    asked = {"calendar_number": [0, 1], "entry_date": [date(2024, 4, 1)] * 2}
    of_day = dict(BOTH.filter("is_business_day").select("business_day", "date").rows())
    for day, american, brazilian in (
        (INDEPENDENCE, INDEPENDENCE + timedelta(days=1), INDEPENDENCE),
        (CORPUS_CHRISTI, CORPUS_CHRISTI, CORPUS_CHRISTI + timedelta(days=1)),
    ):
        frame = pl.DataFrame(asked, schema_overrides={"calendar_number": pl.Int32}).with_columns(due_date=pl.lit(day))
        due = with_due_day(frame, BOTH).sort("calendar_number")["due_day"].to_list()
        assert [of_day[index] for index in due] == [american, brazilian]


def test_nobody_pays_on_a_holiday_of_his_own_calendar(found: OriginForecast) -> None:
    """On 4 July the American banks are closed and cash comes to Brazil alone; on 9 July there is no holiday at all."""
    due = found.served.cells["due_day"].to_numpy()
    on = {
        day: found.cash[:, found.axis.dates == np.datetime64(day)].ravel() for day in (INDEPENDENCE, date(2024, 7, 9))
    }
    assert (on[INDEPENDENCE][number_of(due) == 0] == 0).all()
    assert (on[INDEPENDENCE][number_of(due) == 1] > 0).all()
    assert (on[date(2024, 7, 9)] > 0).all()
    items = settlement_forecast(found.items, found.items["cell"].to_numpy(), found.cash, due, found.axis)
    own = items.join(BOOK.select("spell_key", "calendar_number"), on="spell_key")
    assert INDEPENDENCE not in own.filter(calendar_number=0)["expected_date"].to_list()
    assert np.isclose(items["expected_cash"].sum(), (found.cell_amounts @ found.cash).sum())


def test_a_promise_and_a_dispute_wait_for_a_business_day_of_their_own() -> None:
    axis = axis_at(BOTH, date(2024, 7, 3), ForecastSettings(longest_days=3))  # Thursday 4, Friday 5, Monday 8 July
    due = US.filter(date=date(2024, 6, 20))["business_day"].item()
    nothing = {"due_day": due, "promised_on": NEVER.astype(object), "keep_probability": 0.0, "is_insolvent": False}
    plain = {**nothing, "resolved_on": NEVER.astype(object), "credit_share": 0.0}
    promise = {**plain, "promised_on": INDEPENDENCE, "keep_probability": 0.5}
    dispute = {**plain, "resolved_on": INDEPENDENCE}
    cells = pl.DataFrame([promise, {**promise, "due_day": due + 1_000_000}, dispute])
    cash = axis.shut(np.full((3, 3), 0.2), cells["due_day"].to_numpy())
    assert lay_over(cash, cells, axis).tolist() == [[0, 0.6, 0.1], [0.6, 0.1, 0.1], [0, 0.2, 0.2]]


def test_cash_of_a_week_falls_on_the_business_days_of_its_calendar() -> None:
    spread = axis_at(BOTH, AS_OF, SETTINGS).spread(1) * 20
    assert spread.tolist() == [[5, 5, 5, 0, 5, 0, 0], [4, 4, 4, 4, 4, 0, 0]]


def test_future_facts_change_nothing_on_either_calendar(found: OriginForecast) -> None:
    before = forecast(known_at(BOOK, AS_OF), BOTH)
    after = forecast(BOOK, BOTH, AS_OF + timedelta(days=70))
    for name in ("cash", "cell_amounts", "drawn_days", "billing_mean", "future_draws"):
        assert getattr(before, name).tobytes() == getattr(after, name).tobytes(), name
        assert getattr(before, name).tobytes() == getattr(found, name).tobytes(), name


def test_two_calendars_with_the_same_days_are_one() -> None:
    """What is counted, fitted and drawn apart adds up to what is counted, fitted and drawn together."""
    one, two = forecast(BOOK.with_columns(calendar_number=pl.lit(0)), US), forecast(BOOK, TWICE)
    assert 0 < two.shares[1] < two.shares[0]
    for name in ("cash", "drawn_days", "future_mean", "future_draws"):
        assert np.allclose(getattr(one, name), getattr(two, name), rtol=1e-9, atol=1e-12), name
    assert np.allclose(one.open_draws(), two.open_draws())
