"""The pipeline equals the oracle: every open item, every bucket and every definition of DSO, on drawn books.

Belongs here: the comparison, table by table. Does not: what is true of a book (`tests/oracle`), or laws that need
no oracle (`test_laws.py`). A disagreement found here is kept by name in `tests/ledger` or `tests/marts`.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.policy import Policy, load_policy
from tests.oracle import ledger
from tests.oracle.books import as_ofs, books, known_ats, policies
from tests.oracle.facts import FIRST_DAY
from tests.oracle.rollforward import rollforward
from tests.oracle.settlement import Book, OraclePolicy
from tests.properties.pipeline import Frames, deliveries_of, frames, loaded
from tests.properties.profiles import examples

ITEM_COLUMNS = (
    "entity_id",
    "document_id",
    "document_type",
    "instalment",
    "customer_id",
    "payer_id",
    "currency",
    "document_date",
    "due_date",
    "days_past_due",
    "aging_bucket",
    "original_amount",
    "open_amount",
)
VIEWS = ("gross", "separate", "fifo")
DSO_KEY = ("period_end", "entity_id", "currency", "definition")
DSO_EXACT = ("receivables", "sales", "excluded_amount", "flag")
NEAR = 1e-9
Asked = list[tuple[OraclePolicy, datetime, set[date]]]


@st.composite
def asked_of(draw: st.DrawFn, book: Book) -> Asked:
    """What a book is asked, which is dear to load: policies, times of knowledge, and days, many of them days on
    which something begins or ends."""
    dates = {day for rows in book.values() for row in rows for day in row.values() if type(day) is date}
    eventful = st.sampled_from(sorted(day for day in dates if day.year == FIRST_DAY.year))
    days = st.sets(eventful | as_ofs, min_size=1, max_size=2)
    return draw(st.lists(st.tuples(policies(), known_ats, days), min_size=1, max_size=2))


books_asked = books().flatmap(lambda book: st.tuples(st.just(book), asked_of(book)))


def answers(book: Book, asked: Asked) -> Iterator[tuple[Frames, Book, date, datetime, OraclePolicy]]:
    """What the pipeline says on each day that is asked for, and of what that is the answer."""
    with loaded(deliveries_of(book)) as warehouse:
        for policy, known_at, days in asked:
            found = frames(warehouse, days, known_at, policy_of(policy))
            for as_of in days:
                of_day = {name: frame.filter(pl.col("as_of") == as_of) for name, frame in found.items()}
                yield of_day, book, as_of, known_at, policy


@examples(14)
@given(books_asked)
def test_pipeline_equals_oracle(drawn):
    for answer in answers(*drawn):
        compare(*answer)


def compare(found: Frames, book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> None:
    """Every figure of one day is the oracle's."""
    items = ledger.open_items(book, as_of, known_at, policy)
    agree(items_in(found["marts.aging_detail"]), by_item(items))
    for view in VIEWS:
        agree(aging_in(found["marts.aging"], view), ledger.aging(items, policy, view))
    agree(aging_monthly_in(found["marts.aging_monthly"]), ledger.aging_monthly(book, as_of, known_at, policy))
    started = as_of.replace(day=1)
    agree(
        lines_in(found["marts.rollforward"], started),
        lines_of(rollforward(book, as_of, known_at, policy, started)),
    )
    compare_dso(found["marts.dso"], ledger.dso(book, as_of, known_at, policy))


def agree(found: dict[tuple, object], wanted: dict[tuple, object]) -> None:
    """Both say the same of every key; what differs is shown, and nothing else."""
    differing = {key: (found.get(key), wanted.get(key)) for key in {**found, **wanted}}
    differing = {key: (ours, oracles) for key, (ours, oracles) in differing.items() if ours != oracles}
    assert not differing, "\n".join(f"{key}\n  found  {a}\n  oracle {b}" for key, (a, b) in differing.items())


