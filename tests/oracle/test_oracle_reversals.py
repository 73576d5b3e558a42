"""Payments taken back, refunds, and cash for invoices before history, computed by hand.

Belongs here: examples of what a source can still give: reversals, refunds from it, applications to invoices that
nobody knows; and refunds that reopen an invoice. Does not: write-offs and recoveries (test_oracle_write_offs.py).
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.oracle.ledger import Book, OraclePolicy, open_items
from tests.oracle.tables import LATER, book, day

POLICY = OraclePolicy()

TWO_INVOICES = """
    invoice_id | invoice_date | amount
    I1         | 01-01        | 100.00
    I2         | 01-01        | 100.00
    """
P1_OF_150 = """
    payment_id | payment_date | posting_date | amount
    P1         | 01-08        | 01-10        | 150.00
    """
BOTH_PAID = """
    application_id | source_id | invoice_id | applied_on | amount
    A1             | P1        | I1         | 01-10      | 100.00
    A2             | P1        | I2         | 01-11      | 50.00
    """


def open_on(given: Book, as_of: str, policy: OraclePolicy = POLICY) -> dict[str, Decimal]:
    """document id -> what is open."""
    return {i["document_id"]: i["open_amount"] for i in open_items(given, day(as_of), LATER, policy)}


@pytest.mark.parametrize(
    ("as_of", "open_amounts"),
    [
        ("01-19", {"I2": 50}),
        ("01-20", {"I1": 100, "I2": 100}),  # nothing is open of the payment, all of which is gone
        ("02-04", {"I1": 100, "I2": 100}),
        ("02-05", {"I2": 50}),
    ],
)
def test_a_reversal_takes_all_of_a_payment_back_until_it_is_undone(as_of, open_amounts):
    given = book(
        invoices=TWO_INVOICES,
        payments=P1_OF_150,
        applications=BOTH_PAID,
        payment_reversals="""
        reversal_id | payment_id | reversed_on | amount | undone_on
        V1          | P1         | 01-20       |        | 02-05
        """,
    )
    assert open_on(given, as_of) == open_amounts


@pytest.mark.parametrize(
    ("amounts", "i1", "i2"),
    [
        (("30.00", "1.00"), 0, 81),  # 119 are left: A1 has 100 of them, and A2 the last 19
        (("60.00", "1.00"), 11, 100),  # 89 are left, all for A1
        (("100.00", "70.00"), 100, 100),  # 150 of 170 count
    ],
)
def test_reversals_of_a_part_cut_the_last_claims_first_and_never_more_than_the_payment(amounts, i1, i2):
    given = book(
        invoices=TWO_INVOICES,
        payments=P1_OF_150,
        applications=BOTH_PAID,
        payment_reversals=f"""
        reversal_id | payment_id | reversed_on | amount
        V2          | P1         | 01-20       | {amounts[0]}
        V1          | P1         | 01-21       | {amounts[1]}
        """,
    )
    left = open_on(given, "01-31")
    assert (left.get("I1", 0), left["I2"], left.get("P1", 0)) == (i1, i2, 0)


@pytest.mark.parametrize(
    ("reversal", "as_of", "left"),
    [
        ("P1 | 01-05 | 40.00 |      ", "01-09", None),  # before the payment is posted there is none
        ("P1 | 01-05 | 40.00 |      ", "01-10", -110),
        ("P1 | 01-05 | 40.00 | 01-09", "01-10", -150),  # undone before it could count
        ("P1 | 01-20 | 40.00 | 01-20", "01-20", -150),  # undone on its day
        ("P9 | 01-20 | 40.00 |      ", "01-20", -150),
        ("P1 | 01-20 | 200.0 |      ", "01-20", None),
    ],
)
def test_a_reversal_counts_from_the_posting_of_its_payment_on(reversal, as_of, left):
    given = book(
        payments=P1_OF_150,
        payment_reversals=f"""
        reversal_id | payment_id | reversed_on | amount | undone_on
        V1          | {reversal}
        """,
    )
    assert open_on(given, as_of).get("P1") == left


def test_a_reversal_is_of_a_payment_of_its_entity_and_leaves_later_documents_alone():
    given = book(
        invoices=TWO_INVOICES,
        payments=P1_OF_150,
        credit_memos="""
        credit_memo_id | credit_date | amount
        C1             | 01-10       | 20.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | discount_amount
        A1             | P1        | I1         | 01-10      | 95.00  | 5.00
        """,
        payment_reversals="""
        entity_id | reversal_id | payment_id | reversed_on
                  | V1          | P1         | 01-20
                  | V2          | C1         | 01-20
        east      | V3          | P1         | 01-12
        """,
    )
    assert open_on(given, "01-19") == {"I2": 100, "P1": -55, "C1": -20}
    assert open_on(given, "01-20") == {"I1": 100, "I2": 100, "C1": -20}


@pytest.mark.parametrize(
    ("as_of", "open_amounts"),
    [
        ("01-14", {"I1": 100, "I2": 100, "P1": -150, "C1": -30}),
        ("01-15", {"I1": 100, "I2": 100, "P1": -90, "C1": -30}),
        ("01-18", {"I1": 100, "I2": 100, "P1": -90}),  # the whole credit, of which more was asked
        ("01-20", {"I1": 10, "I2": 100}),  # what the refund left is 90
        ("01-25", {"I1": 10, "I2": 100}),  # the credit is void, and its refund with it
    ],
)
def test_a_refund_draws_on_what_is_left_of_its_source_in_order(as_of, open_amounts):
    given = book(
        invoices=TWO_INVOICES,
        payments=P1_OF_150,
        credit_memos="""
        credit_memo_id | credit_date | amount | voided_on
        C1             | 01-10       | 30.00  | 01-25
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-20      | 100.00
        """,
        refunds="""
        refund_id | source_id | refunded_on | posting_date | amount
        R1        | P1        | 01-12       | 01-15        | 60.00
        R2        | C1        | 01-18       |              | 40.00
        R3        | P9        | 01-18       |              | 40.00
        """,
    )
    assert open_on(given, as_of) == open_amounts


def test_on_one_day_applications_draw_before_refunds_and_refunds_before_write_offs():
    given = book(
        invoices=TWO_INVOICES,
        payments=P1_OF_150,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        Z              | P1        | I1         | 01-10      | 90.00
        """,
        refunds="""
        refund_id | source_id | refunded_on | amount
        M         | P1        | 01-10       | 50.00
        """,
        write_offs="""
        write_off_id | source_id | written_off_on | amount | reversed_on
        A            | P1        | 01-10          | 50.00  |
        """,
    )
    assert open_on(given, "01-10") == {"I1": 10, "I2": 100}
    without = given | {"applications": []}
    assert open_on(without, "01-10") == {"I1": 100, "I2": 100, "P1": -50}


