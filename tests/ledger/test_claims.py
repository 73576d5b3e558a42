"""What asks of a source, of an invoice or of both, claim by claim: from when to when, for how much.

What is open in the end belongs to the tests of each kind of event; here are the rows that it is made of.
What is cut of them belongs to `test_cut_claims.py`.
"""

from tests.small_books import SmallBook

PAYMENT = "| payment_id | customer_id | payment_date | currency | amount |\n"
INVOICE = "| invoice_id | customer_id | invoice_date | currency | amount |\n"


def test_a_refund_a_credit_written_off_and_a_receipt_from_before_ask_of_their_source_alone(book: SmallBook) -> None:
    book.policy = "entities: {history_starts_on: 2026-01-01}"
    book.put(
        payments=PAYMENT + "| P1 | C1 | 2026-01-10 | USD | 500.00 |",
        refunds="""
        | refund_id | source_id | refunded_on | posting_date | amount |
        | R1        | P1        | 2026-02-01  | 2026-02-03   | 50.00  |
        | R2        | P1        | 2026-02-02  | .            | 10.00  |
        """,
        write_offs="""
        | write_off_id | source_id | written_off_on | posting_date | amount | reversed_on |
        | W1           | P1        | 2026-02-05     | 2026-02-06   | 20.00  | 2026-02-20  |
        | W2           | P1        | 2026-02-07     | .            | 5.00   | .           |
        """,
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I0 | 2026-02-10 | 100.00 |",
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.claims",
        """
        | kind        | claim_id | effective_from | effective_to | applied_amount | discount_taken | withheld_taken | recovered_amount | drawn_amount |
        | refunded    | R1       | 2026-02-03     | 9999-12-31   | 0.00           | 0.00           | 0.00           | 0.00             | 50.00        |
        | refunded    | R2       | 2026-02-02     | 9999-12-31   | 0.00           | 0.00           | 0.00           | 0.00             | 10.00        |
        | written_off | W1       | 2026-02-06     | 2026-02-20   | 0.00           | 0.00           | 0.00           | 0.00             | 20.00        |
        | written_off | W2       | 2026-02-07     | 9999-12-31   | 0.00           | 0.00           | 0.00           | 0.00             | 5.00         |
        | applied     | A1       | 2026-02-10     | 9999-12-31   | 0.00           | 0.00           | 0.00           | 0.00             | 100.00       |
        """,
    )
    book.expect(
        "ledger.postings",
        """
        | effective_date | kind                | amount  |
        | 2026-01-10     | collected           | -500.00 |
        | 2026-02-03     | refunded            | 50.00   |
        | 2026-02-02     | refunded            | 10.00   |
        | 2026-02-06     | written_off         | 20.00   |
        | 2026-02-20     | write_offs_reversed | -20.00  |
        | 2026-02-07     | written_off         | 5.00    |
        | 2026-02-10     | before_history      | 100.00  |
        """,
    )


def test_a_write_off_stands_until_it_is_reversed_or_its_invoice_is_void_and_falls_by_what_is_recovered(
    book: SmallBook,
) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | status | voided_on  |
        | I1         | C1          | 2026-01-05   | USD      | 100.00 | void   | 2026-04-01 |
        | I2         | C1          | 2026-01-05   | USD      | 80.00  | .      | .          |
        """,
        payments=PAYMENT + "| P2 | C1 | 2026-03-10 | USD | 25.00 |",
        write_offs="""
        | write_off_id | invoice_id | written_off_on | posting_date | amount | reversed_on |
        | W1           | I1         | 2026-03-01     | .            | 70.00  | .           |
        | W2           | I2         | 2026-02-27     | 2026-03-02   | 60.00  | 2026-03-20  |
        """,
        recoveries="""
        | recovery_id | write_off_id | payment_id | recovered_on | amount |
        | V1          | W1           | P2         | 2026-03-10   | 25.00  |
        | V2          | W2           | .          | 2026-03-12   | 15.00  |
        """,
    )
    book.load()
    book.build("2026-04-30")
    book.expect(
        "ledger.claims",
        """
        | kind        | claim_id | effective_from | effective_to | applied_amount | recovered_amount | drawn_amount |
        | written_off | W1       | 2026-03-01     | 2026-03-10   | 70.00          | 0.00             | 0.00         |
        | written_off | W1       | 2026-03-10     | 2026-04-01   | 45.00          | 25.00            | 0.00         |
        | applied     | V1       | 2026-03-10     | 2026-04-01   | 25.00          | 0.00             | 25.00        |
        | written_off | W2       | 2026-03-02     | 2026-03-12   | 60.00          | 0.00             | 0.00         |
        | written_off | W2       | 2026-03-12     | 2026-03-20   | 45.00          | 15.00            | 0.00         |
        """,
    )
    book.expect(
        "(select effective_date, kind, sum(amount) as amount from ledger.postings group by all having sum(amount) <> 0)",
        """
        | effective_date | kind                | amount  |
        | 2026-01-05     | invoiced            | 180.00  |
        | 2026-03-01     | written_off         | -70.00  |
        | 2026-03-02     | written_off         | -60.00  |
        | 2026-03-10     | collected           | -25.00  |
        | 2026-03-10     | recovered           | 25.00   |
        | 2026-03-12     | recovered           | 15.00   |
        | 2026-03-20     | write_offs_reversed | 45.00   |
        | 2026-04-01     | written_off         | 70.00   |
        | 2026-04-01     | recovered           | -25.00  |
        | 2026-04-01     | voided              | -100.00 |
        """,
    )
    book.expect("ledger.postings where amount = 0", "| kind |")


def test_a_write_off_recovered_on_its_day_is_one_claim_and_cash_in_another_currency_settles_nothing(
    book: SmallBook,
) -> None:
    book.put(
        invoices=INVOICE + "| I1 | C1 | 2026-01-05 | USD | 100.00 |",
        payments=PAYMENT + "| P1 | C1 | 2026-03-01 | EUR | 20.00 |",
        write_offs="| write_off_id | invoice_id | written_off_on | amount |\n| W1 | I1 | 2026-03-01 | 70.00 |",
        recoveries="""
        | recovery_id | write_off_id | payment_id | recovered_on | amount |
        | V1          | W1           | P1         | 2026-03-01   | 20.00  |
        """,
    )
    book.load()
    book.build("2026-03-31")
    book.expect(
        "ledger.claims",
        """
        | kind        | claim_id | effective_from | effective_to | applied_amount | recovered_amount |
        | written_off | W1       | 2026-03-01     | 9999-12-31   | 50.00          | 20.00            |
        """,
    )


def test_within_one_currency_the_smaller_of_two_amounts_leaves_the_source_and_reaches_the_invoice(
    book: SmallBook,
) -> None:
    book.put(
        invoices=INVOICE + "| I1 | C1 | 2026-01-05 | USD | 100.00 |",
        payments=PAYMENT + "| P1 | C1 | 2026-01-10 | USD | 100.00 |",
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | source_amount |
        | A1             | P1        | I1         | 2026-02-01 | 30.00  | 25.00         |
        | A2             | P1        | I1         | 2026-02-01 | 10.00  | 15.00         |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.claims", "| claim_id | applied_amount | drawn_amount |\n| A1 | 25.00 | 25.00 |\n| A2 | 10.00 | 10.00 |"
    )
