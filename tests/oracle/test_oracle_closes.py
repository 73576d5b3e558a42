"""Closed periods and the general ledger, computed by hand.

Belongs here: examples of what the oracle says of them. Does not: that the SQL says the same (tests/properties).
"""

from datetime import datetime
from decimal import Decimal

from tests.oracle.closes import gl_comparison, restatements, tie_out
from tests.oracle.foreign import Worth
from tests.oracle.ledger import OraclePolicy
from tests.oracle.tables import LATER, book, day

POLICY = OraclePolicy()
CLOSED = """
period_id | period_start | period_end | closed_on
P1        | 01-01        | 01-31      | 02-05
"""


def test_what_changed_since_the_close_is_told_with_its_cause_and_its_moment():
    restated = restatements(
        book(
            fiscal_periods=CLOSED,
            invoices="""
            invoice_id | invoice_date | amount | known_from | known_to
            I1         | 01-10        | 100.00 | 02-01      | 02-10
            I1         | 01-10        | 110.00 | 02-10      | 12-31
            I2         | 01-11        | 40.00  | 02-01      | 02-12
            I3         | 01-12        | 30.00  | 02-01      | 12-31
            I4         | 01-13        | 20.00  | 02-01      | 12-31
            I5         | 01-31        | 5.00   | 02-06      | 12-31
            I6         | 02-01        | 6.00   | 02-06      | 12-31
            I7         | 01-14        | 7.00   | 02-01      | 02-10
            I7         | 01-14        | 8.00   | 02-10      | 02-12
            """,
            payments="payment_id | payment_date | amount | known_from\nP1 | 01-30 | 30.00 | 02-11",
            applications="""
            application_id | source_id | invoice_id | applied_on | amount | known_from
            A1             | P1        | I3         | 01-30      | 30.00  | 02-11
            """,
        ),
        day("02-28"),
        datetime(2026, 2, 20),
        POLICY,
    )
    found = {key[-1]: tuple(row.values()) for key, row in restated.items()}
    assert found == {
        "I1": (100, 110, "corrected", datetime(2026, 2, 10)),
        "I2": (40, 0, "deleted", datetime(2026, 2, 12)),
        "I3": (30, 0, "settled_otherwise", datetime(2026, 2, 11)),
        "I5": (0, 5, "late", datetime(2026, 2, 6)),
        "I7": (7, 0, "deleted", datetime(2026, 2, 12)),
    }


def test_a_close_counts_from_the_day_after_it_and_only_where_something_was_known_by_it():
    late = book(
        fiscal_periods=CLOSED,
        invoices="invoice_id | invoice_date | amount | known_from\nI1 | 01-10 | 100.00 | 02-06",
    )
    assert restatements(late, day("02-28"), LATER, POLICY) == {}
    more = "I2 | 01-10 | 1.00 | 02-01"
    known = book(
        fiscal_periods=CLOSED,
        invoices=f"invoice_id | invoice_date | amount | known_from\nI1 | 01-10 | 100.00 | 02-06\n{more}",
    )
    assert restatements(known, day("02-28"), datetime(2026, 2, 5, 23), POLICY) == {}
    assert [key[-1] for key in restatements(known, day("02-28"), datetime(2026, 2, 6), POLICY)] == ["I1"]


def test_a_document_counts_with_its_account_and_entries_explain_what_differs():
    told = book(
        invoices="""
        invoice_id | invoice_date | amount | ar_account
        I1         | 01-10        | 100.00 | 1200
        I2         | 01-11        | 40.00  | 1210
        I3         | 02-10        | 7.00   | 1200
        I4         | 01-10        | 1.00   |
        """,
        payments="payment_id | payment_date | amount\nP1 | 01-20 | 15.00",
        gl_balances="""
        entity_id | period_end | account | account_kind | balance
        main      | 01-31      | 1200    | receivable   | 103.50
        main      | 01-31      | 1290    | unapplied    | -15.00
        main      | 01-31      | 1300    | allowance    | -9.00
        """,
        gl_entries="""
        entity_id | account | posting_date | amount | class
        main      | 1200    | 01-30        | 2.50   |
        main      | 1200    | 02-02        | -2.50  | timing
        """,
    )
    worth = Worth(told, day("02-28"), LATER, POLICY, None, None)
    found = {key[2]: (total.exact, balance) for key, (total, balance) in gl_comparison(worth).items()}
    assert found == {"1200": (101, 103.5), "1290": (-15, -15), "": (40, 0)}
    key = ("main", day("01-31"), "1200", "USD", "document")
    lines = tie_out(worth, key, Decimal(101), found["1200"][1])
    assert lines == {"manual": (2.5, True), "total": (2.5, True), "unexplained": (0, True)}
