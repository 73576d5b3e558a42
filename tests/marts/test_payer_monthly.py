"""The months of a payer: billed, collected, days to pay and beyond terms, past due and disputed (ledger.payer_months before)."""

from tests.small_books import SmallBook


def reviewed(book: SmallBook) -> SmallBook:
    """C9 pays for C1: 1,000 due on 4 February, 700 of it paid on the 20th, 100 of the 700 bounced in March."""
    book.put(
        customers="| customer_id | payer_id |\n| C1 | C9 |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount  | status | voided_on  |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 1000.00 | posted | .          |
        | I2         | C9          | 2026-02-10   | 2026-03-12 | EUR      | 500.00  | posted | .          |
        | I3         | C9          | 2026-02-11   | 2026-03-13 | EUR      | 60.00   | void   | 2026-03-01 |
        """,
        payments="""
        | payment_id | customer_id | payment_date | posting_date | currency | amount |
        | P1         | C9          | 2026-02-20   | .            | EUR      | 700.00 |
        | P2         | C9          | 2026-02-27   | 2026-03-02   | EUR      | 40.00  |
        """,
        payment_reversals="| reversal_id | payment_id | reversed_on | amount |\n| R1 | P1 | 2026-03-05 | 100.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-20 | 700.00 |",
        disputes="| dispute_id | invoice_id | opened_on | amount |\n| D1 | I1 | 2026-02-10 | 30.00 |",
    )
    book.load()
    book.build("2026-03-31")
    return book


def test_a_payers_months(book: SmallBook) -> None:
    reviewed(book).expect(
        "marts.payer_monthly",
        """
        | period_end | payer_id | billed_amount | collected_amount | open_amount | owed_past_due_amount | blocked_amount |
        | 2026-01-31 | C9       | 1000.00       | 0.00             | 1000.00     | 0.00                 | 0.00           |
        | 2026-02-28 | C9       | 560.00        | 740.00           | 860.00      | 300.00               | 30.00          |
        | 2026-03-31 | C9       | -60.00        | -100.00          | 860.00      | 900.00               | 30.00          |
        """,
    )


def test_days_to_pay_and_beyond_terms_are_of_the_months_cash(book: SmallBook) -> None:
    reviewed(book).expect(
        "marts.payer_monthly",
        """
        | period_end | cash_amount | days_to_pay_weight | weighted_days_to_pay | beyond_terms_weight | weighted_days_beyond_terms |
        | 2026-01-31 | 0.00        | 0.00               | .                    | 0.00                | .                          |
        | 2026-02-28 | 700.00      | 32200.00           | 46.000               | 11200.00            | 16.000                     |
        | 2026-03-31 | 0.00        | 0.00               | .                    | 0.00                | .                          |
        """,
    )


def test_cash_on_an_invoice_without_a_due_date_is_left_out_of_days_beyond_terms(book: SmallBook) -> None:
    book.policy = "aging: {no_due_date: bucket}"
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | EUR | 100.00 |",
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-01-25 | EUR | 70.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-01-25 | 70.00 |",
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.payer_monthly",
        """
        | weighted_days_to_pay | weighted_days_beyond_terms | dated_cash_amount | excluded_amount | owed_past_due_amount |
        | 20.000               | .                          | 0.00              | 70.00           | 30.00                |
        """,
    )


def test_early_cash_is_floored_where_policy_says_so(book: SmallBook) -> None:
    book.policy = "metrics: {early_payments: floored}"
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-01-25 | EUR | 70.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-01-25 | 70.00 |",
    )
    book.load()
    book.build("2026-01-31")
    book.expect("marts.payer_monthly", "| weighted_days_beyond_terms |\n| 0.000 |")


def test_a_month_in_which_nothing_is_left_is_left_out(book: SmallBook) -> None:
    """A receipt counts in the month of its own date, the first month of the book where that was before."""
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | EUR | 100.00 |",
        payments="""
        | payment_id | customer_id | payment_date | posting_date | currency | amount |
        | P1         | C1          | 2025-12-20   | 2026-02-02   | EUR      | 100.00 |
        """,
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-02 | 100.00 |",
    )
    book.load()
    book.build("2026-03-31")
    book.expect("ledger.payer_months", "| period_end |\n| 2026-01-31 |\n| 2026-02-28 |\n| 2026-03-31 |")
    book.expect(
        "marts.payer_monthly",
        """
        | period_end | billed_amount | collected_amount | open_amount | cash_amount |
        | 2026-01-31 | 100.00        | 100.00           | 100.00      | 0.00        |
        | 2026-02-28 | 0.00          | 0.00             | 0.00        | 100.00      |
        """,
    )