def policy_of(policy: OraclePolicy) -> Policy:
    """The oracle's policy as a policy file overlays it on the defaults."""
    settings = asdict(policy)
    entities = {name: settings.pop(name) for name in ("default_entity", "history_starts_on")}
    instalments = {"advances": settings.pop("advances")}
    metrics = {name: settings.pop(name) for name in ("windows", "cei_months", "early_payments")}
    metrics["windows"] = list(metrics["windows"])
    promises = {"tolerance_days": settings.pop("tolerance_days")}
    settings["buckets"] = [
        dict(zip(("aging_bucket", "first_day", "last_day"), bucket, strict=True)) for bucket in settings["buckets"]
    ]
    overlay = {"entities": entities, "instalments": instalments, "aging": settings, "metrics": metrics}
    return load_policy(yaml.safe_dump({**overlay, "promises": promises}))


def by_item(items: list[dict]) -> dict[tuple, dict]:
    """Open items by what tells them apart."""
    key = ("entity_id", "document_type", "document_id", "instalment")
    return {tuple(item[name] for name in key): item for item in items}


def items_in(frame: pl.DataFrame) -> dict[tuple, dict]:
    """The open items of `marts.aging_detail`, with the columns that the oracle gives."""
    rows = []
    for row in frame.iter_rows(named=True):
        flags = {flag for flag in row["flags"].split(";") if flag}
        rows.append({name: row[name] for name in ITEM_COLUMNS} | {"flags": flags})
    assert len(by_item(rows)) == frame.height
    return by_item(rows)


def aging_in(frame: pl.DataFrame, view: str) -> dict[tuple, tuple]:
    """One view of `marts.aging`, as the oracle gives it."""
    rows = frame.filter(pl.col("view") == view)
    key = ("entity_id", "customer_id", "currency", "aging_bucket")
    return {
        tuple(row[name] for name in key): (row["item_count"], row["open_amount"]) for row in rows.iter_rows(named=True)
    }


def aging_monthly_in(frame: pl.DataFrame) -> dict[tuple, tuple]:
    """`marts.aging_monthly`, as the oracle gives it."""
    key = ("month_end", "entity_id", "segment", "currency", "aging_bucket")
    return {
        tuple(row[name] for name in key): (row["item_count"], row["open_amount"]) for row in frame.iter_rows(named=True)
    }


def lines_in(frame: pl.DataFrame, started: date) -> dict[tuple, Decimal]:
    """The lines of `marts.rollforward` for the period that began on a day, those that are not zero."""
    rows = frame.filter(pl.col("period_start") == started)
    return {
        (row["entity_id"], row["currency"], row["line"]): row["amount"]
        for row in rows.iter_rows(named=True)
        if row["amount"]
    }


def lines_of(lines: dict[tuple, Decimal]) -> dict[tuple, Decimal]:
    """The oracle's lines, by the names of the mart, those that are not zero."""
    names = {"applied": "fx_realised"}
    return {(*pair, names.get(line, line)): amount for (*pair, line), amount in lines.items() if amount}


def compare_dso(frame: pl.DataFrame, wanted: dict[tuple, dict]) -> None:
    """Amounts and flags are the oracle's exactly, days as near as a double can be."""
    found = {tuple(row[name] for name in DSO_KEY): row for row in frame.iter_rows(named=True)}
    assert found.keys() == wanted.keys()
    for key, row in found.items():
        assert {n: row[n] for n in DSO_EXACT} == {n: wanted[key][n] for n in DSO_EXACT}, key
        assert are_near(row["days"], wanted[key]["days"]), (key, row["days"], wanted[key]["days"])


def are_near(found: float | None, wanted: Fraction | None) -> bool:
    """Whether a double is the fraction, to nine digits after the point or before the end."""
    if found is None or wanted is None:
        return found is None and wanted is None
    return abs(Fraction(found) - wanted) <= NEAR * max(1, abs(wanted))


@pytest.mark.parametrize(
    ("found", "wanted", "is_near"),
    [(0.1, Fraction(1, 10), True), (None, None, True), (0.0, None, False), (0.1, Fraction(100000002, 10**9), False)],
)
def test_nearness_can_fail(found, wanted, is_near):
    assert are_near(found, wanted) is is_near
