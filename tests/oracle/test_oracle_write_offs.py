"""Write-offs and recoveries, computed by hand.

Belongs here: examples of what a write-off takes off an invoice or a credit balance, and of what a recovery puts back.
Does not: other claims (test_oracle_itself.py, test_oracle_reversals.py), their lines (test_oracle_rollforward.py).
"""

from decimal import Decimal

import pytest

from tests.oracle.ledger import Book, OraclePolicy, dso, open_items
from tests.oracle.tables import LATER, book, day

I1_OF_100 = """
    invoice_id | invoice_date | posting_date | amount
    I1         | 01-01        | 01-03        | 100.00
    """
P1_OF_70 = """
    payment_id | payment_date | posting_date | amount
    P1         | 03-01        | 03-05        | 70.00
    """


def open_on(given: Book, as_of: str) -> dict[str, Decimal]:
    """document id -> what is open."""
    return {i["document_id"]: i["open_amount"] for i in open_items(given, day(as_of), LATER, OraclePolicy())}


@pytest.mark.parametrize(
    ("as_of", "open_amounts"),
    [
        ("01-02", {}),
        ("01-03", {"I1": 90}),  # W1 waits for the invoice
        ("02-03", {"I1": 90}),
        ("02-04", {"I1": 30}),  # W2 from its posting date
        ("02-10", {}),  # W3 asks 50, of which there is room for 30
        ("02-20", {"I1": 40}),  # W2 is reversed: W3 takes all it asks
        ("03-01", {}),
    ],
)
def test_a_write_off_takes_what_is_left_of_the_invoice_until_it_is_reversed_or_the_invoice_void(as_of, open_amounts):
    given = book(
        invoices="""
        invoice_id | invoice_date | posting_date | amount | voided_on
        I1         | 01-01        | 01-03        | 100.00 | 03-01
        """,
        write_offs="""
        write_off_id | invoice_id | source_id | written_off_on | posting_date | amount | reversed_on
        W1           | I1         |           | 01-01          |              | 10.00  |
        W2           | I1         |           | 02-01          | 02-04        | 60.00  | 02-20
        W3           | I1         | P9        | 02-10          |              | 50.00  |
        W4           |            |           | 01-01          |              | 50.00  |
        W5           | I9         |           | 01-01          |              | 50.00  |
        W6           | I1         |           | 02-05          |              | 50.00  | 02-05
        """,
    )
    assert open_on(given, as_of) == open_amounts


@pytest.mark.parametrize(
    ("as_of", "c1"),
    [("01-09", None), ("01-10", -70), ("01-20", None), ("02-01", -10), ("02-10", None)],
)
def test_a_credit_balance_written_off_is_drawn_from_its_source(as_of, c1):
    given = book(
        credit_memos="""
        credit_memo_id | credit_date | amount | voided_on
        C1             | 01-10       | 100.00 | 02-10
        """,
        write_offs="""
        write_off_id | source_id | written_off_on | amount | reversed_on
        W1           | C1        | 01-05          | 30.00  | 02-01
        W2           | C1        | 01-20          | 90.00  |
        """,
    )
    # 30, then 70 of 90; once W1 is reversed W2 has its 90.
    assert open_on(given, as_of).get("C1") == c1


def test_a_row_with_both_sides_is_of_its_invoice():
    given = book(
        invoices=I1_OF_100,
        payments=P1_OF_70,
        write_offs="""
        write_off_id | invoice_id | source_id | written_off_on | amount
        W1           | I1         | P1        | 03-10          | 20.00
        W2           | I9         | P1        | 03-10          | 20.00
        """,
    )
    assert open_on(given, "03-10") == {"I1": 80, "P1": -70}


