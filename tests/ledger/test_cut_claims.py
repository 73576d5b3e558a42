"""What is left for a claim under the caps of its source and its invoice, and what a refund reopens, span by span.

What claims ask for before any cap belongs to `test_claims.py`.
"""

from tests.small_books import SmallBook

PAYMENT = "| payment_id | customer_id | payment_date | currency | amount |\n"
INVOICE = "| invoice_id | customer_id | invoice_date | currency | amount |\n"


def test_across_currencies_what_is_cut_on_one_side_is_cut_pro_rata_on_the_other(book: SmallBook) -> None:
    book.put(
        invoices=INVOICE
        + "\n".join(f"| I{n} | C1 | 2026-01-05 | EUR | {amount} |" for n, amount in ((1, 6), (2, 9), (3, 5))),
        payments=PAYMENT + "| P1 | C1 | 2026-01-10 | JPY | 1000 |\n| P2 | C1 | 2026-01-10 | JPY | 700 |",
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | source_amount | discount_amount | withheld_amount |
        | A1             | P1        | I1         | 2026-02-01 | 6.00   | 700           | .               | .               |
        | A2             | P1        | I2         | 2026-02-02 | 6.00   | 700           | 0.10            | 0.05            |
        | A3             | P2        | I3         | 2026-02-03 | 6.00   | 700           | 0.10            | 0.20            |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.overdrawn_claims",
        """
        | claim_id | applied_amount | drawn_amount | discount_taken | withheld_taken |
        | A1       | 6.00           | 700.00       | 0.00           | 0.00           |
        | A2       | 2.57           | 300.00       | 0.10           | 0.05           |
        """,
    )
    # of 6.30 that were asked there is room for 5.00: the cash gives way first
    book.expect(
        "ledger.overpaid_claims",
        """
        | claim_id | applied_amount | drawn_amount | discount_taken | withheld_taken |
        | A3       | 4.70           | 548.00       | 0.10           | 0.20           |
        """,
    )


def test_a_refund_and_an_application_that_ask_for_too_much_are_cut_to_what_is_left(book: SmallBook) -> None:
    book.put(
        invoices=INVOICE + "| I1 | C1 | 2026-01-05 | USD | 100.00 |",
        payments=PAYMENT + "| P1 | C1 | 2026-01-10 | USD | 50.00 |\n| P2 | C1 | 2026-01-10 | USD | 20.00 |",
        refunds="""
        | refund_id | source_id | refunded_on | amount |
        | R1        | P2        | 2026-02-01  | 15.00  |
        | R2        | P2        | 2026-02-02  | 15.00  |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-01 | 30.00  |
        | A2             | P1        | I1         | 2026-02-02 | 30.00  |
        | A3             | P1        | I1         | 2026-02-03 | 30.00  |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.overdrawn_claims",
        """
        | claim_id | applied_amount | drawn_amount |
        | A1       | 30.00          | 30.00        |
        | A2       | 20.00          | 20.00        |
        | A3       | 0.00           | 0.00         |
        | R1       | 0.00           | 15.00        |
        | R2       | 0.00           | 5.00         |
        """,
    )
    book.expect("ledger.postings where amount = 0", "| kind |")


def test_two_overpaid_invoices_and_one_that_a_refund_reopens_have_room_of_their_own(book: SmallBook) -> None:
    book.put(
        invoices=INVOICE + "".join(f"| I{n} | C1 | 2026-01-05 | USD | 100.00 |\n" for n in (1, 2, 3, 4)),
        payments=PAYMENT + "".join(f"| P{n} | C1 | 2026-01-10 | USD | 300.00 |\n" for n in (1, 2, 3, 4)),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | unapplied_on |
        | A1             | P1        | I1         | 2026-02-01 | 80.00  | 2026-02-20   |
        | A2             | P1        | I1         | 2026-02-02 | 80.00  | .            |
        | B1             | P2        | I2         | 2026-02-03 | 90.00  | 2026-02-15   |
        | B2             | P2        | I2         | 2026-02-04 | 90.00  | .            |
        | C1             | P3        | I3         | 2026-02-05 | 100.00 | .            |
        | C2             | P3        | I3         | 2026-02-06 | 50.00  | .            |
        | D0             | P4        | I4         | 2026-02-01 | 10.00  | 2026-02-11   |
        | D1             | P4        | I4         | 2026-02-12 | 80.00  | .            |
        | D2             | P4        | I4         | 2026-02-13 | 80.00  | .            |
        """,
        refunds="""
        | refund_id | source_id | refunded_on | amount | reopens_invoice_id |
        | R1        | P3        | 2026-02-10  | 40.00  | I3                 |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.overpaid_claims",
        """
        | claim_id | effective_from | effective_to | applied_amount |
        | A1       | 2026-02-01     | 2026-02-20   | 80.00          |
        | A2       | 2026-02-02     | 2026-02-20   | 20.00          |
        | A2       | 2026-02-20     | 9999-12-31   | 80.00          |
        | B1       | 2026-02-03     | 2026-02-15   | 90.00          |
        | B2       | 2026-02-04     | 2026-02-15   | 10.00          |
        | B2       | 2026-02-15     | 9999-12-31   | 90.00          |
        | C1       | 2026-02-05     | 2026-02-10   | 100.00         |
        | C1       | 2026-02-10     | 9999-12-31   | 100.00         |
        | C2       | 2026-02-06     | 2026-02-10   | 0.00           |
        | C2       | 2026-02-10     | 9999-12-31   | 40.00          |
        | D0       | 2026-02-01     | 2026-02-11   | 10.00          |
        | D1       | 2026-02-12     | 9999-12-31   | 80.00          |
        | D2       | 2026-02-13     | 9999-12-31   | 20.00          |
        """,
    )


def test_of_a_payment_taken_back_whole_neither_discount_nor_tax_withheld_is_granted(book: SmallBook) -> None:
    book.put(
        invoices=INVOICE + "| I1 | C1 | 2026-01-05 | USD | 100.00 |",
        payments=PAYMENT + "| P1 | C1 | 2026-01-10 | USD | 90.00 |",
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | discount_amount | withheld_amount |
        | A1             | P1        | I1         | 2026-02-01 | 90.00  | 6.00            | 4.00            |
        """,
        payment_reversals="| reversal_id | payment_id | reversed_on |\n| X1 | P1 | 2026-02-10 |",
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.overdrawn_claims",
        """
        | effective_from | effective_to | applied_amount | discount_taken | withheld_taken |
        | 2026-02-01     | 2026-02-10   | 90.00          | 6.00           | 4.00           |
        | 2026-02-10     | 9999-12-31   | 0.00           | 0.00           | 0.00           |
        """,
    )


