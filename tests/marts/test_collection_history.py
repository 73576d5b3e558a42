"""How marts.collection_metrics changes from one month-end to the next: cash leaves its window, items become late."""

from tests.small_books import SmallBook


def test_cash_counts_while_its_application_stands_and_its_window_lasts(book: SmallBook) -> None:
    """700 came on 20 February and was taken off again on 10 May; 30 days on, only longer windows see it."""
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 1000.00 |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-20 | EUR | 700.00 |",
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | unapplied_on |
        | A1             | P1        | I1         | 2026-02-20 | 700.00 | 2026-05-10   |
        """,
    )
    book.load()
    book.build("2026-05-31")
    book.expect(
        "marts.collection_metrics where level = 'entity' and metric = 'weighted_days_to_pay'",
        """
        | period_end | window_days | denominator |
        | 2026-02-28 | 30          | 700.00      |
        | 2026-02-28 | 90          | 700.00      |
        | 2026-02-28 | 365         | 700.00      |
        | 2026-03-31 | 90          | 700.00      |
        | 2026-03-31 | 365         | 700.00      |
        | 2026-04-30 | 90          | 700.00      |
        | 2026-04-30 | 365         | 700.00      |
        """,
    )


def test_what_becomes_late_is_late_from_the_next_day(book: SmallBook) -> None:
    """Due on the last of January: not past due on that day; ninety days past due at the end of April, over ninety after."""
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 100.00 |
        """
    )
    book.load()
    book.build("2026-05-02")
    book.expect(
        "marts.collection_metrics where level = 'entity' and metric in ('percent_over_90', 'percent_past_due')",
        """
        | period_end | metric           | value  |
        | 2026-01-31 | percent_past_due | 0.00   |
        | 2026-01-31 | percent_over_90  | 0.00   |
        | 2026-02-28 | percent_past_due | 100.00 |
        | 2026-02-28 | percent_over_90  | 0.00   |
        | 2026-03-31 | percent_past_due | 100.00 |
        | 2026-03-31 | percent_over_90  | 0.00   |
        | 2026-04-30 | percent_past_due | 100.00 |
        | 2026-04-30 | percent_over_90  | 0.00   |
        | 2026-05-02 | percent_past_due | 100.00 |
        | 2026-05-02 | percent_over_90  | 100.00 |
        """,
    )
