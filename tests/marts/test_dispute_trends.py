"""Disputes by month: raised, resolved and open, how long they took and how much was credited."""

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| I1         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 100.00 |
| I2         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 200.00 |
| I3         | C2          | 2026-01-01   | 2026-01-31 | USD      | 400.00 |
"""


def test_months_of_disputes(book: SmallBook) -> None:
    """In February two of three are resolved, after 20 and 31 days; of 80 disputed 20 was credited, of 100 nothing is said."""
    book.put(
        invoices=INVOICES,
        disputes="""
        | dispute_id | invoice_id | reason  | opened_on  | resolved_on | amount | credited_amount |
        | D1         | I1         | pricing | 2026-01-16 | 2026-02-05  | 80.00  | 20.00           |
        | D2         | I1         | pricing | 2026-01-16 | 2026-02-16  | .      | .               |
        | D3         | I2         | pricing | 2026-02-10 | .           | .      | .               |
        | D4         | I3         | tax     | 2026-02-10 | .           | 50.00  | .               |
        """,
    )
    book.load()
    book.build("2026-03-15")
    book.expect(
        "marts.dispute_trends",
        """
        | period_end | reason  | currency | opened_count | opened_amount | resolved_count | resolved_amount | open_count | blocked_amount |
        | 2026-01-31 | pricing | EUR      | 2            | 180.00        | 0              | 0.00            | 2          | 100.00         |
        | 2026-02-28 | pricing | EUR      | 1            | 200.00        | 2              | 180.00          | 1          | 200.00         |
        | 2026-02-28 | tax     | USD      | 1            | 50.00         | 0              | 0.00            | 1          | 50.00          |
        | 2026-03-15 | pricing | EUR      | 0            | 0.00          | 0              | 0.00            | 1          | 200.00         |
        | 2026-03-15 | tax     | USD      | 0            | 0.00          | 0              | 0.00            | 1          | 50.00          |
        """,
    )
    book.expect(
        "marts.dispute_trends where resolved_count > 0",
        """
        | resolution_days_total | days_to_resolve | numerator | denominator | excluded_amount | credited_share |
        | 51                    | 25.500          | 20.00     | 80.00       | 100.00          | 0.250          |
        """,
    )


def test_a_dispute_from_before_the_book_counts_in_its_first_month(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        disputes="| dispute_id | invoice_id | opened_on | resolved_on |\n| D1 | I1 | 2025-11-01 | 2025-12-01 |",
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.dispute_trends",
        "| period_end | opened_count | resolved_count | open_count |\n| 2026-01-31 | 1 | 1 | 0 |",
    )
