"""The drawn books reach what is worth pursuing: promises, disputes, credits and every metric.

Belongs here: each state that a book must be able to have, and that it is found among some hundreds. Does not: what
settles what (test_oracle_reach.py), what is true of such a book.
"""

from collections.abc import Callable
from itertools import product

import pytest

from tests.oracle.disputes import dispute_states
from tests.oracle.ledger import Book, OraclePolicy
from tests.oracle.metrics import collection_metrics
from tests.oracle.payers import credit_balances
from tests.oracle.promises import promise_states
from tests.oracle.tables import LATER, day

POLICY = OraclePolicy()
DAYS = (day("2024-03-20"), day("2024-05-15"))
Pursued = dict[str, list[dict]]


@pytest.fixture(scope="module")
def pursued(drawn_books: list[Book]) -> Pursued:
    """The books on two days: their promises, disputes and credits."""
    found: Pursued = {"promises": [], "disputes": [], "credits": []}
    for book, as_of in product(drawn_books, DAYS):
        asked = (book, as_of, LATER, POLICY)
        about = {row["promise_id"]: row["invoice_id"] for row in book["promises"]}
        for key, row in promise_states(*asked).items():
            found["promises"].append(row | {"about": about[key[1]]})
        found["disputes"] += dispute_states(*asked).values()
        found["credits"] += credit_balances(*asked).values()
    return found


@pytest.mark.parametrize(
    "is_so",
    [
        pytest.param(lambda p: p["state"] == "withdrawn", id="withdrawn"),
        pytest.param(lambda p: p["state"] == "open" and p["kept_amount"] == 0, id="open"),
        pytest.param(lambda p: p["state"] == "kept" and p["slip_days"] < 0, id="kept early"),
        pytest.param(lambda p: p["state"] == "kept" and p["about"] is None, id="kept by receipts of the account"),
        pytest.param(lambda p: p["state"] == "broken", id="broken"),
    ],
)
def test_books_reach_a_promise(is_so: Callable[[dict], bool], pursued):
    assert any(map(is_so, pursued["promises"]))


@pytest.mark.parametrize(
    "is_so",
    [
        pytest.param(lambda d: d["is_open"] and d["blocked_amount"] == d["disputed_amount"] > 0, id="blocks all"),
        pytest.param(lambda d: 0 < d["blocked_amount"] < d["disputed_amount"], id="blocks what is left"),
        pytest.param(lambda d: d["is_open"] and d["blocked_amount"] == 0 and d["currency"], id="blocks nothing"),
        pytest.param(lambda d: not d["currency"], id="of an invoice that is not in the book"),
        pytest.param(lambda d: d["resolution_days"] and d["credited_amount"], id="resolved, credited"),
        pytest.param(lambda d: d["resolution_days"] and d["credited_amount"] is None, id="resolved without a word"),
    ],
)
def test_books_reach_a_dispute(is_so: Callable[[dict], bool], pursued):
    assert any(map(is_so, pursued["disputes"]))


@pytest.mark.parametrize(
    "is_so",
    [
        pytest.param(lambda c: c["refund_state"] == "partly_refunded", id="refunded in part"),
        pytest.param(lambda c: c["is_refund_due"] and c["candidate_amount"] == 0, id="due, nothing is owed"),
        pytest.param(lambda c: 0 < c["refund_due_amount"] < -c["open_amount"], id="due in part"),
        pytest.param(lambda c: not c["is_refund_due"], id="could be applied"),
    ],
)
def test_books_reach_a_credit(is_so: Callable[[dict], bool], pursued):
    assert any(map(is_so, pursued["credits"]))


def test_books_reach_every_metric_at_every_level(drawn_books):
    rows = [row for book in drawn_books[:150] for row in collection_metrics(book, DAYS[1], LATER, POLICY).items()]
    assert len({key[-1] for key, row in rows if row["value"]}) == 13
    left_out = {key[-1] for key, row in rows if row["excluded_amount"]}
    assert left_out >= {"cei", "turnover", "percent_current", "unapplied_share", "dbt_open", "dbt_all"}
    assert {key[0] for key, _ in rows} == {"entity", "segment", "collector"}
    assert any(row["value"] is None for _, row in rows)
