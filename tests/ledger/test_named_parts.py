"""Payments that name the part that they settle: beside others, undone, reopened, and what follows for the other parts."""

import pytest

from tests.ledger.test_instalments import INVOICE, THIRDS
from tests.small_books import SmallBook

PAID = "| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-10 | USD | 300.00 |"


def test_what_names_no_part_does_not_go_to_the_one_without_a_name(book: SmallBook) -> None:
    """The parts leave 60 to a part without a name, due in December; 100 that name nothing are for what was due first."""
    book.put(
        invoices=INVOICE,
        instalments=THIRDS.replace("2026-03-31 | 100.00", "2026-03-31 | 40.00"),
        payments=PAID,
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-10 | 100.00 |",
    )
    book.load()
    book.build("2026-02-10")
    book.expect(
        "ledger.open_items where document_type = 'invoice'",
        "| instalment | open_amount |\n| b | 100.00 |\n| c | 40.00 |\n| . | 60.00 |",
    )


def test_a_name_holds_for_its_own_invoice_with_discount_and_tax_until_it_is_unapplied(book: SmallBook) -> None:
    """30 paid, 10 of discount and 5 of tax settle c of I1; 50 of I2 name nothing. Without A1, the 20 of A3 are for a."""
    book.put(
        invoices=INVOICE + "| I2 | C1 | 2026-01-01 | 2026-12-31 | USD | 300.00 |",
        instalments=THIRDS + THIRDS.replace("I1 ", "I2 ").split("\n", 2)[2],
        payments=PAID,
        applications="""
        | application_id | source_id | invoice_id | instalment | applied_on | amount | discount_amount | withheld_amount | unapplied_on |
        | A1             | P1        | I1         | c          | 2026-02-10 | 30.00  | 10.00           | 5.00            | 2026-02-20   |
        | A2             | P1        | I2         | .          | 2026-02-10 | 50.00  | .               | .               | .            |
        | A3             | P1        | I1         | .          | 2026-02-20 | 20.00  | .               | .               | .            |
        """,
    )
    book.load()
    for day, of_the_first in (
        ("2026-02-19", ("100.00", "100.00", "55.00")),
        ("2026-02-20", ("80.00", "100.00", "100.00")),
    ):
        book.build(day)
        a, b, c = of_the_first
        book.expect(
            "ledger.open_items where document_type = 'invoice'",
            f"""
            | document_id | instalment | open_amount |
            | I1          | a          | {a}         |
            | I1          | b          | {b}         |
            | I1          | c          | {c}         |
            | I2          | a          | 50.00       |
            | I2          | b          | 100.00      |
            | I2          | c          | 100.00      |
            """,
        )
        book.expect(
            f"(select count(*) as later from ledger.instalment_balances where effective_date > date '{day}')",
            "| later |\n| 0 |",
        )
        book.expect(
            "(select count(*) as steps, count(next_period) as ended from ledger.instalment_steps where period_number = 2)",
            "| steps | ended |\n| 6 | 0 |",
        )


@pytest.mark.parametrize(
    ("refund", "parts"),
    [
        ("140.00", "| b | 40.00 |\n| c | 100.00 |"),
        ("240.00", "| a | 40.00 |\n| b | 100.00 |\n| c | 100.00 |"),
    ],
)
def test_what_is_reopened_is_taken_from_the_parts_that_are_due_last(book: SmallBook, refund: str, parts: str) -> None:
    """Each part was paid by name; what is left of the 300 after a refund is for the first ones, whatever the policy."""
    book.policy = "instalments: {advances: pro_rata}"
    book.put(
        invoices=INVOICE,
        instalments=THIRDS,
        payments=PAID,
        applications="""
        | application_id | source_id | invoice_id | instalment | applied_on | amount |
        | A1             | P1        | I1         | a          | 2026-02-10 | 100.00 |
        | A2             | P1        | I1         | b          | 2026-02-10 | 100.00 |
        | A3             | P1        | I1         | c          | 2026-02-10 | 100.00 |
        """,
        refunds=f"""
        | refund_id | source_id | refunded_on | amount   | reopens_invoice_id |
        | F1        | P1        | 2026-02-20  | {refund} | I1                 |
        """,
    )
    book.load()
    book.expect_open("2026-02-10", "| instalment | open_amount |")
    book.build("2026-02-20")
    book.expect("ledger.open_items where document_type = 'invoice'", f"| instalment | open_amount |\n{parts}")
