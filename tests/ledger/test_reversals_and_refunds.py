"""What is taken back: payments that bounce, refunds, and invoices that a refund reopens.

Write-offs belong to `test_write_offs.py`.
"""

import pytest

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | currency | amount |
| I1         | C1          | 2026-01-05   | USD      | 100.00 |
| I2         | C1          | 2026-01-05   | USD      | 100.00 |
"""
PAYMENTS = """
| payment_id | customer_id | payment_date | currency | amount |
| P1         | C1          | 2026-02-01   | USD      | 150.00 |
"""
APPLICATIONS = """
| application_id | source_id | invoice_id | applied_on | amount |
| A1             | P1        | I1         | 2026-02-01 | 100.00 |
| A2             | P1        | I2         | 2026-02-02 | 40.00  |
"""


@pytest.fixture
def paid(book: SmallBook) -> SmallBook:
    """Two invoices of 100, and a payment of 150 that settles the first, and 40 of the second."""
    book.put(invoices=INVOICES, payments=PAYMENTS, applications=APPLICATIONS)
    return book


def test_a_bounced_payment_settles_nothing_until_that_is_undone(paid: SmallBook) -> None:
    paid.put(
        payment_reversals="""
        | reversal_id | payment_id | reversed_on | amount | reason             | undone_on  |
        | R1          | P1         | 2026-02-10  | .      | insufficient_funds | 2026-02-20 |
        """
    )
    paid.load()
    before = "| document_id | open_amount |\n| I2 | 60.00 |\n| P1 | -10.00 |"
    paid.expect_open("2026-02-09", before)
    paid.expect_open("2026-02-10", "| document_id | open_amount |\n| I1 | 100.00 |\n| I2 | 100.00 |")
    paid.expect_open("2026-02-19", "| document_id | open_amount |\n| I1 | 100.00 |\n| I2 | 100.00 |")
    paid.expect_open("2026-02-20", before)


def test_a_chargeback_of_a_part_takes_back_what_was_applied_last(paid: SmallBook) -> None:
    paid.put(
        payment_reversals="""
        | reversal_id | payment_id | reversed_on | amount | reason     |
        | R1          | P1         | 2026-02-10  | 20.00  | chargeback |
        """
    )
    paid.load()
    paid.expect_open("2026-02-28", "| document_id | open_amount |\n| I2 | 70.00 |")
    paid.expect(
        "ledger.postings where effective_date >= date '2026-02-10' and kind = 'payments_reversed'",
        "| effective_date | amount |\n| 2026-02-10 | 20.00 |",
    )


def test_more_cannot_bounce_than_was_paid(paid: SmallBook) -> None:
    paid.put(
        payment_reversals="""
        | reversal_id | payment_id | reversed_on | amount |
        | R1          | P1         | 2026-02-10  | 100.00 |
        | R2          | P1         | 2026-02-12  | 100.00 |
        """
    )
    paid.load()
    paid.build("2026-02-28")
    paid.expect(
        "ledger.reinstatements where reinstated_amount > 0",
        """
        | kind              | effective_from | effective_to | reinstated_amount |
        | payments_reversed | 2026-02-10     | 2026-02-12   | 100.00            |
        | payments_reversed | 2026-02-12     | 9999-12-31   | 150.00            |
        """,
    )
    paid.expect_open("2026-02-11", "| document_id | open_amount |\n| I1 | 50.00 |\n| I2 | 100.00 |")
    paid.expect_open("2026-02-28", "| document_id | open_amount |\n| I1 | 100.00 |\n| I2 | 100.00 |")


def test_a_bounce_that_is_learned_of_later_was_not_known_before(paid: SmallBook) -> None:
    paid.load("2026-02-28T00:00:00")
    paid.put(payment_reversals="| reversal_id | payment_id | reversed_on |\n| R1 | P1 | 2026-02-10 |")
    paid.load("2026-03-10T00:00:00")
    paid.build("2026-02-28", known_at="2026-03-01T00:00:00")
    paid.expect("ledger.open_items", "| document_id | open_amount |\n| I2 | 60.00 |\n| P1 | -10.00 |")
    paid.build("2026-02-28", known_at="2026-03-10T00:00:00")
    paid.expect("ledger.open_items", "| document_id | open_amount |\n| I1 | 100.00 |\n| I2 | 100.00 |")


def test_a_refund_takes_what_is_unapplied_and_no_more(paid: SmallBook) -> None:
    paid.put(refunds="| refund_id | source_id | refunded_on | amount |\n| F1 | P1 | 2026-02-10 | 30.00 |")
    paid.load()
    paid.expect_open("2026-02-09", "| document_id | open_amount |\n| I2 | 60.00 |\n| P1 | -10.00 |")
    paid.expect_open("2026-02-10", "| document_id | open_amount |\n| I2 | 60.00 |")
    paid.expect("ledger.source_claims", "| kind | claim_id | drawn_amount |\n| refunded | F1 | 30.00 |")
    paid.expect("ledger.claims", "| claim_id | drawn_amount |\n| A1 | 100.00 |\n| A2 | 40.00 |\n| F1 | 30.00 |")
    paid.expect("ledger.settlements", "| claim_id | drawn_amount |\n| A1 | 100.00 |\n| A2 | 40.00 |\n| F1 | 10.00 |")


def test_a_refund_that_reopens_puts_the_amount_back_and_can_be_paid_again(paid: SmallBook) -> None:
    paid.put(
        refunds="""
        | refund_id | source_id | refunded_on | amount | reopens_invoice_id |
        | F1        | P1        | 2026-02-10  | 100.00 | I1                 |
        """,
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P2 | C1 | 2026-02-20 | USD | 100.00 |",
        applications_2="| application_id | source_id | invoice_id | applied_on | amount |\n| A3 | P2 | I1 | 2026-02-20 | 100.00 |",
    )
    paid.load()
    refunded = "| document_id | open_amount |\n| I1 | 100.00 |\n| I2 | 60.00 |\n| P1 | -10.00 |"
    paid.expect_open("2026-02-10", refunded)
    paid.expect_open("2026-02-20", "| document_id | open_amount |\n| I2 | 60.00 |\n| P1 | -10.00 |")
    paid.expect(
        "ledger.reopenings", "| effective_from | reopened_amount |\n| 2026-02-10 | 100.00 |\n| 2026-02-20 | 100.00 |"
    )


def test_a_refund_reopens_no_more_than_had_been_settled(paid: SmallBook) -> None:
    paid.put(
        refunds="""
        | refund_id | source_id | refunded_on | amount | reopens_invoice_id |
        | F1        | P1        | 2026-02-10  | 90.00  | I2                 |
        """
    )
    paid.load()
    paid.expect_open("2026-02-10", "| document_id | open_amount |\n| I2 | 100.00 |\n| P1 | -10.00 |")


def test_a_bounced_payment_earns_no_discount(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | discount_amount |
        | A1             | P1        | I1         | 2026-02-01 | 95.00  | 5.00            |
        """,
        payment_reversals="| reversal_id | payment_id | reversed_on |\n| R1 | P1 | 2026-02-10 |",
    )
    book.load()
    book.expect_open("2026-02-09", "| document_id | open_amount |\n| I2 | 100.00 |\n| P1 | -55.00 |")
    book.expect_open("2026-02-10", "| document_id | open_amount |\n| I1 | 100.00 |\n| I2 | 100.00 |")
