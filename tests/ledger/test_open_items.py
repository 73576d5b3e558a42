"""What is open, as a controller would draw it: documents, what was applied to them, and what is left."""

import pytest

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
| I2         | C1          | 2026-01-20   | 2026-02-19 | EUR      | 50.00  |
"""
PAYMENTS = """
| payment_id | customer_id | payment_date | currency | amount |
| P1         | C1          | 2026-02-10   | EUR      | 120.00 |
"""


def open_items(book: SmallBook, as_of: str, table: str) -> None:
    book.load()
    book.build(as_of)
    book.expect("ledger.open_items", table)


def test_an_application_takes_from_its_source_and_its_invoice(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 70.00  |
        | A2             | P1        | I2         | 2026-02-12 | 20.00  |
        """,
    )
    open_items(
        book,
        "2026-02-11",
        """
        | document_type | document_id | original_amount | open_amount |
        | invoice       | I1          | 100.00          | 30.00       |
        | invoice       | I2          | 50.00           | 50.00       |
        | payment       | P1          | -120.00         | -50.00      |
        """,
    )


def test_discount_and_tax_withheld_come_off_the_invoice_only(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | discount_amount | withheld_amount |
        | A1             | P1        | I1         | 2026-02-10 | 90.00  | 2.00            | 8.00            |
        """,
    )
    open_items(
        book,
        "2026-02-28",
        "| document_id | open_amount |\n| I2 | 50.00 |\n| P1 | -30.00 |",
    )


def test_what_exceeds_an_invoice_stays_unapplied(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 120.00 |
        """,
    )
    open_items(book, "2026-02-28", "| document_id | open_amount |\n| I2 | 50.00 |\n| P1 | -20.00 |")


def test_an_application_cannot_take_more_than_its_source_has(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS.replace("120.00", "110.00"),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 100.00 |
        | A2             | P1        | I2         | 2026-02-11 | 50.00  |
        """,
    )
    open_items(book, "2026-02-28", "| document_id | open_amount |\n| I2 | 40.00 |")


def test_the_first_to_take_effect_is_served_first_and_room_that_is_freed_is_used(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS + "| P2         | C1          | 2026-02-12   | EUR      | 100.00 |\n",
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | unapplied_on |
        | A1             | P1        | I1         | 2026-02-10 | 80.00  | 2026-02-20   |
        | A2             | P2        | I1         | 2026-02-12 | 100.00 | .            |
        """,
    )
    book.load()
    for as_of, first, second in (("2026-02-15", "-40.00", "-80.00"), ("2026-02-20", "-120.00", None)):
        book.build(as_of)
        rows = f"| document_id | open_amount |\n| I2 | 50.00 |\n| P1 | {first} |"
        book.expect("ledger.open_items", rows + (f"\n| P2 | {second} |" if second else ""))


@pytest.mark.parametrize(("as_of", "open_amount"), [("2026-02-14", "30.00"), ("2026-02-15", None)])
def test_a_void_after_settlement_frees_the_cash(book: SmallBook, as_of: str, open_amount: str | None) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | status | voided_on  |
        | I1         | C1          | 2026-01-05   | EUR      | 100.00 | void   | 2026-02-15 |
        """,
        payments=PAYMENTS.replace("120.00", "70.00"),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 70.00  |
        """,
    )
    expected = f"| I1 | {open_amount} |" if open_amount else "| P1 | -70.00 |"
    open_items(book, as_of, f"| document_id | open_amount |\n{expected}")


def test_what_is_not_posted_is_not_there(book: SmallBook) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | posting_date | currency | amount | status |
        | draft      | C1          | 2026-01-05   | .            | EUR      | 1.00   | draft  |
        | void       | C1          | 2026-01-05   | .            | EUR      | 2.00   | void   |
        | later      | C1          | 2026-01-05   | 2026-02-01   | EUR      | 4.00   | posted |
        | early      | C1          | 2026-02-05   | 2026-01-31   | EUR      | 8.00   | posted |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount | status  |
        | pending    | C1          | 2026-01-05   | EUR      | 16.00  | pending |
        | failed     | C1          | 2026-01-05   | EUR      | 32.00  | failed  |
        """,
    )
    open_items(book, "2026-01-31", "| document_id | open_amount |\n| early | 8.00 |")


def test_a_receipt_before_its_invoice_is_unapplied_until_then(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES.replace("100.00", "120.00"),
        payments=PAYMENTS.replace("2026-02-10", "2026-01-02"),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-01-02 | 120.00 |
        """,
    )
    book.load()
    book.build("2026-01-04")
    book.expect("ledger.open_items", "| document_id | open_amount |\n| P1 | -120.00 |")
    book.build("2026-01-05")
    book.expect("ledger.open_items", "| document_id |")