def test_a_refund_that_is_not_known_any_more_reopens_nothing(book: SmallBook) -> None:
    book.put(
        invoices=INVOICE + "| I1 | C1 | 2026-01-05 | USD | 100.00 |",
        payments=PAYMENT + "| P1 | C1 | 2026-01-10 | USD | 100.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-01-10 | 100.00 |",
    )
    refund = "| refund_id | source_id | refunded_on | amount | reopens_invoice_id | _deleted |\n| R1 | P1 | 2026-01-20 | 30.00 | I1 | {} |"
    book.load("2026-02-01T00:00:00")
    book.put(refunds=refund.format("false"))
    book.load("2026-02-02T00:00:00")
    book.put(refunds_2=refund.format("true"))
    book.load("2026-02-03T00:00:00")
    for known_at, left in (("2026-02-01", ""), ("2026-02-02", "\n| I1 | 30.00 |"), ("2026-02-03", "")):
        book.expect_open("2026-01-31", f"| document_id | open_amount |{left}", known_at=f"{known_at}T00:00:00")


def test_a_refund_reopens_each_invoice_as_far_as_that_was_settled_by_the_day(book: SmallBook) -> None:
    book.put(
        invoices=INVOICE + "| I1 | C1 | 2026-01-05 | USD | 100.00 |\n| I2 | C1 | 2026-01-05 | USD | 100.00 |",
        payments=PAYMENT + "| P1 | C1 | 2026-01-10 | USD | 100.00 |\n| P2 | C1 | 2026-01-10 | USD | 100.00 |",
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-01 | 100.00 |
        | A2             | P2        | I2         | 2026-02-01 | 10.00  |
        | A3             | P2        | I2         | 2026-02-20 | 25.00  |
        """,
        refunds="""
        | refund_id | source_id | refunded_on | amount | reopens_invoice_id |
        | R1        | P1        | 2026-02-10  | 30.00  | I1                 |
        | R2        | P2        | 2026-02-10  | 40.00  | I2                 |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.reopenings",
        """
        | effective_from | effective_to | reopened_amount |
        | 2026-02-10     | 9999-12-31   | 30.00           |
        | 2026-02-10     | 2026-02-20   | 10.00           |
        | 2026-02-20     | 9999-12-31   | 35.00           |
        """,
    )


def test_what_an_invoice_had_no_room_for_is_refunded_or_written_off(book: SmallBook) -> None:
    """Payments applied whole to invoices of 100: 30 too much refunded, 20 written off for a while, 50 asked for twice,
    and 30 refunded of a payment that bounces later."""
    book.put(
        invoices=INVOICE + "\n".join(f"| I{n} | C1 | 2026-01-05 | USD | 100.00 |" for n in (1, 2, 3, 4)),
        payments=PAYMENT
        + "\n".join(
            f"| P{n} | C1 | 2026-01-10 | USD | {paid} |" for n, paid in ((1, 130), (2, 120), (3, 150), (4, 130))
        ),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-01 | 130.00 |
        | A2             | P2        | I2         | 2026-02-01 | 120.00 |
        | A3             | P3        | I3         | 2026-02-01 | 150.00 |
        | A4             | P4        | I4         | 2026-02-01 | 130.00 |
        """,
        refunds="""
        | refund_id | source_id | refunded_on | amount |
        | R1        | P1        | 2026-02-10  | 30.00  |
        | R3        | P3        | 2026-02-05  | 30.00  |
        | R4        | P3        | 2026-02-06  | 30.00  |
        | R5        | P4        | 2026-02-10  | 30.00  |
        """,
        write_offs="""
        | write_off_id | invoice_id | source_id | written_off_on | amount | reversed_on |
        | W1           | .          | P2        | 2026-02-12     | 20.00  | 2026-02-20  |
        """,
        payment_reversals="""
        | reversal_id | payment_id | reversed_on | reason             |
        | V1          | P4         | 2026-02-15  | insufficient_funds |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.refilled_claims",
        """
        | claim_id | effective_from | effective_to | drawn_amount |
        | R1       | 2026-02-10     | 9999-12-31   | 30.00        |
        | W1       | 2026-02-12     | 2026-02-20   | 20.00        |
        | R3       | 2026-02-05     | 2026-02-06   | 30.00        |
        | R3       | 2026-02-06     | 9999-12-31   | 30.00        |
        | R4       | 2026-02-06     | 9999-12-31   | 20.00        |
        | R5       | 2026-02-10     | 2026-02-15   | 30.00        |
        | R5       | 2026-02-15     | 9999-12-31   | 0.00         |
        """,
    )
    book.expect_open(
        "2026-02-28",
        """
        | document_id | open_amount |
        | P2          | -20.00      |
        | I4          | 100.00      |
        """,
    )
