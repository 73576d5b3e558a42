"""Which applications compete for a source or an invoice, and what each gets of it."""

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | currency | amount |
| I1         | C1          | 2026-01-05   | USD      | 100.00 |
| I2         | C1          | 2026-01-05   | USD      | 100.00 |
"""
PAYMENTS = """
| payment_id | customer_id | payment_date | currency | amount |
| P1         | C1          | 2026-02-01   | USD      | 120.00 |
"""


def test_a_source_that_is_asked_for_too_much_serves_who_came_first(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-01 | 100.00 |
        | A2             | P1        | I2         | 2026-02-03 | 100.00 |
        """,
    )
    book.load()
    book.build("2026-02-28")
    cut = """
        | claim_id       | effective_from | applied_amount | drawn_amount |
        | A1             | 2026-02-01     | 100.00         | 100.00       |
        | A2             | 2026-02-03     | 20.00          | 20.00        |
    """
    book.expect("ledger.overdrawn_claims", cut)
    book.expect("ledger.funded_claims", cut)
    book.expect("ledger.settlements", cut)


def test_an_application_taken_back_and_made_again_competes_with_nothing(book: SmallBook) -> None:
    # on 10 February the 100 leave I1 for I2: 200 were asked of 120 in all, but never more than 100 at once
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | unapplied_on | amount |
        | A1             | P1        | I1         | 2026-02-01 | 2026-02-10   | 100.00 |
        | A2             | P1        | I2         | 2026-02-10 | .            | 100.00 |
        """,
    )
    book.load()
    book.build("2026-02-28")
    assert not book.rows("select claim_id from ledger.overdrawn_claims")
    book.expect(
        "ledger.settlements",
        """
        | claim_id       | effective_from | effective_to | applied_amount |
        | A1             | 2026-02-01     | 2026-02-10   | 100.00         |
        | A2             | 2026-02-10     | 9999-12-31   | 100.00         |
        """,
    )


def test_an_overpaid_invoice_takes_what_it_has_room_for(book: SmallBook) -> None:
    # A1 is taken back on 10 February: from then on there is room for all of A2, and of A3 for what is left
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS
        + """
        | P2         | C1          | 2026-02-01   | USD      | 90.00  |
        | P3         | C1          | 2026-02-01   | USD      | 90.00  |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | unapplied_on | amount |
        | A1             | P1        | I1         | 2026-02-01 | 2026-02-10   | 60.00  |
        | A2             | P2        | I1         | 2026-02-02 | .            | 70.00  |
        | A3             | P3        | I1         | 2026-02-20 | .            | 50.00  |
        | A4             | P3        | I2         | 2026-02-20 | .            | 40.00  |
        """,
    )
    book.load()
    book.build("2026-02-28")
    cut = """
        | claim_id       | effective_from | effective_to | applied_amount | drawn_amount |
        | A1             | 2026-02-01     | 2026-02-10   | 60.00          | 60.00        |
        | A2             | 2026-02-02     | 2026-02-10   | 40.00          | 40.00        |
        | A2             | 2026-02-10     | 9999-12-31   | 70.00          | 70.00        |
        | A3             | 2026-02-20     | 9999-12-31   | 30.00          | 30.00        |
    """
    book.expect("ledger.overpaid_claims", cut)
    book.expect(
        "ledger.settlements",
        cut + "| A4             | 2026-02-20     | 9999-12-31   | 40.00          | 40.00        |\n",
    )


def test_a_working_file_in_which_settlements_were_a_table_is_taken_over(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    home = book.load()
    with home.warehouse() as warehouse:
        warehouse.execute("create table ledger.settlements as select 1 as of_an_earlier_release")
    book.build("2026-02-28")
    book.expect("ledger.settlements", "| claim_id |")
