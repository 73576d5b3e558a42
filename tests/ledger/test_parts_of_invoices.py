"""Instalments further: names and no names together, knowledge, and due dates that cannot be believed."""

import pytest

from tests.ledger.test_instalments import INVOICE, THIRDS
from tests.small_books import SmallBook


def test_what_a_payment_names_and_what_it_does_not_settle_a_part_together(book: SmallBook) -> None:
    book.put(
        invoices=INVOICE,
        instalments=THIRDS,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-10 | USD | 130.00 |",
    )
    applied = """
    | application_id | source_id | invoice_id | instalment | applied_on | amount | discount_amount |
    | A1             | P1        | I1         | {}         | 2026-02-10 | 30.00  | 10.00           |
    | A2             | P1        | I1         | .          | 2026-02-10 | 100.00 | .               |
    """
    book.put(applications=applied.format("a"))
    book.load("2026-02-28T00:00:00")
    book.put(applications_2=applied.format("c"))
    book.load("2026-03-01T00:00:00")
    book.build("2026-02-28", known_at="2026-02-28T00:00:00")
    book.expect("ledger.open_items", "| instalment | open_amount |\n| b | 60.00 |\n| c | 100.00 |")
    book.expect(
        "marts.aging_monthly",
        """
        | month_end  | aging_bucket | open_amount |
        | 2026-01-31 | current      | 300.00      |
        | 2026-02-28 | current      | 160.00      |
        """,
    )
    book.build("2026-02-28", known_at="2026-03-01T00:00:00")
    book.expect("ledger.open_items", "| instalment | open_amount |\n| b | 100.00 |\n| c | 60.00 |")


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        ("300.00", "| . | 2026-01-15 | 100.00 |\n| a | 2026-01-31 | 100.00 |\n| b | 2026-02-28 | 100.00 |"),
        ("200.00", "| a | 2026-01-31 | 100.00 |\n| b | 2026-02-28 | 100.00 |"),
        ("100.00", "| a | 2026-01-31 | 100.00 |"),
    ],
)
def test_what_parts_leave_out_is_due_as_the_invoice_and_there_is_no_part_of_nothing(
    book: SmallBook, amount: str, parts: str
) -> None:
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | due_date | currency | amount |\n"
        f"| I1 | C1 | 2026-01-01 | 2026-01-15 | USD | {amount} |",
        instalments="\n".join(line for line in THIRDS.splitlines() if "| c " not in line),
    )
    book.load()
    book.build("2026-01-10")
    book.expect("ledger.instalments", f"| instalment | due_date | part_amount |\n{parts}")


@pytest.mark.parametrize(("policy", "mistaken"), [("invoice_date", "2026-01-10"), ("bucket", "."), ("terms", ".")])
def test_a_part_may_be_due_at_once_but_not_before_its_invoice(book: SmallBook, policy: str, mistaken: str) -> None:
    book.policy = f"aging: {{no_due_date: {policy}}}"
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-10 | USD | 200.00 |",
        instalments="""
        | invoice_id | instalment | due_date   | amount |
        | I1         | a          | 2026-01-10 | 100.00 |
        | I1         | b          | 2026-01-09 | 100.00 |
        """,
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "ledger.instalments",
        f"""
        | instalment | due_date   | due_date_flag           | aged_from  |
        | a          | 2026-01-10 | .                       | 2026-01-10 |
        | b          | .          | due_date_before_invoice | {mistaken} |
        """,
    )
