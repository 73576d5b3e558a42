"""ASU 2025-05: what was collected of a day's receivables by an evaluation date, and the two ways of ageing the rest."""

import pytest

from tests.small_books import SmallBook

EXPEDIENT = """
allowance:
  method: given
  given_rates: [{pool: all, aging_bucket: current, rate: 0.02}, {pool: all, aging_bucket: 1-30, rate: 0.10}]
  practical_expedient: true
  subsequent_collections: {evaluation_date: 2026-04-15, ageing_at: AGEING_AT}
"""
AFTERWARDS = {
    "invoices": """
    | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
    | I1         | C1          | 2026-03-01   | 2026-03-25 | USD      | 100.00 |
    | I2         | C1          | 2026-03-01   | 2026-04-10 | USD      | 200.00 |
    | I3         | C2          | 2026-03-01   | .          | USD      | 90.00  |
    """,
    "instalments": """
    | invoice_id | instalment | due_date   | amount |
    | I3         | 1          | 2026-03-20 | 40.00  |
    | I3         | 2          | 2026-06-20 | 50.00  |
    """,
    "payments": """
    | payment_id | customer_id | payment_date | currency | amount |
    | P1         | C1          | 2026-04-02   | USD      | 100.00 |
    | P2         | C1          | 2026-04-20   | USD      | 200.00 |
    | P3         | C2          | 2026-04-15   | USD      | 60.00  |
    """,
    "credit_memos": "| credit_memo_id | customer_id | credit_date | currency | amount |\n| CM | C1 | 2026-04-05 | USD | 50.00 |",
    "applications": """
    | application_id | source_id | invoice_id | applied_on | amount |
    | A1             | P1        | I1         | 2026-04-02 | 100.00 |
    | A2             | P2        | I2         | 2026-04-20 | 150.00 |
    | A3             | P3        | I3         | 2026-04-15 | 60.00  |
    | A4             | CM        | I2         | 2026-04-05 | 50.00  |
    """,
}
"""What comes after March: cash in time (I1, part of I3), too late (I2), and a credit, which is no collection (I2)."""


@pytest.mark.parametrize(
    ("ageing_at", "bucket", "allowance", "exposed"),
    [("balance_sheet_date", "current", "4.00", "230.00"), ("evaluation_date", "1-30", "20.00", "30.00")],
)
def test_what_is_collected_by_an_evaluation_date_carries_no_allowance(
    book: SmallBook, ageing_at: str, bucket: str, allowance: str, exposed: str
) -> None:
    """I1 is paid in full and I3 by 60, its older part first; only the ageing differs between the two choices."""
    book.policy = EXPEDIENT.replace("AGEING_AT", ageing_at)
    book.put(**AFTERWARDS)
    book.load()
    book.build("2026-03-31")
    book.expect(
        "marts.allowance_items",
        f"""
        | document_id | instalment | aging_bucket | exposure | collected_after | allowance |
        | I1          | .          | 1-30         | 0.00     | 100.00          | 0.00      |
        | I2          | .          | {bucket} | 200.00   | 0.00            | {allowance} |
        | I3          | 1          | 1-30         | 0.00     | 40.00           | 0.00      |
        | I3          | 2          | current      | 30.00    | 20.00           | 0.60      |
        """,
    )
    book.expect(
        "marts.allowance_schedule where aging_bucket = 'current'",
        f"| exposure | collected_after |\n| {exposed} | 20.00 |",
    )


def test_what_comes_after_the_evaluation_date_or_without_one_changes_nothing(book: SmallBook) -> None:
    book.policy = EXPEDIENT.replace("AGEING_AT", "evaluation_date")
    book.put(**AFTERWARDS)
    book.load()
    book.build("2026-04-15")
    book.expect("marts.allowance_items where document_id = 'I2'", "| exposure | collected_after |\n| 150.00 | 0.00 |")
    book.policy = EXPEDIENT.partition("  subsequent")[0]
    book.load()
    book.build("2026-03-31")
    book.expect("marts.allowance_items where document_id = 'I1'", "| exposure | collected_after |\n| 100.00 | 0.00 |")
