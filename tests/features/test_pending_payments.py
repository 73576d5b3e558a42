"""Pending payments: what each settles, once, and what comes on account (`features.pending_payments`, `pending_claims`,
`pending_settlements`)."""

from datetime import date

import pytest

from checks.contract_checks import run_check
from checks.features import RECONCILIATIONS
from tests.small_books import SmallBook


@pytest.fixture
def pending(book: SmallBook) -> SmallBook:
    """C1 owes 100 (due first) and 50, C2 owes 30. P1 names the younger invoice with a euro of discount, P2 nothing, P3 is C2's
    and more than it owes, P4 is old, P5 failed, P6 is posted and on account."""
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
        | I2         | C1          | 2026-01-20   | 2026-02-19 | EUR      | 50.00  |
        | I3         | C2          | 2026-01-20   | 2026-02-19 | EUR      | 30.00  |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount | status  |
        | P1         | C1          | 2026-02-27   | EUR      | 40.00  | pending |
        | P2         | C1          | 2026-03-04   | EUR      | 90.00  | pending |
        | P3         | C2          | 2026-03-03   | EUR      | 45.00  | pending |
        | P4         | C2          | 2026-02-13   | EUR      | 7.00   | pending |
        | P5         | C2          | 2026-02-27   | EUR      | 8.00   | failed  |
        | P6         | C1          | 2026-02-20   | EUR      | 20.00  | posted  |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | discount_amount |
        | A1             | P1        | I2         | 2026-02-27 | 39.00  | 1.00            |
        """,
    )
    book.load()
    book.build("2026-02-28")
    return book


def test_a_pending_payment_settles_what_it_names_then_what_is_due_first_and_the_rest_is_on_account(
    pending: SmallBook,
) -> None:
    """P6 leaves 80 of I1 open. P1: 40 of I2 for 39, and the euro left of it goes to I1; P2: the 79 left of I1, 10 of I2, and a
    euro on account; P3: 30 of I3 and 15 on account."""
    pending.expect(
        "features.pending_settlements",
        """
        | spell_key = 0 | expected_on | settled_amount | cash_amount | cash_amount_base |
        | False         | 2026-02-27  | 40.00          | 39.00       | 39.00            |
        | False         | 2026-02-27  | 1.00           | 1.00        | 1.00             |
        | False         | 2026-03-04  | 79.00          | 79.00       | 79.00            |
        | False         | 2026-03-04  | 10.00          | 10.00       | 10.00            |
        | True          | 2026-03-04  | 1.00           | 1.00        | 1.00             |
        | False         | 2026-03-03  | 30.00          | 30.00       | 30.00            |
        | True          | 2026-03-03  | 15.00          | 15.00       | 15.00            |
        """,
    )
    pending.expect(
        "features.pending_claims", "| settled_amount | cash_amount | drawn_amount |\n| 40.00 | 39.00 | 39.00 |"
    )


def test_one_that_is_pending_for_long_is_told_and_not_expected(pending: SmallBook) -> None:
    pending.expect("features.pending_payments where not is_expected", "| expected_on | amount |\n| 2026-02-13 | 7.00 |")
    pending.rows("select 1 from features.pending_settlements")
    checks = {check.name: check for check in RECONCILIATIONS}
    with pending.home().warehouse(read_only=True) as warehouse:
        asked = {"as_of": date(2026, 2, 28)}
        assert run_check(checks["no_pending_payment_is_overdue"], warehouse, asked) == (1, 7)
        assert run_check(checks["every_pending_payment_is_expected_once"], warehouse, asked)[0] == 0
