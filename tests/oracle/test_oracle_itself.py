"""What is open, computed by hand: posting, voids, two times, applications and their two caps.

Belongs here: examples that anchor the oracle's open amounts. Does not: ageing, DSO, drawn books.
"""

from datetime import datetime

import pytest

from tests.oracle.ledger import OraclePolicy, open_items
from tests.oracle.tables import LATER, book, day, expect

POLICY = OraclePolicy()


def open_on(given: dict, as_of: str, known_at: datetime = LATER) -> list[dict]:
    """The open items of a book under the default policy."""
    return open_items(given, day(as_of), known_at, POLICY)


@pytest.mark.parametrize(
    ("as_of", "open_ids"),
    [
        ("01-09", ""),
        ("01-10", "I1"),
        ("01-14", "I1"),
        ("01-15", "I1 I2"),
        ("01-19", "I1 I2"),
        ("01-20", "I1 I2 P1"),
    ],
)
def test_a_document_is_open_from_its_posting_date_inclusive(as_of, open_ids):
    given = book(
        invoices="""
        invoice_id | invoice_date | posting_date | amount | status
        I1         | 01-10        |              | 100.00 | posted
        I2         | 01-12        | 01-15        | 100.00 |
        I3         | 01-10        |              | 100.00 | draft
        """,
        payments="""
        payment_id | payment_date | posting_date | amount | status
        P1         | 01-05        | 01-20        | 40.00  | posted
        P2         | 01-05        |              | 40.00  | pending
        P3         | 01-05        |              | 40.00  | failed
        """,
        credit_memos="""
        credit_memo_id | credit_date | amount | status
        C1             | 01-05       | 40.00  | draft
        """,
    )
    assert " ".join(sorted(item["document_id"] for item in open_on(given, as_of))) == open_ids


def test_debits_are_positive_and_credits_negative():
    given = book(
        invoices="""
        invoice_id | document_type | invoice_date | amount
        I1         |               | 01-10        | 100.00
        I2         | debit_memo    | 01-10        | 20.00
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 40.00
        """,
        credit_memos="""
        credit_memo_id | credit_date | amount
        C1             | 01-10       | 5.50
        """,
    )
    expect(
        open_on(given, "01-31"),
        """
        entity_id | document_id | document_type | original_amount | open_amount
        main      | I1          | invoice       | 100.00          | 100.00
        main      | I2          | debit_memo    | 20.00           | 20.00
        main      | P1          | payment       | -40.00          | -40.00
        main      | C1          | credit_memo   | -5.50           | -5.50
        """,
    )


@pytest.mark.parametrize(
    ("as_of", "open_amounts"),
    [("01-19", {"I1": 60}), ("01-20", {"P1": -40}), ("01-31", {"P1": -40})],
)
def test_a_void_ends_the_document_and_gives_its_cash_back_on_that_day(as_of, open_amounts):
    given = book(
        invoices="""
        invoice_id | invoice_date | amount | status | voided_on
        I1         | 01-10        | 100.00 | void   | 01-20
        I2         | 01-10        | 100.00 | void   |
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-12        | 40.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-12      | 40.00
        """,
    )
    assert {i["document_id"]: i["open_amount"] for i in open_on(given, as_of)} == open_amounts


