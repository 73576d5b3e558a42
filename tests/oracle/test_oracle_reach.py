"""The drawn books reach what is worth drawing: caps, voids, reversals, recoveries, reopenings, instalments.

Belongs here: each interplay that a book must be able to have, and that it is found among some hundreds. Does not: what
is true of such a book.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.oracle.books import DEFAULT_ENTITY
from tests.oracle.claims import Claim
from tests.oracle.facts import FIRST_DAY
from tests.oracle.ledger import Book, OraclePolicy, open_items
from tests.oracle.settlement import Document, settled
from tests.oracle.tables import LATER, day

POLICY = replace(OraclePolicy(), history_starts_on=FIRST_DAY)
DAYS = (day("2024-04-15"), day("2024-05-15"), day("2024-06-15"))
Standing = tuple[Book, date, list[Document], list[Claim]]


@pytest.fixture(scope="module")
def standings(drawn_books: list[Book]) -> list[Standing]:
    """The books on three days: what stands then, and the claims."""
    found: list[Standing] = []
    for book in drawn_books:
        for as_of in DAYS:
            documents, live = settled(book, as_of, LATER, POLICY)
            found.append((book, as_of, list(documents.values()), live))
    return found


def both(c: Claim) -> bool:
    """Whether it asks of a source and of an invoice."""
    return c.source is not None and c.invoice is not None


@pytest.mark.parametrize(
    "is_so",
    [
        pytest.param(lambda c: both(c) and c.drawn < c.source_amount and c.cash < c.amount, id="capped"),
        pytest.param(lambda c: c.cash == 0 and c.discount > 0, id="discount without cash"),
        pytest.param(lambda c: c.is_cross_currency and c.cash > 0, id="between currencies"),
        pytest.param(lambda c: c.is_cross_currency and 0 < c.drawn < c.source_amount, id="capped between currencies"),
        pytest.param(lambda c: c.invoice and c.invoice.is_paid_before_invoiced, id="paid before invoiced"),
        pytest.param(lambda c: c.invoice and c.invoice.voided_on is not None, id="to be voided"),
        pytest.param(lambda c: c.source and c.source.entity_id != DEFAULT_ENTITY, id="of another entity"),
        pytest.param(lambda c: both(c) and c.source.reversed > 0, id="of a reversed payment"),
        pytest.param(
            lambda c: both(c) and 0 < c.source.reversed < c.source.amount and 0 < c.drawn < c.source_amount,
            id="short by a reversal of a part",
        ),
        pytest.param(lambda c: c.kind == "refunded" and 0 < c.drawn < c.source_amount, id="refund capped"),
        pytest.param(lambda c: c.written_off > 0, id="invoice written off"),
        pytest.param(lambda c: 0 < c.written_off < c.amount - c.recovered, id="write-off capped"),
        pytest.param(lambda c: c.kind == "written_off" and c.drawn > 0, id="credit balance written off"),
        pytest.param(lambda c: c.written_off > 0 and c.reinstated > 0, id="recovered in part"),
        pytest.param(lambda c: both(c) and c.claim_id.endswith("-R") and c.cash > 0, id="recovery settled by cash"),
        pytest.param(lambda c: c.is_before_history and c.drawn > 0, id="before history"),
        pytest.param(lambda c: both(c) and c.instalment and c.cash > 0, id="linked to an instalment by name"),
    ],
)
def test_books_reach_a_claim(is_so: Callable[[Claim], bool], standings):
    assert any(is_so(claim) for _, _, _, live in standings for claim in live)


@pytest.mark.parametrize("side", ["source", "invoice"])
def test_books_reach_many_claims_on_one_document(side, standings):
    def holds(live: list[Claim]) -> bool:
        keys = [getattr(claim, side).key for claim in live if both(claim)]
        return len(set(keys)) + 1 < len(keys)

    assert any(holds(live) for _, _, _, live in standings)


@pytest.mark.parametrize(
    "is_so",
    [
        pytest.param(lambda d: 0 < d.reopened == d.settled < d.amount, id="reopened, all that was settled"),
        pytest.param(lambda d: d.reopened > 0 and d.settled == d.room, id="reopened, settled to the end"),
        pytest.param(lambda d: d.settled >= d.amount and d.reopened > 0, id="settled, then reopened"),
        pytest.param(lambda d: 0 < d.reversed < d.amount and d.settled == d.capacity, id="reversed in part, all used"),
    ],
)
def test_books_reach_a_document(is_so: Callable[[Document], bool], standings):
    assert any(is_so(document) for _, _, documents, _ in standings for document in documents)


@pytest.mark.parametrize(
    "is_so",
    [
        pytest.param(lambda names: "" in names and len(names) > 1, id="with a rest"),
        pytest.param(lambda names: {"1", "2"} <= names, id="two"),
    ],
)
def test_books_reach_an_invoice_in_instalments(is_so: Callable[[set[str]], bool], standings):
    by_invoice: dict[tuple, set[str]] = {}
    for place, (book, as_of, _, _) in enumerate(standings):
        for item in open_items(book, as_of, LATER, POLICY):
            key = (place, item["entity_id"], item["document_type"], item["document_id"])
            by_invoice.setdefault(key, set()).add(item["instalment"])
    assert any(map(is_so, by_invoice.values()))
