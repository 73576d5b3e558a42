"""The pipeline equals the oracle on what is done about receivables: metrics, promises and disputes, on drawn books.

Belongs here: the comparison of those tables. Does not: open items, ageing, DSO and the roll-forward
(`test_oracle_agrees.py`), or what is true of a book (`tests/oracle`).
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import given

from tests.oracle.disputes import dispute_states, dispute_trends
from tests.oracle.metrics import collection_metrics, value_of
from tests.oracle.payers import credit_balances, payer_monthly
from tests.oracle.promises import made_out_of_order, promise_states
from tests.oracle.settlement import Book, OraclePolicy
from tests.properties.pipeline import Frames
from tests.properties.profiles import examples
from tests.properties.test_oracle_agrees import NEAR, agree, answers, are_near, books_asked

METRIC_KEY = ("level", "period_end", "window_days", "entity_id", "segment", "collector", "currency", "metric")
TREND_KEY = ("period_end", "entity_id", "reason", "currency")
PAYER_KEY = ("period_end", "entity_id", "payer_id", "currency")
SMALLEST = Decimal("0.0001")


@examples(4)
@given(books_asked)
def test_pipeline_equals_oracle_on_what_is_pursued(drawn):
    for answer in answers(*drawn):
        compare(*answer)


def compare(found: Frames, book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> None:
    """Every figure of one day is the oracle's."""
    compare_promises(found["ledger.promise_states"], book, as_of, known_at, policy)
    states = dispute_states(book, as_of, known_at, policy)
    agree(rows_in(found["ledger.dispute_states"], ("entity_id", "dispute_id"), states), states)
    trends = dispute_trends(book, as_of, known_at, policy)
    agree_nearly(rows_in(found["marts.dispute_trends"], TREND_KEY, trends), trends)
    credits = credit_balances(book, as_of, known_at, policy)
    agree(rows_in(found["marts.credit_balances"], ("entity_id", "document_id"), credits), credits)
    months = payer_monthly(book, as_of, known_at, policy)
    agree(rows_in(found["marts.payer_monthly"], PAYER_KEY, months), months)
    metrics = collection_metrics(book, as_of, known_at, policy)
    published = rows_in(found["marts.collection_metrics"], METRIC_KEY, metrics)
    for key in published.keys() & metrics.keys():  # a mean is published with four decimals, and divided so
        sides = (Fraction(published[key][name]) for name in ("numerator", "denominator"))
        metrics[key]["value"] = value_of(key[-1], *sides)
    agree_nearly(published, metrics)


def compare_promises(frame: pl.DataFrame, book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> None:
    """What was kept is the oracle's; of promises made out of order never more: no cash is gone back to (CONTRIBUTING.md)."""
    wanted = promise_states(book, as_of, known_at, policy)
    found = rows_in(frame, ("entity_id", "promise_id"), wanted)
    for key in made_out_of_order(book, as_of, known_at, policy):
        assert found[key]["kept_amount"] <= wanted[key]["kept_amount"], key
        found[key] = wanted[key]
    agree(found, wanted)


def rows_in(frame: pl.DataFrame, key: tuple[str, ...], wanted: dict[tuple, dict]) -> dict[tuple, dict]:
    """A table's rows by key, with the columns that the oracle gives."""
    columns = next(iter(wanted.values()), {})
    rows = {tuple(row[n] for n in key): {n: row[n] for n in columns} for row in frame.iter_rows(named=True)}
    assert len(rows) == frame.height
    return rows


def agree_nearly(found: dict[tuple, dict], wanted: dict[tuple, dict]) -> None:
    """Both say the same of every key: ratios as near as they are rounded, all else exactly."""
    same = {
        key: wanted[key] if key in wanted and all(is_same(row[n], wanted[key][n]) for n in row) else row
        for key, row in found.items()
    }
    agree(same, wanted)


def is_same(found: Any, wanted: Any) -> bool:
    """Whether a figure is the oracle's: doubles nearly, fractions to the four decimals that are published."""
    if isinstance(found, float) or not isinstance(wanted, Fraction):
        return are_near(found, wanted) if isinstance(found, float) else found == wanted
    return found is not None and abs(Fraction(found) - wanted) <= Fraction(SMALLEST) / 2 + NEAR * max(1, abs(wanted))
