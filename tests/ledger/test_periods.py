"""The two sides of DSO before they meet: period ends, sales of each day, receivables at each period end."""

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount | status | voided_on  |
| I1         | C1          | 2026-01-10   | 2026-02-09 | EUR      | 300.00 | posted | .          |
| I2         | C1          | 2026-02-10   | 2026-03-12 | EUR      | 200.00 | void   | 2026-03-05 |
| I3         | R1          | 2026-02-10   | 2026-03-12 | EUR      | 70.00  | posted | .          |
"""


def built(book: SmallBook) -> SmallBook:
    book.put(
        customers="| customer_id | related_party |\n| R1 | true |",
        invoices=INVOICES,
        credit_memos="| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C1 | 2026-02-10 | EUR | 20 |",
    )
    book.load()
    book.build("2026-03-15")
    return book


def test_period_ends_are_month_ends_and_the_day(book: SmallBook) -> None:
    built(book).expect(
        "ledger.period_ends",
        """
        | period_number | month_number | period_end | is_month_end | days_in_month |
        | 1             | 24313        | 2026-01-31 | True         | 31            |
        | 2             | 24314        | 2026-02-28 | True         | 28            |
        | 3             | 24315        | 2026-03-15 | False        | 15            |
        """,
    )


def test_daily_sales_are_billings_less_credits_and_voids_take_back(book: SmallBook) -> None:
    built(book).expect(
        "ledger.daily_sales",
        """
        | effective_date | related_party | sales   |
        | 2026-01-10     | False         | 300.00  |
        | 2026-02-10     | False         | 180.00  |
        | 2026-02-10     | True          | 70.00   |
        | 2026-03-05     | False         | -200.00 |
        """,
    )


def test_period_sales_hold_both_sides_at_every_period_end(book: SmallBook) -> None:
    built(book).expect(
        "ledger.period_sales",
        """
        | period_end | receivables | receivables_current | receivables_related | sales   |
        | 2026-01-31 | 300.00      | 300.00              | 0.00                | 300.00  |
        | 2026-02-28 | 480.00      | 200.00              | 70.00               | 180.00  |
        | 2026-03-15 | 280.00      | 0.00                | 70.00               | -200.00 |
        """,
    )
