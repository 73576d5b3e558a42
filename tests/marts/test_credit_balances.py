"""Unapplied credits and receipts: how old, how much was refunded, what they could be applied to, and what must go back."""

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | payer_id | invoice_date | due_date   | currency | amount |
| I1         | C1          | .        | 2026-01-01   | 2026-01-31 | EUR      | 100.00 |
| I2         | C2          | C1       | 2026-01-02   | 2026-01-21 | EUR      | 40.00  |
| I3         | C1          | .        | 2026-01-03   | 2026-01-10 | USD      | 70.00  |
"""


def test_credits_are_set_off_oldest_first_and_the_rest_is_due_back(book: SmallBook) -> None:
    """C1 owes 140 in EUR and has 190 to go against it: 50 of the newest receipt is due back, and all of the JPY."""
    book.put(
        invoices=INVOICES,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-02-01   | EUR      | 90.00  |
        | P2         | C1          | 2026-02-10   | EUR      | 70.00  |
        | P3         | C1          | 2026-02-11   | JPY      | 500    |
        """,
        credit_memos="| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C1 | 2026-01-15 | EUR | 30 |",
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.credit_balances",
        """
        | document_id | document_type | age_days | open_amount | is_refund_due | refund_due_amount | candidate_count | candidate_amount | candidate_document_id |
        | M1          | credit_memo   | 44       | -30.00      | False         | 0.00              | 2               | 140.00           | I2                    |
        | P1          | payment       | 27       | -90.00      | False         | 0.00              | 2               | 140.00           | I2                    |
        | P2          | payment       | 18       | -70.00      | True          | 50.00             | 2               | 140.00           | I2                    |
        | P3          | payment       | 17       | -500.00     | True          | 500.00            | 0               | 0.00             | .                     |
        """,
    )


def test_what_was_refunded_stands_beside_what_is_left(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-02-01   | EUR      | 90.00  |
        | P2         | C1          | 2026-02-02   | EUR      | 60.00  |
        | P3         | C1          | 2026-02-03   | EUR      | 50.00  |
        """,
        refunds="""
        | refund_id | source_id | refunded_on | amount | reopens_invoice_id |
        | F1        | P1        | 2026-02-10  | 25.00  | .                  |
        | F2        | P1        | 2026-03-10  | 5.00   | .                  |
        | F3        | P2        | 2026-02-10  | 60.00  | .                  |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.credit_balances",
        """
        | document_id | original_amount | open_amount | refund_state    | refunded_amount |
        | P1          | -90.00          | -65.00      | partly_refunded | 25.00           |
        | P3          | -50.00          | -50.00      | none            | 0.00            |
        """,
    )


def test_a_candidate_without_a_due_date_comes_last(book: SmallBook) -> None:
    book.policy = "aging: {no_due_date: bucket}"
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | A          | C1          | 2026-01-01   | .          | EUR      | 10.00  |
        | B          | C1          | 2026-01-02   | 2026-03-31 | EUR      | 20.00  |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-01 | EUR | 5.00 |",
    )
    book.load()
    book.build("2026-02-28")
    book.expect("marts.credit_balances", "| document_id | candidate_document_id |\n| P1 | B |")
