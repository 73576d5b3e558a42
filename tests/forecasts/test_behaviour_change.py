"""Changes of behaviour on a made-up book: sixty steady payers, one that becomes slower, one faster (`forecasts.behaviour_changes`)."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from models.forecasts.alarms import Peaks, false_discovery_rates
from models.forecasts.behaviour_change import cusum
from models.forecasts.calendar import business_days
from models.forecasts.change_report import Book, behaviour_changes
from models.forecasts.settings import ForecastSettings
from tests.forecast_bench.books import counts
from tests.forecasts.small_book import DAYS

AS_OF = date(2024, 6, 30)
CHANGED = date(2024, 6, 3)
SLOWER, FASTER = 61, 62


def ledger() -> pl.DataFrame:
    """An invoice a week of each payer since 2022, terms of 30 days, settled 0 to 9 days late; since 3 June payer 61 settles
    9 days later than it would have, payer 62 nine days sooner."""
    rng, rows = np.random.default_rng(11), []
    for payer in range(1, 63):
        for week in range(140):
            entry = date(2022, 1, 3) + timedelta(days=7 * week + payer % 5)
            due = entry + timedelta(days=30)
            settled = due + timedelta(days=int(rng.integers(0, 10)))
            if payer == SLOWER and settled >= CHANGED:
                settled += timedelta(days=9)
            if payer == FASTER and settled >= CHANGED + timedelta(days=9):
                settled -= timedelta(days=9)
            rows.append((len(rows), payer, "one", entry, due, settled, "100.00", "cash"))
    names = ["spell_key", "payer_key", "entity_id", "entry_date", "due_date", "settled_date", "amount", "exit_kind"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(pl.col("amount").cast(pl.Decimal(18, 4)), calendar_number=pl.lit(0))


def changes(
    as_of: date, counted_on: date, smallest: str = "0", number: int | pl.Expr = 0, days: pl.DataFrame = DAYS
) -> pl.DataFrame:
    """What is found on a day, from counts of that day or a later one."""
    spells = ledger().with_columns(calendar_number=number)
    still_open = (pl.col("entry_date") <= as_of) & (pl.col("settled_date") > as_of)
    owed = spells.filter(still_open).select("payer_key", open_amount_base=pl.col("amount").cast(pl.Decimal(38, 4)))
    counted = counts(spells, days, counted_on)
    week = (counted_on - as_of).days // 7
    book = Book(spells, owed, counted["recent_spans"], counted, days, as_of, week)
    return behaviour_changes(book, Decimal(smallest), ForecastSettings())


@pytest.fixture(scope="module")
def found() -> pl.DataFrame:
    """What is found on 30 June."""
    return changes(AS_OF, AS_OF)


def test_receivables_on_two_calendars_with_the_same_days_change_alike(found: pl.DataFrame) -> None:
    twice = pl.concat([DAYS, business_days("US", date(2022, 1, 1), date(2026, 12, 31), 1)])
    assert_frame_equal(changes(AS_OF, AS_OF, "0", (pl.col("spell_key") % 2).cast(pl.Int32), twice), found)


def test_a_slowdown_is_found_within_ten_business_days(found: pl.DataFrame) -> None:
    slower = found.row(by_predicate=pl.col("payer_key") == SLOWER, named=True)
    assert slower["direction"] == "slower"
    assert CHANGED < slower["detected_on"] <= CHANGED + timedelta(days=14)
    assert abs((slower["changed_on"] - CHANGED).days) <= 10
    assert slower["days_before"] == pytest.approx(4.5, abs=1)
    assert slower["days_after"] > slower["days_before"] + 4
    assert slower["exposure"] > 400
    assert slower["false_discovery_rate"] < 0.2


def test_a_payer_that_pays_sooner_is_told_as_faster(found: pl.DataFrame) -> None:
    faster = found.row(by_predicate=pl.col("payer_key") == FASTER, named=True)
    assert faster["direction"] == "faster"
    assert faster["days_after"] < faster["days_before"] - 4


def test_steady_payers_are_left_alone(found: pl.DataFrame) -> None:
    """Two directions of 1 in 20 a year leave about 1.5 false alarms at a time among sixty."""
    assert found.filter(~pl.col("payer_key").is_in([SLOWER, FASTER])).height <= 4
    before = changes(AS_OF - timedelta(weeks=6), AS_OF - timedelta(weeks=6))
    assert before.filter(pl.col("payer_key").is_in([SLOWER, FASTER])).height == 0


def test_the_evidence_counts_invoices(found: pl.DataFrame) -> None:
    said = found.row(by_predicate=pl.col("payer_key") == SLOWER, named=True)["evidence"]
    counted, _, whole = said.split()[:3]
    assert "invoices since" in said and "were not paid by their usual day" in said
    assert int(counted) <= int(whole) <= 8
    assert int(counted) > int(said.split("; ")[1].split()[0])


def test_payers_that_owe_little_are_not_told(found: pl.DataFrame) -> None:
    exposure = found.filter(pl.col("payer_key") == SLOWER)["exposure"].item()
    told = changes(AS_OF, AS_OF, smallest=str(exposure + 1))
    assert told.filter(pl.col("exposure") <= exposure).height == 0


def test_future_facts_change_nothing(found: pl.DataFrame) -> None:
    assert changes(AS_OF, AS_OF + timedelta(weeks=10)).equals(found)


def test_a_book_without_history_has_no_changes() -> None:
    assert changes(date(2022, 5, 29), date(2022, 5, 29)).height == 0


def test_sums_are_never_negative() -> None:
    # +1, +1, -3, +2: 1, 2, 0 (not -1), 2
    assert cusum(np.array([[1.0, 1.0, -3.0, 2.0]])).tolist() == [[1.0, 2.0, 0.0, 2.0]]


def test_rates_of_false_discoveries_by_hand() -> None:
    # four tests: .01·4/1 = .04; .04·4/3 = .0533 for the second and the third; .5·4/4 = .5
    rates = false_discovery_rates(np.array([0.5, 0.04, 0.01, 0.03]))
    assert rates.tolist() == pytest.approx([0.5, 0.16 / 3, 0.04, 0.16 / 3])


def test_the_threshold_is_passed_by_one_in_twenty_a_year() -> None:
    """Exponential peaks: of four stretches a year, each passes with 1 - .95^¼ = 1.27 %, at -log(.0127) = 4.36."""
    peaks = Peaks(np.sort(-np.log((np.arange(20_000) + 0.5) / 20_000)))
    assert peaks.threshold(4.0) == pytest.approx(4.36, abs=0.05)
    assert peaks.chance(np.array([4.36]))[0] == pytest.approx(0.0127, abs=0.0005)
    assert peaks.chance(np.array([1.0]))[0] == pytest.approx(np.exp(-1), abs=0.001)