def test_cash_across_currencies_says_what_it_takes_or_stays_unapplied(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS.replace("EUR", "USD"),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | source_amount |
        | A1             | P1        | I1         | 2026-02-10 | 100.00 | 110.00        |
        | A2             | P1        | I2         | 2026-02-10 | 9.00   | .             |
        """,
    )
    open_items(
        book,
        "2026-02-28",
        "| document_id | currency | open_amount |\n| I2 | EUR | 50.00 |\n| P1 | USD | -10.00 |",
    )


def test_every_posting_names_the_line_it_comes_from(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 70.00  |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.postings inner join raw.files using (file_number)",
        """
        | kind      | effective_date | amount  | file_name        | line |
        | invoiced  | 2026-01-05     | 100.00  | invoices.csv     | 2    |
        | invoiced  | 2026-01-20     | 50.00   | invoices.csv     | 3    |
        | collected | 2026-02-10     | -120.00 | payments.csv     | 2    |
        | applied   | 2026-02-10     | -70.00  | applications.csv | 2    |
        | applied   | 2026-02-10     | 70.00   | applications.csv | 2    |
        """,
    )


def test_functional_amounts_stay_at_their_booking_rate_pro_rata_and_base_amounts_close(book: SmallBook) -> None:
    book.put(
        entities="| entity_id | functional_currency |\n| main | EUR |",
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-05   | USD      | 90.00  | 83.01             |
        | I2         | C1          | 2026-01-05   | EUR      | 50.00  | .                 |
        | I3         | C1          | 2026-01-05   | JPY      | 1000   | .                 |
        """,
        payments=PAYMENTS.replace("EUR", "USD"),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 60.00  |
        """,
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate   |
        | 2026-02-20 | USD           | EUR         | 0.9000 |
        | 2026-02-26 | USD           | EUR         | 0.9125 |
        | 2026-02-20 | JPY           | EUR         | 0.0060 |
        """,
    )
    open_items(
        book,
        "2026-02-28",
        """
        | document_id | open_amount | open_amount_functional | open_amount_base |
        | I1          | 30.00       | 27.67                  | 27.38            |
        | I2          | 50.00       | 50.00                  | 50.00            |
        | I3          | 1000.00     | .                      | .                |
        | P1          | -60.00      | .                      | -54.75           |
        """,
    )


def test_the_payer_is_the_invoices_else_the_customers_else_the_customer(book: SmallBook) -> None:
    book.put(
        customers="""
        | customer_id | valid_from | payer_id | segment |
        | C1          | .          | PAY1     | smb     |
        | C1          | 2026-02-01 | PAY2     | mid     |
        | C1          | 2026-12-01 | PAY3     | big     |
        """,
        invoices="""
        | invoice_id | customer_id | payer_id | invoice_date | currency | amount |
        | I1         | C1          | .        | 2026-01-05   | EUR      | 1.00   |
        | I2         | C1          | OWN      | 2026-01-05   | EUR      | 2.00   |
        | I3         | C9          | .        | 2026-01-05   | EUR      | 3.00   |
        """,
    )
    table = "| document_id | payer_id | segment |\n| I1 | {} | {} |\n| I2 | OWN | {} |\n| I3 | C9 | . |"
    open_items(book, "2026-01-31", table.format("PAY1", "smb", "smb"))
    open_items(book, "2026-02-28", table.format("PAY2", "mid", "mid"))


def test_a_balance_stands_from_the_period_end_of_its_change_to_the_next(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 100.00 |
        | A2             | P1        | I2         | 2026-03-01 | 20.00  |
        """,
    )
    book.load()
    book.build("2026-03-31")
    book.expect(
        "ledger.balance_steps",
        """
        | period_number | next_period | open_amount |
        | 1             | 2           | 100.00      |
        | 1             | 3           | 50.00       |
        | 2             | 3           | -20.00      |
        | 3             | .           | 30.00       |
        """,
    )
