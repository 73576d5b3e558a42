"""After a close: one late fact of each kind, each of its own document, so that each shows what it changes and nothing else."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.closes import approve_close, verify_close
from tests.small_books import SmallBook

MARCH = date(2026, 3, 31)
POLICY = """
allowance:
  method: given
  given_rates: [{pool: all, aging_bucket: current, rate: 0.02}, {pool: all, aging_bucket: 1-30, rate: 0.05}]
"""
PAID = ("bounced", "refunded", "unapplied")
OPEN = (
    "paid",
    "credited",
    "lost",
    "void",
    "amount",
    "due",
    "parts",
    "bankrupt",
    "event",
    "related",
    "disputed",
    "promised",
)


def invoices(
    *names: str, day: str = "2026-03-01", due: str = "2026-04-15", amount: str = "100.00", more: str = "."
) -> str:
    """Invoices of 100, each of a customer of its own name."""
    header = "| invoice_id | customer_id | invoice_date | due_date | currency | amount | voided_on |\n"
    return header + "".join(f"| {name} | C-{name} | {day} | {due} | USD | {amount} | {more} |\n" for name in names)


def payments(amount: str, *names: str) -> str:
    """A payment for each, in the middle of March."""
    header = "| payment_id | customer_id | payment_date | currency | amount |\n"
    return header + "".join(f"| P-{name} | C-{name} | 2026-03-16 | USD | {amount} |\n" for name in names)


def applications(amount: str, *names: str, source: str = "P", undone: str = ".") -> str:
    """Of each payment, or credit memo, to its invoice."""
    header = "| application_id | source_id | invoice_id | applied_on | amount | unapplied_on |\n"
    rows = (f"| X-{name} | {source}-{name} | {name} | 2026-03-16 | {amount} | {undone} |\n" for name in names)
    return header + "".join(rows)


LATE = {
    "payments_late": payments("40.00", "paid"),
    "applications_paid": applications("40.00", "paid"),
    "credit_memos_late": """
    | credit_memo_id | customer_id | credit_date | currency | amount |
    | M-credited     | C-credited  | 2026-03-16  | USD      | 30.00  |
    | M-apart        | C-apart     | 2026-03-16  | USD      | 7.00   |
    """,
    "applications_credited": applications("30.00", "credited", source="M"),
    "write_offs_late": """
    | write_off_id | invoice_id | written_off_on | amount | reason |
    | W1           | lost       | 2026-03-20     | 100.00 | credit |
    """,
    "invoices_void": invoices("void", more="2026-03-25"),
    "invoices_amount": invoices("amount", amount="150.00"),
    "invoices_due": invoices("due", due="2026-03-11"),
    "invoices_new": invoices("new", day="2026-03-20"),
    "instalments_late": """
    | invoice_id | instalment | due_date   | amount |
    | parts      | 1          | 2026-03-11 | 60.00  |
    | parts      | 2          | 2026-04-15 | 40.00  |
    """,
    "customers_late": """
    | customer_id | valid_from | status   | related_party |
    | C-bankrupt  | 2026-03-10 | bankrupt | false         |
    | C-related   | 2026-03-10 | active   | true          |
    """,
    "specific_events_late": """
    | event_id | customer_id | kind       | event_date | expected_loss_rate |
    | E1       | C-event     | litigation | 2026-03-12 | 0.6                |
    """,
    "payment_reversals_late": "| reversal_id | payment_id | reversed_on |\n| V1 | P-bounced | 2026-03-25 |",
    "refunds_late": """
    | refund_id | source_id  | refunded_on | amount | reopens_invoice_id |
    | F1        | P-refunded | 2026-03-25  | 30.00  | refunded           |
    """,
    "applications_undone": applications("100.00", "unapplied", undone="2026-03-25"),
    "disputes_late": "| dispute_id | invoice_id | reason | opened_on | amount |\n| D1 | disputed | pricing | 2026-03-20 | 50 |",
    "promises_late": """
    | promise_id | customer_id | made_on    | promised_date | amount | currency |
    | Q1         | C-promised  | 2026-03-20 | 2026-04-20    | 100.00 | USD      |
    """,
}


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallBook, dict[Path, bytes]]:
    """March closed and approved, then run again knowing the late facts; and the bytes of the close before that."""
    book = SmallBook(tmp_path_factory.mktemp("late"), policy=POLICY)
    book.put(
        invoices=invoices(*OPEN, *PAID),
        payments=payments("100.00", *PAID),
        applications=applications("100.00", *PAID),
    )
    book.run("2026-03-31", recorded_at="2026-04-01T06:00:00")
    approve_close(book.home(recorded_at="2026-04-02T09:00:00"), MARCH, "Ada", "Ben")
    frozen = {path: path.read_bytes() for path in (book.home().root / "approved").rglob("*") if path.is_file()}
    book.put(**LATE)
    book.run("2026-03-31", recorded_at="2026-05-20T06:00:00")
    return book, frozen


def test_no_late_fact_changes_a_frozen_byte(late: tuple[SmallBook, dict[Path, bytes]]) -> None:
    book, frozen = late
    found = {path: path.read_bytes() for path in (book.home().root / "approved").rglob("*") if path.is_file()}
    assert found == frozen
    assert verify_close(book.home(), MARCH) == []


def test_every_late_fact_that_touches_the_allowance_is_in_the_restatement(
    late: tuple[SmallBook, dict[Path, bytes]],
) -> None:
    """100 of each at 2 %, or 5 % where it is late after all; a dispute and a promise move nothing that is set aside."""
    book, _ = late
    book.expect(
        "marts.allowance_restatements",
        """
        | document_id | instalment | cause     | exposure_at_close | exposure_now | allowance_at_close | allowance_now |
        | paid        | .          | exposure  | 100.00            | 60.00        | 2.00               | 1.20          |
        | credited    | .          | exposure  | 100.00            | 70.00        | 2.00               | 1.40          |
        | M-apart     | .          | new       | 0.00              | -7.00        | 0.00               | 0.00          |
        | lost        | .          | gone      | 100.00            | 0.00         | 2.00               | 0.00          |
        | void        | .          | gone      | 100.00            | 0.00         | 2.00               | 0.00          |
        | amount      | .          | exposure  | 100.00            | 150.00       | 2.00               | 3.00          |
        | due         | .          | treatment | 100.00            | 100.00       | 2.00               | 5.00          |
        | new         | .          | new       | 0.00              | 100.00       | 0.00               | 2.00          |
        | parts       | .          | gone      | 100.00            | 0.00         | 2.00               | 0.00          |
        | parts       | 1          | new       | 0.00              | 60.00        | 0.00               | 3.00          |
        | parts       | 2          | new       | 0.00              | 40.00        | 0.00               | 0.80          |
        | bankrupt    | .          | treatment | 100.00            | 100.00       | 2.00               | 90.00         |
        | event       | .          | treatment | 100.00            | 100.00       | 2.00               | 60.00         |
        | related     | .          | treatment | 100.00            | 100.00       | 2.00               | 0.00          |
        | bounced     | .          | new       | 0.00              | 100.00       | 0.00               | 2.00          |
        | refunded    | .          | new       | 0.00              | 30.00        | 0.00               | 0.60          |
        | unapplied   | .          | new       | 0.00              | 100.00       | 0.00               | 2.00          |
        | P-unapplied | .          | new       | 0.00              | -100.00      | 0.00               | 0.00          |
        """,
    )


def test_the_restatement_adds_up_to_what_the_close_would_be_now(late: tuple[SmallBook, dict[Path, bytes]]) -> None:
    book, _ = late
    (change,) = book.rows("select sum(change) from marts.allowance_restatements")[0]
    (now,) = book.rows("select sum(allowance) from allowance.items")[0]
    (then,) = book.rows("select sum(allowance) from allowance.closed_items")[0]
    assert (then, now - then) == (24, change)
