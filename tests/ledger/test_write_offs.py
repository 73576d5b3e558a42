"""Write-offs, their reversal, recoveries, credit balances written off, and what settled invoices from before the book.

Payments taken back belong to `test_reversals_and_refunds.py`.
"""

import pytest

from tests.small_books import SmallBook

NOTHING = "| document_id | open_amount |"
POSTED = "ledger.postings where kind not in ('invoiced', 'collected', 'applied') and amount <> 0"


@pytest.fixture
def unpaid(book: SmallBook) -> SmallBook:
    """An invoice of 100 of which 30 were paid."""
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | USD | 100.00 |",
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-01 | USD | 30.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-01 | 30.00 |",
    )
    return book


def test_a_write_off_closes_its_invoice_until_it_is_reversed(unpaid: SmallBook) -> None:
    unpaid.put(
        write_offs="""
        | write_off_id | invoice_id | written_off_on | amount | reason | reversed_on |
        | W1           | I1         | 2026-03-01     | 70.00  | credit | 2026-03-20  |
        """
    )
    unpaid.load()
    unpaid.expect_open("2026-02-28", "| document_id | open_amount |\n| I1 | 70.00 |")
    unpaid.expect_open("2026-03-01", NOTHING)
    unpaid.expect_open("2026-03-20", "| document_id | open_amount |\n| I1 | 70.00 |")
    unpaid.expect(
        POSTED,
        """
        | effective_date | kind                | amount |
        | 2026-03-01     | written_off         | -70.00 |
        | 2026-03-20     | write_offs_reversed | 70.00  |
        """,
    )


def test_a_write_off_takes_no_more_than_is_open(unpaid: SmallBook) -> None:
    unpaid.put(write_offs="| write_off_id | invoice_id | written_off_on | amount |\n| W1 | I1 | 2026-03-01 | 500.00 |")
    unpaid.load()
    unpaid.expect_open("2026-03-01", NOTHING)
    unpaid.expect(POSTED, "| kind | amount |\n| written_off | -70.00 |")


def test_the_cash_of_a_recovery_counts_once(unpaid: SmallBook) -> None:
    unpaid.put(
        write_offs="| write_off_id | invoice_id | written_off_on | amount |\n| W1 | I1 | 2026-03-01 | 70.00 |",
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P2 | C1 | 2026-04-01 | USD | 25.00 |",
        recoveries="""
        | recovery_id | write_off_id | payment_id | recovered_on | amount |
        | V1          | W1           | P2         | 2026-04-01   | 25.00  |
        """,
    )
    unpaid.load()
    unpaid.expect_open("2026-04-01", NOTHING)
    unpaid.expect(
        "(select kind, sum(amount) as amount from ledger.postings where effective_date > date '2026-02-01' group by kind)",
        """
        | kind        | amount |
        | applied     | 0.00   |
        | collected   | -25.00 |
        | recovered   | 25.00  |
        | written_off | -70.00 |
        """,
    )


def test_a_recovery_without_its_payment_is_owed_again(unpaid: SmallBook) -> None:
    unpaid.put(
        write_offs="| write_off_id | invoice_id | written_off_on | amount |\n| W1 | I1 | 2026-03-01 | 70.00 |",
        recoveries="""
        | recovery_id | write_off_id | recovered_on | amount |
        | V1          | W1           | 2026-04-01   | 25.00  |
        | V2          | W1           | 2026-04-10   | 60.00  |
        """,
    )
    unpaid.load()
    unpaid.expect_open("2026-04-09", "| document_id | open_amount |\n| I1 | 25.00 |")
    unpaid.expect_open("2026-04-10", "| document_id | open_amount |\n| I1 | 70.00 |")
    unpaid.expect(
        "ledger.invoice_claims",
        """
        | claim_id | effective_from | effective_to | ordered_on | applied_amount | recovered_amount |
        | W1       | 2026-03-01     | 2026-04-01   | 2026-03-01 | 70.00          | 0.00             |
        | W1       | 2026-04-01     | 2026-04-10   | 2026-03-01 | 45.00          | 25.00            |
        | W1       | 2026-04-10     | 9999-12-31   | 2026-03-01 | 0.00           | 70.00            |
        """,
    )


def test_a_credit_balance_is_written_off(unpaid: SmallBook) -> None:
    unpaid.put(
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P2 | C1 | 2026-02-01 | USD | 5.00 |",
        write_offs="""
        | write_off_id | source_id | written_off_on | amount | reason        | reversed_on |
        | W1           | P2        | 2026-03-01     | 5.00   | small_balance | 2026-04-01  |
        """,
    )
    unpaid.load()
    unpaid.expect_open("2026-02-28", "| document_id | open_amount |\n| I1 | 70.00 |\n| P2 | -5.00 |")
    unpaid.expect_open("2026-03-31", "| document_id | open_amount |\n| I1 | 70.00 |")
    unpaid.expect_open("2026-04-01", "| document_id | open_amount |\n| I1 | 70.00 |\n| P2 | -5.00 |")


@pytest.mark.parametrize(("starts_on", "left"), [("", "| P2 | -40.00 |"), ("2026-01-01", "")])
def test_a_receipt_for_an_invoice_from_before_the_book_is_whole(unpaid: SmallBook, starts_on: str, left: str) -> None:
    unpaid.policy = f"entities: {{history_starts_on: {starts_on}}}"
    unpaid.put(
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P2 | C1 | 2026-02-01 | USD | 40.00 |",
        applications_2="| application_id | source_id | invoice_id | applied_on | amount |\n| A2 | P2 | I0 | 2026-02-01 | 40.00 |",
    )
    unpaid.load()
    unpaid.expect_open("2026-02-28", f"| document_id | open_amount |\n| I1 | 70.00 |\n{left}")


def test_an_invoice_that_comes_after_all_takes_its_application_back(unpaid: SmallBook) -> None:
    unpaid.policy = "entities: {history_starts_on: 2026-01-01}"
    unpaid.put(
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P2 | C1 | 2026-02-01 | USD | 40.00 |",
        applications_2="| application_id | source_id | invoice_id | applied_on | amount |\n| A2 | P2 | I0 | 2026-02-01 | 40.00 |",
    )
    unpaid.load("2026-02-28T00:00:00")
    invoice = "| invoice_id | customer_id | invoice_date | currency | amount |\n| I0 | C1 | 2025-12-01 | USD | 60.00 |"
    unpaid.put(invoices_2=invoice)
    unpaid.load("2026-03-05T00:00:00")
    unpaid.build("2026-03-10", known_at="2026-03-01T00:00:00")
    unpaid.expect("ledger.open_items", "| document_id | open_amount |\n| I1 | 70.00 |")
    unpaid.build("2026-03-10", known_at="2026-03-05T00:00:00")
    unpaid.expect("ledger.open_items", "| document_id | open_amount |\n| I0 | 20.00 |\n| I1 | 70.00 |")
    unpaid.expect(
        "(select sum(amount) as amount from ledger.postings where kind = 'before_history')", "| amount |\n| 40.00 |"
    )