def test_on_one_day_applications_are_served_before_write_offs_whatever_the_ids():
    given = book(
        invoices=I1_OF_100,
        payments=P1_OF_70,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        Z1             | P1        | I1         | 03-05      | 70.00
        """,
        write_offs="""
        write_off_id | invoice_id | written_off_on | amount
        A1           | I1         | 03-05          | 80.00
        """,
    )
    assert open_on(given, "03-05") == {}
    earlier = given | {"write_offs": [given["write_offs"][0] | {"written_off_on": day("03-04")}]}
    assert open_on(earlier, "03-05") == {"P1": -50}


@pytest.mark.parametrize(
    ("as_of", "i1"),
    [
        ("02-09", 0),
        ("02-10", 25),  # R1, from the effective date of the write-off: 25 of the invoice's stand again
        ("02-20", 80),  # R2: 55 more
        ("02-25", 100),  # R3: 20 of its 90, for 80 + 20 are all that was written off
        ("03-10", 100),  # the write-off is reversed, and its recoveries count no more
    ],
)
def test_a_recovery_without_a_payment_puts_back_as_far_as_written_off(as_of, i1):
    given = book(
        invoices=I1_OF_100,
        write_offs="""
        write_off_id | invoice_id | written_off_on | posting_date | amount | reversed_on
        W1           | I1         | 02-01          |              | 100.00 | 03-10
        """,
        recoveries="""
        recovery_id | write_off_id | payment_id | recovered_on | amount
        R3          | W1           |            | 02-25        | 90.00
        R1          | W1           |            | 02-10        | 25.00
        R2          | W1           | P9         | 02-20        | 55.00
        R4          | W9           |            | 02-05        | 55.00
        """,
    )
    assert open_on(given, as_of).get("I1", 0) == i1


@pytest.mark.parametrize(
    ("as_of", "open_amounts"),
    [
        ("02-28", {}),
        ("03-01", {"I1": 70}),  # recovered; the payment is not posted yet
        ("03-05", {}),  # its cash settles what is back: it counts once
        ("03-20", {"I1": 30}),  # the write-off is reversed; the cash stays
        ("04-01", {"P1": -70}),  # the invoice is void
    ],
)
def test_a_recovery_with_its_payment_settles_what_it_puts_back(as_of, open_amounts):
    given = book(
        invoices="""
        invoice_id | invoice_date | amount | voided_on
        I1         | 01-01        | 100.00 | 04-01
        """,
        payments=P1_OF_70,
        write_offs="""
        write_off_id | invoice_id | written_off_on | amount | reversed_on
        W1           | I1         | 02-01          | 100.00 | 03-20
        """,
        recoveries="""
        recovery_id | write_off_id | payment_id | recovered_on | amount
        R1          | W1           | P1         | 03-01        | 70.00
        """,
    )
    assert open_on(given, as_of) == open_amounts


def test_a_recoverys_payment_that_is_reversed_leaves_the_invoice_open():
    given = book(
        invoices=I1_OF_100,
        payments=P1_OF_70,
        write_offs="""
        write_off_id | invoice_id | written_off_on | amount
        W1           | I1         | 02-01          | 100.00
        """,
        recoveries="""
        recovery_id | write_off_id | payment_id | recovered_on | amount
        R1          | W1           | P1         | 03-01        | 70.00
        """,
        payment_reversals="""
        reversal_id | payment_id | reversed_on
        V1          | P1         | 03-10
        """,
    )
    assert (open_on(given, "03-09"), open_on(given, "03-10")) == ({}, {"I1": 70})


def test_a_recovery_by_another_currency_or_by_a_credit_memo_reinstates_but_does_not_settle():
    given = book(
        invoices=I1_OF_100,
        payments="""
        payment_id | payment_date | currency | amount
        E1         | 03-01        | EUR      | 70.00
        """,
        credit_memos="""
        credit_memo_id | credit_date | amount
        C1             | 03-01       | 20.00
        """,
        write_offs="""
        write_off_id | invoice_id | written_off_on | amount
        W1           | I1         | 02-01          | 100.00
        """,
        recoveries="""
        recovery_id | write_off_id | payment_id | recovered_on | amount
        R1          | W1           | E1         | 03-01        | 70.00
        R2          | W1           | C1         | 03-01        | 10.00
        """,
    )
    assert open_on(given, "03-01") == {"I1": 80, "E1": -70, "C1": -20}


def test_a_recovered_write_off_keeps_its_place_in_the_order():
    given = book(
        invoices=I1_OF_100,
        payments="""
        payment_id | payment_date | amount
        P1         | 02-05        | 80.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 02-05      | 80.00
        """,
        write_offs="""
        write_off_id | invoice_id | written_off_on | amount
        W1           | I1         | 02-01          | 60.00
        """,
        recoveries="""
        recovery_id | write_off_id | recovered_on | amount
        R1          | W1           | 03-01        | 15.00
        """,
    )
    # W1 60 and 40 of A1; then W1 45, still before A1, which has 55.
    assert open_on(given, "02-28") == {"P1": -40}
    assert open_on(given, "03-01") == {"P1": -25}


def test_a_recovery_of_a_credit_balance_is_none():
    given = book(
        payments=P1_OF_70,
        write_offs="""
        write_off_id | source_id | written_off_on | amount
        W1           | P1        | 03-01          | 70.00
        """,
        recoveries="""
        recovery_id | write_off_id | payment_id | recovered_on | amount
        R1          | W1           | P1         | 03-10        | 20.00
        """,
    )
    assert (open_on(given, "03-09"), open_on(given, "03-10")) == ({}, {})


def test_a_write_off_lowers_receivables_and_leaves_sales_as_they_were():
    given = book(
        invoices=I1_OF_100,
        write_offs="""
        write_off_id | invoice_id | written_off_on | amount
        W1           | I1         | 01-20          | 60.00
        """,
    )
    row = dso(given, day("01-31"), LATER, OraclePolicy())[(day("01-31"), "main", "USD", "simple_30")]
    assert (row["receivables"], row["sales"], row["days"]) == (40, 100, 12)


def test_an_application_and_a_recovery_of_one_day_are_served_by_their_ids():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        I2         | 01-01        | 100.00
        """,
        payments=P1_OF_70,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        M              | P1        | I2         | 03-05      | 50.00
        """,
        write_offs="""
        write_off_id | invoice_id | written_off_on | amount
        W1           | I1         | 02-01          | 100.00
        """,
        recoveries="""
        recovery_id | write_off_id | payment_id | recovered_on | amount
        L           | W1           | P1         | 03-05        | 40.00
        N           | W1           | P1         | 03-05        | 40.00
        """,
    )
    # L has its 40, M the last 30; nothing is left for N, whose 40 stand open.
    assert open_on(given, "03-05") == {"I1": 40, "I2": 70}