def test_what_was_known_is_half_open_and_a_deletion_is_not_known():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount | known_from | known_to
        I1         | 01-10        | 100.00 | 02-01      | 03-01
        I1         | 01-10        | 90.00  | 03-01      | 04-01
        """
    )
    asked = [datetime(2026, 1, 31), datetime(2026, 2, 1), datetime(2026, 3, 1), datetime(2026, 4, 1)]
    amounts = [[i["open_amount"] for i in open_on(given, "01-31", known_at)] for known_at in asked]
    assert amounts == [[], [100], [90], []]


@pytest.mark.parametrize(
    ("as_of", "open_amounts"),
    [
        ("01-13", {"I2": 100, "I3": 100, "P1": -60}),
        ("01-14", {"I1": 70, "I2": 100, "I3": 100, "P1": -30}),
        ("01-16", {"I1": 70, "I2": 100, "I3": 100, "P1": -30}),
        ("01-17", {"I1": 70, "I2": 70, "I3": 100, "P1": -30, "P2": -30}),
        ("01-19", {"I1": 70, "I2": 70, "I3": 100, "P1": -30, "P2": -30}),
        ("01-20", {"I1": 70, "I2": 70, "I3": 70, "P2": -30}),
    ],
)
def test_an_application_counts_from_the_latest_of_three_dates(as_of, open_amounts):
    given = book(
        invoices="""
        invoice_id | invoice_date | posting_date | amount
        I1         | 01-01        | 01-14        | 100.00
        I2         | 01-01        |              | 100.00
        I3         | 01-01        |              | 100.00
        """,
        payments="""
        payment_id | payment_date | posting_date | amount
        P1         | 01-02        |              | 60.00
        P2         | 01-02        | 01-17        | 60.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-05      | 30.00
        A2             | P2        | I2         | 01-05      | 30.00
        A3             | P1        | I3         | 01-20      | 30.00
        """,
    )
    assert {i["document_id"]: i["open_amount"] for i in open_on(given, as_of)} == open_amounts


@pytest.mark.parametrize(("as_of", "i1", "i2"), [("01-24", 40, 80), ("01-25", 100, 40)])
def test_unapplied_cash_is_back_on_that_day_and_flows_to_the_next_application(as_of, i1, i2):
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        I2         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 80.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | unapplied_on
        A1             | P1        | I1         | 01-10      | 60.00  | 01-25
        A2             | P1        | I2         | 01-12      | 60.00  |
        """,
    )
    amounts = {i["document_id"]: i["open_amount"] for i in open_on(given, as_of)}
    assert (amounts["I1"], amounts["I2"]) == (i1, i2)


def test_with_either_side_missing_the_cash_stays_unapplied():
    given = book(
        invoices="""
        entity_id | invoice_id | invoice_date | amount | status
        main      | I1         | 01-01        | 100.00 |
        east      | I1         | 01-01        | 100.00 |
                  | I2         | 01-01        | 100.00 | draft
        """,
        payments="""
        entity_id | payment_id | payment_date | amount | status
                  | P1         | 01-10        | 80.00  |
        main      | P2         | 01-10        | 80.00  | pending
        """,
        applications="""
        entity_id | application_id | source_id | invoice_id | applied_on | amount
                  | A1             | P1        | I1         | 01-10      | 10.00
        east      | A2             | P1        | I1         | 01-10      | 10.00
        main      | A3             | P1        | I2         | 01-10      | 10.00
        main      | A4             | P2        | I1         | 01-10      | 10.00
        main      | A5             | P1        | I9         | 01-10      | 10.00
        main      | A6             | P9        | I1         | 01-10      | 10.00
        """,
    )
    expect(
        open_on(given, "01-31"),
        """
        entity_id | document_id | open_amount
        main      | I1          | 90.00
        east      | I1          | 100.00
        main      | P1          | -70.00
        """,
    )


def test_discount_and_withheld_settle_the_invoice_without_the_source():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        I2         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 95.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | discount_amount | withheld_amount
        A1             | P1        | I1         | 01-10      | 95.00  | 2.00            | 3.00
        A2             | P1        | I2         | 01-11      | 50.00  | 1.50            |
        """,
    )
    # A2 finds its source exhausted: no cash, but its discount stands.
    expect(
        open_on(given, "01-31"),
        """
        document_id | open_amount
        I2          | 98.50
        """,
    )


def test_first_cap_a_source_gives_what_is_left_in_order_of_date_then_id():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        I2         | 01-01        | 100.00
        I3         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 100.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A3             | P1        | I1         | 01-11      | 30.00
        A2             | P1        | I2         | 01-12      | 60.00
        A1             | P1        | I3         | 01-12      | 25.00
        """,
    )
    # A3 30, then A1 25 before A2 of the same day, which gets the last 45 of its 60.
    expect(
        open_on(given, "01-31"),
        """
        document_id | open_amount
        I1          | 70.00
        I2          | 55.00
        I3          | 75.00
        """,
    )
