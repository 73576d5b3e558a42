"""Over-application and cash between currencies, computed by hand.

Belongs here: examples of the second cap (no invoice is ever negative) and of scaling between currencies.
Does not: what counts at all, and the first cap alone (test_oracle_itself.py).
"""

from decimal import Decimal

import pytest

from tests.oracle.ledger import OraclePolicy, open_items
from tests.oracle.settlement import pro_rata, settled
from tests.oracle.tables import LATER, book, day, expect


def open_on(given: dict, as_of: str) -> list[dict]:
    """The open items of a book under the default policy."""
    return open_items(given, day(as_of), LATER, OraclePolicy())


@pytest.mark.parametrize(
    ("asked", "taken", "left_on_source"),
    [  # cash, discount, withheld; I1 has 40 of room left after A0
        (("30.00", "6.00", "4.00"), (30, 6, 4), 20),
        (("50.00", "6.00", "4.00"), (30, 6, 4), 20),  # 20 too much
        (("10.00", "60.00", "4.00"), (0, 36, 4), 50),  # 34 too much
        (("10.00", "60.00", "90.00"), (0, 0, 40), 50),  # 120 too much
    ],
)
def test_second_cap_takes_the_excess_off_cash_then_discount_then_withheld(asked, taken, left_on_source):
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | amount
        P0         | 01-10        | 60.00
        P1         | 01-10        | 50.00
        """,
        applications=f"""
        application_id | source_id | invoice_id | applied_on | amount     | discount_amount | withheld_amount
        A0             | P0        | I1         | 01-10      | 60.00      |                 |
        A1             | P1        | I1         | 01-11      | {asked[0]} | {asked[1]}      | {asked[2]}
        """,
    )
    _, (_, capped) = settled(given, day("01-31"), LATER, OraclePolicy())
    assert (capped.cash, capped.discount, capped.withheld) == taken
    expect(
        open_on(given, "01-31"),
        f"""
        document_id | open_amount
        P1          | -{left_on_source}
        """,
    )


def test_discount_and_withheld_take_room_from_the_applications_after_them():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 50.00
        P2         | 01-12        | 50.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | discount_amount | withheld_amount
        A1             | P1        | I1         | 01-11      | 10.00  | 30.00           | 20.00
        A2             | P2        | I1         | 01-12      | 50.00  |                 |
        """,
    )
    # A1 fits whole (60), A2 finds 40 of room and leaves 10 on P2.
    expect(
        open_on(given, "01-31"),
        """
        document_id | open_amount
        P1          | -40.00
        P2          | -10.00
        """,
    )


def test_what_the_second_cap_hands_back_is_not_offered_to_other_applications():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 30.00
        I2         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 80.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-10      | 70.00
        A2             | P1        | I2         | 01-10      | 50.00
        """,
    )
    # A1 draws 70, A2 the 10 that are left; I1 takes only 30, and the 40 stay on P1.
    expect(
        open_on(given, "01-31"),
        """
        document_id | open_amount
        I2          | 90.00
        P1          | -40.00
        """,
    )


def test_second_cap_serves_the_earliest_effective_then_the_lowest_id():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | posting_date | amount
        P1         | 01-02        | 01-20        | 60.00
        P2         | 01-10        |              | 60.00
        """,
        credit_memos="""
        credit_memo_id | credit_date | amount
        C1             | 01-10       | 50.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-02      | 60.00
        A3             | C1        | I1         | 01-10      | 50.00
        A2             | P2        | I1         | 01-10      | 60.00
        """,
    )
    # Effective: A2 and A3 on 01-10, A1 only on 01-20. A2 60, A3 40 of 50, A1 nothing.
    expect(
        open_on(given, "01-31"),
        """
        document_id | open_amount
        C1          | -10.00
        P1          | -60.00
        """,
    )


def test_between_currencies_each_side_is_asked_in_its_own():
    given = book(
        invoices="""
        invoice_id | invoice_date | currency | amount
        I1         | 01-01        | EUR      | 100.00
        I2         | 01-01        | EUR      | 100.00
        I3         | 01-01        | EUR      | 100.00
        """,
        payments="""
        payment_id | payment_date | currency | amount
        P1         | 01-10        | USD      | 120.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | source_amount
        A1             | P1        | I1         | 01-10      | 50.00  |
        A2             | P1        | I2         | 01-10      | 80.00  | 90.00
        A3             | P1        | I3         | 01-10      | 40.00  | 45.00
        """,
    )
    # A1 does not say how many dollars, and does not count. A2 draws 90. A3 draws the last 30 of its 45:
    # 40 * 30/45 = 26.666... -> 26.67 EUR.
    expect(
        open_on(given, "01-31"),
        """
        document_id | currency | open_amount
        I1          | EUR      | 100.00
        I2          | EUR      | 20.00
        I3          | EUR      | 73.33
        """,
    )


def test_between_currencies_the_second_cap_hands_back_pro_rata():
    given = book(
        invoices="""
        invoice_id | invoice_date | currency | amount
        I1         | 01-01        | JPY      | 1000
        """,
        payments="""
        payment_id | payment_date | currency | amount
        P1         | 01-10        | USD      | 10.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | source_amount | discount_amount
        A1             | P1        | I1         | 01-10      | 1500   | 10.00         | 1
        """,
    )
    # 501 too much: the invoice takes 999 in cash and 1 of discount; 10.00 * 999/1500 = 6.66 USD stay drawn.
    expect(
        open_on(given, "01-31"),
        """
        document_id | open_amount
        P1          | -3.34
        """,
    )


@pytest.mark.parametrize(
    ("amount", "part", "whole", "currency", "expected"),
    [
        ("1", "1", "2", "JPY", "1"),  # a half goes up
        ("1", "49", "100", "JPY", "0"),
        ("5", "1", "2", "JPY", "3"),  # up, not to the even
        ("0.01", "1", "2", "USD", "0.01"),
        ("100.00", "1", "3", "USD", "33.33"),
        ("1.000", "1", "2000", "KWD", "0.001"),
    ],
)
def test_cash_between_currencies_is_rounded_half_up(amount, part, whole, currency, expected):
    assert pro_rata(Decimal(amount), Decimal(part), Decimal(whole), currency) == Decimal(expected)


def test_within_a_currency_neither_side_gives_more_than_it_is_asked():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        I2         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 100.00
        P2         | 01-10        | 100.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | source_amount
        A1             | P1        | I1         | 01-10      | 50.00  | 40.00
        A2             | P2        | I2         | 01-10      | 50.00  | 60.00
        """,
    )
    expect(
        open_on(given, "01-31"),
        """
        document_id | open_amount
        I1          | 60.00
        I2          | 50.00
        P1          | -60.00
        P2          | -50.00
        """,
    )


def test_between_currencies_a_reversal_of_a_part_leaves_the_cash_pro_rata():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount | currency
        I1         | 01-01        | 100.00 | EUR
        """,
        payments="""
        payment_id | payment_date | amount | currency
        P1         | 01-10        | 90.00  | USD
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | source_amount
        A1             | P1        | I1         | 01-10      | 80.00  | 90.00
        """,
        payment_reversals="""
        reversal_id | payment_id | reversed_on | amount
        V1          | P1         | 01-20       | 50.00
        """,
    )
    # 40 of 90 dollars are left for 35.555... of 80 euros.
    expect(
        open_on(given, "01-20"),
        """
        document_id | currency | open_amount
        I1          | EUR      | 64.44
        """,
    )
