"""The drawn books are fit to judge with: well formed, varied, and sent batch by batch without loss.

Belongs here: laws of the strategies, and of the oracle over what they draw. Does not: examples by hand.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import Phase, find, given, settings

from tests.oracle.books import (
    BATCH_TIMES,
    DEFAULT_ENTITY,
    KEYS,
    OPEN_END,
    as_ofs,
    book_rows_by_batch,
    books,
    known_ats,
    policies,
)
from tests.oracle.ledger import Book, OraclePolicy, aging, aging_monthly, dso, open_items
from tests.oracle.settlement import Claim, settled
from tests.oracle.tables import LATER, day

drawn = settings(max_examples=60, deadline=None, database=None, derandomize=True)


def key_of(feed: str, row: dict) -> tuple:
    """The key of a row of a feed, an empty entity being the default one."""
    return tuple((row[c] or DEFAULT_ENTITY) if c == "entity_id" else row[c] for c in KEYS[feed])


def received(batches: list) -> Book:
    """What a reader of the batches knows, and when: the book again."""
    book: Book = {feed: [] for feed in KEYS}
    newest: dict[tuple, dict] = {}
    for time, feeds in batches:
        for feed, rows in feeds.items():
            for row in rows:
                fact = (feed, key_of(feed, row))
                plain = {column: value for column, value in row.items() if column != "_deleted"}
                if fact in newest:
                    newest.pop(fact)["known_to"] = time
                if not row["_deleted"]:
                    newest[fact] = plain | {"known_from": time, "known_to": OPEN_END}
                    book[feed].append(newest[fact])
    return book


def in_order(book: Book) -> Book:
    """The same book, rows by key and time."""
    return {
        feed: sorted(rows, key=lambda row, feed=feed: (str(key_of(feed, row)), row["known_from"]))
        for feed, rows in book.items()
    }


@drawn
@given(books())
def test_the_batches_are_the_book(book):
    batches = book_rows_by_batch(book)
    assert in_order(received(batches)) == in_order(book)
    times = [time for time, _ in batches]
    assert times == sorted(set(times)) and set(times) <= set(BATCH_TIMES)
    assert "invoices" in batches[0][1] and batches[0][0] == BATCH_TIMES[0]


@drawn
@given(books())
def test_versions_of_a_fact_follow_each_other_and_differ(book):
    for feed, rows in book.items():
        versions = defaultdict(list)
        for row in rows:
            versions[key_of(feed, row)].append(row)
        for facts in versions.values():
            assert len(facts) <= 3
            for older, newer in pairwise(facts):
                assert older["known_from"] < older["known_to"] <= newer["known_from"]
                if older["known_to"] == newer["known_from"]:
                    assert any(older[c] != newer[c] for c in older if not c.startswith("known_"))


@drawn
@given(books())
def test_amounts_are_positive_and_have_their_currencys_decimals(book):
    for feed in ("invoices", "payments", "credit_memos"):
        for row in book[feed]:
            digits = 0 if row["currency"] == "JPY" else 2
            assert row["amount"] > 0 and row["amount"] == round(row["amount"], digits)


@drawn
@given(books(), as_ofs, known_ats, policies())
def test_no_invoice_is_negative_no_source_positive_and_cash_is_conserved(book, as_of, known_at, policy):
    found, live = settled(book, as_of, known_at, policy)
    for document in found.values():
        assert 0 <= document.settled <= document.amount
        side = "invoice" if document.sign > 0 else "source"
        mine = [a for a in live if getattr(a, side) is document]
        given_by = (a.cash + a.discount + a.withheld if side == "invoice" else a.drawn for a in mine)
        assert sum(given_by) == document.settled
    for a in live:
        assert a.is_cross_currency or a.cash == a.drawn
    for item in open_items(book, as_of, known_at, policy):
        assert (item["open_amount"] > 0) == (item["original_amount"] > 0)


@drawn
@given(books(), as_ofs, known_ats, policies())
def test_every_view_adds_up_to_the_open_items(book, as_of, known_at, policy):
    items = open_items(book, as_of, known_at, policy)
    wanted = defaultdict(int)
    for item in items:
        wanted[(item["entity_id"], item["currency"])] += item["open_amount"]
    for view in ("gross", "separate", "fifo"):
        totals = defaultdict(int)
        for (entity_id, _, currency, bucket), (count, amount) in aging(items, policy, view).items():
            totals[(entity_id, currency)] += amount
            assert count > 0 and (view == "gross" or (amount < 0) == (bucket == "unapplied"))
        assert {p: t for p, t in totals.items() if t} == {p: w for p, w in wanted.items() if w}


@drawn
@given(books(), as_ofs, known_ats, policies())
def test_history_adds_up_and_delinquency_is_a_difference(book, as_of, known_at, policy):
    totals = defaultdict(int)
    monthly = aging_monthly(book, as_of, known_at, policy)
    for (month_end, entity_id, _, currency, _), (_, amount) in monthly.items():
        totals[(month_end, entity_id, currency)] += amount
    rows = dso(book, as_of, known_at, policy)
    for (end, entity_id, currency, definition), row in rows.items():
        if definition == "simple_30" and (end < as_of or (end, entity_id, currency) in totals):
            assert row["receivables"] + row["excluded_amount"] == totals[(end, entity_id, currency)]
        if definition.startswith("simple") and row["days"] is not None:
            best, late = (
                rows[(end, entity_id, currency, definition.replace("simple", other))]["days"]
                for other in ("best_possible", "average_days_delinquent")
            )
            assert row["days"] == best + late


def some(condition: Callable[[Claim], bool]) -> Callable[[list[Claim]], bool]:
    """Whether any of the live applications is so."""
    return lambda live: any(condition(a) for a in live)


@pytest.mark.parametrize(
    "is_so",
    [
        pytest.param(some(lambda a: a.drawn < a.source_amount and a.cash < a.amount), id="capped"),
        pytest.param(some(lambda a: a.cash == 0 and a.discount > 0), id="discount without cash"),
        pytest.param(some(lambda a: a.is_cross_currency and a.cash > 0), id="between currencies"),
        pytest.param(
            some(lambda a: a.is_cross_currency and 0 < a.drawn < a.source_amount),
            id="capped between currencies",
        ),
        pytest.param(some(lambda a: a.invoice.is_paid_before_invoiced), id="paid before invoiced"),
        pytest.param(some(lambda a: a.invoice.voided_on is not None), id="to be voided"),
        pytest.param(some(lambda a: a.source.entity_id != DEFAULT_ENTITY), id="of another entity"),
        pytest.param(lambda live: len({a.source.key for a in live}) + 1 < len(live), id="many from one"),
        pytest.param(lambda live: len({a.invoice.key for a in live}) + 1 < len(live), id="many to one"),
    ],
)
def test_books_reach(is_so):
    reach = settings(max_examples=1000, phases=[Phase.generate], database=None, deadline=None)

    def holds(book: Book) -> bool:
        return is_so(settled(book, day("2024-04-15"), LATER, OraclePolicy())[1])

    assert find(books(), holds, settings=reach, random=random.Random(1))
