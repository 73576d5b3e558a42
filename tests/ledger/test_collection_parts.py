"""What collection metrics are made of: cash with its days, and balances, billings and cash by segment and collector."""

import pytest

from tests.small_books import SmallBook


@pytest.fixture
def built(book: SmallBook) -> SmallBook:
    """1,000 of C1, of which 700 came after the due date; 500 of C2, not yet due; 40 of C2 not applied."""
    book.put(
        customers="| customer_id | segment | collector | payer_id |\n| C1 | smb | Ann | C9 |\n| C2 | . | Bob | . |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 1000.00 |
        | I2         | C2          | 2026-02-10   | 2026-03-12 | EUR      | 500.00  |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-02-20   | EUR      | 700.00 |
        | P2         | C2          | 2026-02-25   | EUR      | 40.00  |
        """,
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-22 | 700.00 |",
    )
    book.load()
    book.build("2026-02-28")
    return book


def test_cash_has_the_days_from_invoice_to_payment(built: SmallBook) -> None:
    built.expect(
        "ledger.cash_applications",
        """
        | account_number | ordered_on | paid_on    | applied_amount | days_to_pay | terms_days | days_beyond_terms |
        | 1              | 2026-02-22 | 2026-02-20 | 700.00         | 46          | 30         | 16                |
        """,
    )


def test_a_reversed_part_of_a_payment_is_cash_no_more(built: SmallBook) -> None:
    """300 bounced: what is left of the application still counts from its own day, and once."""
    built.put(
        payment_reversals="| reversal_id | payment_id | reversed_on | amount |\n| R1 | P1 | 2026-03-05 | 300.00 |",
    )
    built.load()
    built.build("2026-03-31")
    built.expect(
        "ledger.cash_applications",
        """
        | ordered_on | effective_from | effective_to | applied_amount |
        | 2026-02-22 | 2026-02-22     | 2026-03-05   | 700.00         |
        | 2026-02-22 | 2026-03-05     | 9999-12-31   | 400.00         |
        """,
    )
    built.expect(
        "ledger.period_cash where window_days in (30, 90)",
        """
        | period_end | window_days | cash_amount |
        | 2026-02-28 | 30          | 700.00      |
        | 2026-02-28 | 90          | 700.00      |
        | 2026-03-31 | 90          | 400.00      |
        """,
    )


def test_balances_at_each_period_end(built: SmallBook) -> None:
    built.expect(
        "ledger.period_balances",
        """
        | period_end | collector | open_amount | past_due_amount | owed_amount | owed_past_due_amount | late_amount | late_weight |
        | 2026-01-31 | Ann       | 1000.00     | 0.00            | 1000.00     | 0.00                 | 0.00        | 0.00        |
        | 2026-02-28 | Ann       | 300.00      | 300.00          | 300.00      | 300.00               | 300.00      | 7200.00     |
        | 2026-02-28 | Bob       | 460.00      | -40.00          | 500.00      | 0.00                 | 0.00        | 0.00        |
        """,
    )


def test_late_is_beyond_the_due_date_whatever_the_policy_ages_from(built: SmallBook) -> None:
    built.policy = "aging: {basis: invoice_date}"
    built.load()
    built.build("2026-02-28")
    built.expect(
        "ledger.period_balances where period_end = '2026-02-28' and collector = 'Bob'",
        "| owed_past_due_amount | late_amount |\n| 500.00 | 0.00 |",
    )


def test_sales_of_days_and_of_months(built: SmallBook) -> None:
    """On 28 February, 30 days go back to 30 January and a month to its first day; 90 days hold both invoices."""
    built.expect(
        "ledger.period_billings where period_end = '2026-02-28' and window_days in (30, 90)",
        """
        | window_days | segment | sales   | monthly_sales | aged_billings |
        | 30          | smb     | 0.00    | 0.00          | 0.00          |
        | 30          | .       | 500.00  | 500.00        | 0.00          |
        | 90          | smb     | 1000.00 | 1000.00       | 0.00          |
        | 90          | .       | 500.00  | 500.00        | 0.00          |
        """,
    )


def test_parts_are_added_up_at_three_levels(built: SmallBook) -> None:
    built.expect(
        "ledger.collection_parts where period_end = '2026-02-28' and window_days = 0",
        """
        | level     | segment | collector | owed_amount |
        | entity    | all     | all       | 800.00      |
        | segment   | smb     | all       | 300.00      |
        | segment   | .       | all       | 500.00      |
        | collector | all     | Ann       | 300.00      |
        | collector | all     | Bob       | 500.00      |
        """,
    )


def test_a_window_begins_with_what_was_open_then(built: SmallBook) -> None:
    built.expect(
        "ledger.collection_windows where period_end = '2026-02-28' and level = 'entity'",
        """
        | window_days | opening_amount | open_amount | mean_open_amount | sales   | counted_sales |
        | 0           | 760.00         | 760.00      | 880.00           | 0.00    | 0.00          |
        | 30          | 1000.00        | 760.00      | 880.00           | 500.00  | 500.00        |
        | 90          | 0.00           | 760.00      | 880.00           | 1500.00 | 500.00        |
        | 365         | 0.00           | 760.00      | 880.00           | 1500.00 | 125.00        |
        """,
    )
