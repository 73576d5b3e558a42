"""What an application takes of each side, where currencies differ."""

from tests.small_books import SmallBook


def test_equal_numbers_in_two_currencies_are_not_one_for_one(book: SmallBook) -> None:
    # 100 of each: what is left of the money is shared pro rata, in whole yen, and in whole cents of the dollar.
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount |
        | IY         | C1          | 2026-01-05   | JPY      | 300    |
        | IU         | C1          | 2026-01-05   | USD      | 60.40  |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount |
        | PU         | C1          | 2026-02-10   | USD      | 33.33  |
        | PY         | C1          | 2026-02-10   | JPY      | 100    |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | source_amount |
        | A1             | PU        | IY         | 2026-02-10 | 100    | 100.00        |
        | A2             | PY        | IU         | 2026-02-10 | 100.00 | 100           |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.settlements",
        """
        | claim_id       | currency | applied_amount | source_currency | drawn_amount |
        | A1             | JPY      | 33.00          | USD             | 33.33        |
        | A2             | USD      | 60.40          | JPY             | 60.00        |
        """,
    )
    book.expect("ledger.open_items", "| document_id | open_amount |\n| IY | 267.00 |\n| PY | -40.00 |")
