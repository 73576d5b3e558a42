"""Promises and open disputes as they stand on the day, with what the record says will become of them."""

from tests.small_books import SmallBook


def test_an_open_promise_is_kept_as_often_as_the_customer_and_the_book_keep_theirs(book: SmallBook) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
        | I2         | C1          | 2026-01-06   | 2026-02-05 | EUR      | 50.00  |
        | I3         | C2          | 2026-01-06   | 2026-02-05 | EUR      | 50.00  |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C2 | 2026-02-12 | EUR | 50.00 |",
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | currency | amount |
        | R1         | C1          | I1         | 2026-02-06 | 2026-02-10    | EUR      | 100.00 |
        | R2         | C2          | .          | 2026-02-06 | 2026-02-12    | EUR      | 50.00  |
        | R3         | C1          | I1         | 2026-02-20 | 2026-03-10    | EUR      | 100.00 |
        """,
    )
    book.load()
    book.build("2026-02-28")
    # the book kept one of two: (1 + 1) / (2 + 2) = .5; C1 none of one: (0 + 8 × .5) / (1 + 8)
    book.expect(
        "marts.promises",
        """
        | promise_id | state  | kept_amount | keep_probability | times_broken_before |
        | R1         | broken | 0.00        | .                | 0                   |
        | R2         | kept   | 50.00       | .                | 0                   |
        | R3         | open   | 0.00        | 0.444            | 1                   |
        """,
    )


def test_an_open_dispute_is_expected_to_last_and_to_cost_what_its_like_did(book: SmallBook) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
        | I2         | C1          | 2026-01-06   | 2026-02-05 | EUR      | 80.00  |
        """,
        disputes="""
        | dispute_id | invoice_id | reason  | opened_on  | resolved_on | amount | credited_amount |
        | D1         | I1         | pricing | 2026-01-10 | 2026-01-30  | 50.00  | 10.00           |
        | D2         | I2         | pricing | 2026-02-20 | .           | .      | .               |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.disputes",
        """
        | dispute_id | age_days | disputed_amount | blocked_amount | expected_resolution_date | expected_credit_share |
        | D2         | 8        | 80.00           | 80.00          | 2026-03-12               | 0.200                 |
        """,
    )
