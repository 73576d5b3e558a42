"""Origins of the backtest that are kept: read back while what they rest on stands, and the very same as made anew."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import assets.origins
from assets.origins import Origins, origins_known
from models.forecasts.backtest import LookedBack
from models.forecasts.calendar import business_days
from models.forecasts.origin import History
from models.forecasts.settings import ForecastSettings
from models.forecasts.standing import known_at
from tests.forecast_bench.books import counts
from tests.forecasts.small_book import DAYS, small_book

AS_OF = date(2024, 6, 30)
SETTINGS = ForecastSettings(draws=40)


def origins_at(place: Path, as_of: date, days: pl.DataFrame = DAYS, skip: int = 0) -> Origins:
    """The small book as it was known on a day; `skip` drops so many of its first receivables."""
    book = small_book()[skip:]
    spells = known_at(book, as_of).sort("spell_key")
    return Origins(place, History(spells, counts(book, days, as_of), days, as_of, SETTINGS))


def rows_of(found: Origins, count: int) -> LookedBack:
    return found.rows(origins_known(found.history.spells, found.history.as_of, count))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The origins that were made, in order."""
    found, look_back = [], assets.origins.look_back

    def counted(*args: object) -> LookedBack:
        found.append(args[3])
        return look_back(*args)

    monkeypatch.setattr(assets.origins, "look_back", counted)
    return found


def test_a_week_later_only_the_newest_origin_is_made_and_one_that_has_come_of_age(tmp_path: Path, made: list) -> None:
    """Of the fifteen weekly origins the oldest, one between and the newest are looked at."""
    later = AS_OF + timedelta(days=7)
    of_age, between = later - timedelta(days=91), AS_OF - timedelta(days=42)
    origins_at(tmp_path / "kept", AS_OF).rows([of_age, between, AS_OF])
    assert made == [of_age, between, AS_OF]
    made.clear()
    asked = [of_age, between, AS_OF, later]
    assert set(asked) <= set(origins_known(small_book(), later, 14))
    kept = origins_at(tmp_path / "kept", later).rows(asked)
    assert made == [of_age, later]
    anew = origins_at(tmp_path / "new", later).rows(asked)
    assert all(frame.height and frame.equals(other) for frame, other in zip(kept, anew, strict=True))
    assert kept.weeks.filter(origin=AS_OF, horizon_week=1)["actual"].null_count() == 0


def test_what_an_origin_rests_on_is_noticed(tmp_path: Path, made: list) -> None:
    rows_of(origins_at(tmp_path, AS_OF), 1)
    made.clear()
    rows_of(origins_at(tmp_path, AS_OF), 1)
    assert made == []
    weekends = business_days(None, DAYS["date"].min(), DAYS["date"].max())
    rows_of(origins_at(tmp_path, AS_OF, weekends), 1)
    assert len(made) == 2
    made.clear()
    rows_of(origins_at(tmp_path, AS_OF, skip=1), 1)
    assert len(made) == 2
    assert len(list(tmp_path.glob("*-weeks-*.parquet"))) == 2, "what nobody asks for again is gone"
    assert not list(tmp_path.glob(".*")), "nothing half written is left"
