"""Every open item with its age, and what is to be read with it: items without a date, receipts, disputes."""

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| none       | C1          | 2026-01-01   | .          | EUR      | 100.00 |
| before     | C1          | 2026-01-01   | 2025-12-31 | EUR      | 200.00 |
| good       | C1          | 2026-01-01   | 2026-01-31 | EUR      | 400.00 |
"""
RECEIPTS = {
    "payments": """
    | payment_id | customer_id | payment_date | currency | amount |
    | P1         | C1          | 2026-01-20   | EUR      | 30.00  |
    """,
    "credit_memos": """
    | credit_memo_id | customer_id | credit_date | due_date   | currency | amount |
    | C1             | C1          | 2026-01-21  | .          | EUR      | 7.00   |
    | C2             | C1          | 2026-01-21  | 2026-02-20 | EUR      | 8.00   |
    """,
}


def test_without_a_date_an_item_is_in_no_bucket_of_days(book: SmallBook) -> None:
    book.policy = "aging: {no_due_date: bucket}"
    book.put(invoices=INVOICES)
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.aging_detail",
        """
        | document_id | days_past_due | aging_bucket | flags                   |
        | none        | .             | no-due-date  | due_date_missing        |
        | before      | .             | no-due-date  | due_date_before_invoice |
        | good        | 28            | 1-30         | .                       |
        """,
    )
    book.expect(
        "marts.aging_monthly where month_end = date '2026-01-31'",
        """
        | aging_bucket | item_count | open_amount |
        | current      | 1          | 400.00      |
        | no-due-date  | 2          | 300.00      |
        """,
    )


def test_a_receipt_has_no_due_date_and_is_aged_from_its_own(book: SmallBook) -> None:
    book.put(**RECEIPTS)
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.aging_detail",
        """
        | document_id | document_date | due_date   | days_past_due |
        | P1          | 2026-01-20    | .          | 11            |
        | C1          | 2026-01-21    | .          | 10            |
        | C2          | 2026-01-21    | 2026-02-20 | -20           |
        """,
    )


def test_only_what_is_disputed_is_disputed(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        **RECEIPTS,
        disputes="""
        | dispute_id | invoice_id | opened_on  | amount |
        | D1         | none       | 2026-01-10 | 60.00  |
        | D2         | none       | 2026-01-11 | 70.00  |
        | D3         | good       | 2026-01-11 | .      |
        """,
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.aging_detail",
        """
        | document_id | open_amount | disputed_amount |
        | none        | 100.00      | 100.00          |
        | before      | 200.00      | 0.00            |
        | good        | 400.00      | 400.00          |
        | P1          | -30.00      | 0.00            |
        | C1          | -7.00       | 0.00            |
        | C2          | -8.00       | 0.00            |
        """,
    )
