"""The drawn books are fit to judge with: well formed, varied, and sent batch by batch without loss.

Belongs here: laws of the strategies, and of the oracle over what they draw. Does not: examples by hand, or
what is rare in a book but must come (test_oracle_reach.py).
"""

from collections import defaultdict
from itertools import pairwise

from hypothesis import given, settings

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
from tests.oracle.ledger import Book, aging, aging_monthly, dso, open_items
from tests.oracle.settlement import exists, settled

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
def test_amounts_are_positive_and_have_the_decimals_of_any_currency_they_are_in(book):
    currency_of: dict[tuple, str] = {}
    for feed in ("invoices", "payments", "credit_memos"):
        currency_of |= {(space_of(feed), *key_of(feed, row)): row["currency"] for row in book[feed]}
    for feed in KEYS:
        for row in book[feed]:
            amount = row.get("amount")
            links = [("invoice", row.get(c)) for c in ("invoice_id", "reopens_invoice_id")]
            links += [("source", row.get(c)) for c in ("source_id", "payment_id", "credit_memo_id")]
            if feed == "applications":  # in the invoice's currency
                links = links[:1]
            keys = [(space, row.get("entity_id") or DEFAULT_ENTITY, name) for space, name in links if name]
            digits = 0 if "JPY" in {currency_of.get(key) for key in keys} and not is_across(keys, currency_of) else 2
            assert amount is None or (amount > 0 and amount == round(amount, digits))


def space_of(feed: str) -> str:
    """Whether ids of a feed of documents are of invoices or of sources."""
    return "invoice" if feed == "invoices" else "source"


def is_across(keys: list[tuple], currency_of: dict[tuple, str]) -> bool:
    """Whether a row links documents of different currencies: its amount is in one of them."""
    return len({currency_of.get(key) for key in keys}) > 1


@drawn
@given(books(), as_ofs, known_ats, policies())
def test_no_invoice_is_negative_no_source_positive_and_cash_is_conserved(book, as_of, known_at, policy):
    found, live = settled(book, as_of, known_at, policy)
    for document in found.values():
        assert 0 <= document.settled <= (document.room if document.sign > 0 else document.capacity)
        assert 0 <= document.balance * document.sign <= document.amount
        assert document.reversed == 0 or document.document_type == "payment"
        side = "invoice" if document.sign > 0 else "source"
        mine = [claim for claim in live if getattr(claim, side) is document]
        given_by = (claim.taken if side == "invoice" else claim.drawn for claim in mine)
        assert sum(given_by) == document.settled
    for claim in live:
        assert claim.is_cross_currency or claim.cash == claim.drawn
        assert 0 <= claim.reinstated <= claim.recovered
    for item in open_items(book, as_of, known_at, policy):
        assert (item["open_amount"] > 0) == (item["original_amount"] > 0)


@drawn
@given(books(), as_ofs, known_ats, policies())
def test_instalments_add_up_to_their_document(book, as_of, known_at, policy):
    totals = defaultdict(int)
    for item in open_items(book, as_of, known_at, policy):
        assert 0 < abs(item["open_amount"]) <= abs(item["original_amount"])
        totals[("invoice" if item["open_amount"] > 0 else "source", item["entity_id"], item["document_id"])] += item[
            "open_amount"
        ]
    found, _ = settled(book, as_of, known_at, policy)
    assert totals == {key: d.balance for key, d in found.items() if exists(d, as_of) and d.balance}


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
