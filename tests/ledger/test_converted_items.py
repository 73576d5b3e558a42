"""What open items are worth in another currency: in whole minor units, each document rounded by itself."""

from tests.small_books import SmallBook

ENTITY = "| entity_id | functional_currency |\n| main | USD |"


def test_what_is_converted_is_whole_cents(book: SmallBook) -> None:
    """10.01 euro are booked at 1.15, 11.5115 dollars, and stand at 1.25, 12.5125; what was told stays as it was told."""
    book.policy = "base_currency: USD"
    book.put(
        entities=ENTITY,
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-10   | EUR      | 10.01  | .                 |
        | I2         | C1          | 2026-01-10   | EUR      | 10.01  | 12.00             |
        | I3         | C1          | 2026-01-10   | USD      | 10.01  | .                 |
        """,
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate |
        | 2026-01-10 | EUR           | USD         | 1.15 |
        | 2026-01-31 | EUR           | USD         | 1.25 |
        """,
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "ledger.open_items",
        """
        | document_id | open_amount_functional | is_functional_converted | revalued_amount_functional | open_amount_base |
        | I1          | 11.51                  | True                    | 12.51                      | 12.51            |
        | I2          | 12.00                  | False                   | 12.51                      | 12.51            |
        | I3          | 10.01                  | False                   | 10.01                      | 10.01            |
        """,
    )


def test_a_document_without_parts_is_rounded_by_itself(book: SmallBook) -> None:
    """100 euro were booked at 50.50: 33 of them are 16.665, half up, and so were the 34 before the last euro was paid."""
    book.put(
        entities=ENTITY,
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-10   | EUR      | 100.00 | 50.50             |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount | functional_amount |
        | P1         | C1          | 2026-01-20   | EUR      | 66.00  | 33.00             |
        | P2         | C1          | 2026-02-20   | EUR      | 1.00   | 0.50              |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-01-20 | 66.00  |
        | A2             | P2        | I1         | 2026-02-20 | 1.00   |
        """,
    )
    book.load()
    for day, amount, functional in (("2026-01-31", "34.00", "17.17"), ("2026-02-28", "33.00", "16.67")):
        book.build(day)
        book.expect(
            "ledger.open_items",
            f"| document_id | open_amount | open_amount_functional |\n| I1 | {amount} | {functional} |",
        )