REOPENED = book(
    invoices=TWO_INVOICES,
    payments=P1_OF_150,
    applications="""
    application_id | source_id | invoice_id | applied_on | amount | unapplied_on
    A1             | P1        | I1         | 01-10      | 100.00 | 03-10
    """,
    refunds="""
    refund_id | source_id | refunded_on | amount | reopens_invoice_id
    R1        | P1        | 01-20       | 30.00  | I1
    R2        | P1        | 01-25       | 90.00  | I1
    R3        | P1        | 01-20       | 30.00  | I2
    R4        | P9        | 01-15       | 30.00  | I1
    R5        | P1        | 01-15       | 30.00  | I9
    """,
)


@pytest.mark.parametrize(
    ("as_of", "open_amounts"),
    [
        ("01-19", {"I2": 100, "P1": -50}),  # R4 and R5 have but one side, and count on neither
        ("01-20", {"I1": 30, "I2": 100, "P1": -50}),  # nothing was settled of I2: nothing to reopen
        ("01-25", {"I1": 100, "I2": 100, "P1": -50}),  # R2 reopens the other 70
        ("03-10", {"I1": 100, "I2": 100, "P1": -150}),
    ],
)
def test_a_reopening_puts_back_what_was_settled_and_takes_nothing_from_its_source(as_of, open_amounts):
    assert open_on(REOPENED, as_of) == open_amounts


@pytest.mark.parametrize(("as_of", "i1", "p1"), [("01-19", 0, -100), ("01-20", 0, -70), ("02-10", 0, -100)])
def test_a_reopening_makes_room_for_what_more_was_asked(as_of, i1, p1):
    given = book(
        invoices=TWO_INVOICES,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 200.00
        """,
        credit_memos="""
        credit_memo_id | credit_date | amount | voided_on
        C1             | 01-10       | 1.00   | 02-10
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-10      | 180.00
        """,
        refunds="""
        refund_id | source_id | refunded_on | amount | reopens_invoice_id
        R1        | C1        | 01-20       | 30.00  | I1
        """,
    )
    assert (open_on(given, as_of).get("I1", 0), open_on(given, as_of)["P1"]) == (i1, p1)


def test_a_reopening_between_currencies_does_not_count():
    given = book(
        invoices=TWO_INVOICES,
        payments="""
        payment_id | payment_date | amount | currency
        P1         | 01-10        | 50.00  | USD
        E1         | 01-10        | 50.00  | EUR
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-10      | 50.00
        """,
        refunds="""
        refund_id | source_id | refunded_on | amount | reopens_invoice_id
        R1        | E1        | 01-20       | 30.00  | I1
        """,
    )
    assert open_on(given, "01-20") == {"I1": 50, "I2": 100, "E1": -50}


@pytest.mark.parametrize(
    ("history_starts_on", "as_of", "left"),
    [
        (None, "03-01", {"P1": -150, "C1": -80}),
        ("01-01", "01-09", {}),
        ("01-01", "01-10", {"P1": -90, "C1": -80}),  # A1 asks from the payment's posting, in the source's currency
        ("01-01", "01-15", {"P1": -90, "C1": -10}),  # A2's amount, for it does not say how much of the source's
        ("01-01", "02-01", {"P1": -150, "C1": -10}),  # A1 is unapplied
    ],
)
def test_with_a_start_of_history_cash_for_unknown_invoices_is_consumed(history_starts_on, as_of, left):
    given = book(
        invoices="""
        invoice_id | invoice_date | amount | status
        I1         | 01-01        | 100.00 | draft
        """,
        payments=P1_OF_150,
        credit_memos="""
        credit_memo_id | credit_date | amount
        C1             | 01-10       | 80.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | source_amount | discount_amount | unapplied_on
        A1             | P1        | I7         | 01-05      | 70.00  | 60.00         | 5.00            | 02-01
        A2             | C1        | I8         | 01-15      | 70.00  |               |                 |
        A3             | P1        | I1         | 01-10      | 10.00  |               |                 |
        A4             | P9        | I9         | 01-10      | 10.00  |               |                 |
        """,
    )
    policy = replace(POLICY, history_starts_on=history_starts_on and day(history_starts_on))
    assert open_on(given, as_of, policy) == left
