"""Scheduled billings as the book has them on a day: payers, due dates, what they became (`features.scheduled_billings`)."""

from datetime import date

import pytest

from checks.contract_checks import run_check
from checks.features import RECONCILIATIONS
from tests.small_books import SmallBook


@pytest.fixture
def scheduled(book: SmallBook) -> SmallBook:
    """C1 pays in twenty days by its terms, C2 had ten days lately, C3 was never billed; no rate for yen."""
    book.policy = "base_currency: EUR"
    book.put(
        customers="| customer_id | payer_id | terms_days |\n| C1 | . | 20 |\n| C2 | . | . |\n| C3 | . | . |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount | status |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 | posted |
        | I2         | C2          | 2026-01-20   | 2026-01-30 | EUR      | 50.00  | posted |
        | I3         | C1          | 2026-03-05   | 2026-04-04 | EUR      | 90.00  | posted |
        | I4         | C1          | 2026-02-05   | 2026-04-04 | EUR      | 80.00  | draft  |
        | I5         | C2          | 2025-01-05   | 2025-02-04 | USD      | 80.00  | posted |
        """,
        billing_schedule="""
        | schedule_id | customer_id | bill_on    | currency | amount | probability | invoice_id |
        | S1          | C1          | 2026-01-05 | EUR      | 95.00  | .           | I1         |
        | S2          | C1          | 2026-03-05 | EUR      | 90.00  | .           | I3         |
        | S3          | C2          | 2026-03-06 | USD      | 50.00  | 0.80        | .          |
        | S4          | C3          | 2026-03-07 | JPY      | 900    | .           | .          |
        | S5          | C3          | 2026-02-27 | EUR      | 30.00  | .           | I4         |
        """,
        fx_rates="| from_currency | to_currency | rate_date | rate |\n| USD | EUR | 2026-02-28 | 0.50 |",
    )
    book.load()
    book.build("2026-02-28")
    return book


def test_a_billing_is_due_by_the_customers_terms_else_by_those_of_late_else_by_policy(scheduled: SmallBook) -> None:
    """What was invoiced after the day, or is a draft, was not invoiced by it."""
    scheduled.expect(
        "features.scheduled_billings",
        """
        | bill_on    | due_date   | amount | amount_base | probability | invoiced_on |
        | 2026-01-05 | 2026-01-25 | 95.00  | 95.00       | 1.00        | 2026-01-05  |
        | 2026-03-05 | 2026-03-25 | 90.00  | 90.00       | 1.00        | .           |
        | 2026-03-06 | 2026-03-16 | 50.00  | 25.00       | 0.80        | .           |
        | 2026-03-07 | 2026-04-06 | 900.00 | .           | 1.00        | .           |
        | 2026-02-27 | 2026-03-29 | 30.00  | 30.00       | 1.00        | .           |
        """,
    )


def test_a_day_that_passed_without_an_invoice_and_a_missing_rate_are_told(scheduled: SmallBook) -> None:
    scheduled.rows("select 1 from features.scheduled_billings")
    checks = {check.name: check for check in RECONCILIATIONS}
    with scheduled.home().warehouse(read_only=True) as warehouse:
        for name, amount in (
            ("no_scheduled_billing_is_overdue", 30),
            ("every_scheduled_billing_has_a_base_amount", 900),
        ):
            assert run_check(checks[name], warehouse, {"as_of": date(2026, 2, 28)}) == (1, amount), name
