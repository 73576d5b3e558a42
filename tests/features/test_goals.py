"""Goals beside where they stand (`features.goals`), and what is published of them where nothing is forecast (`marts.targets`)."""

import pytest

from tests.small_books import SmallBook, table_of

BOOK = {
    "entities": "| entity_id | functional_currency |\n| main | EUR |",
    "customers": """
        | customer_id | collector | related_party |
        | C1          | ana       | false         |
        | C2          | ben       | false         |
        | C9          | ana       | true          |
    """,
    "invoices": """
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 300.00 |
        | I2         | C1          | 2026-01-20   | 2026-03-20 | EUR      | 100.00 |
        | I3         | C2          | 2025-10-20   | 2025-11-10 | USD      | 100.00 |
        | I4         | C9          | 2026-01-05   | 2026-02-04 | EUR      | 999.00 |
        | I5         | C2          | 2026-01-05   | 2026-02-04 | JPY      | 5000   |
    """,
    "payments": """
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-02-10   | EUR      | 200.00 |
        | P2         | C2          | 2026-02-11   | USD      | 50.00  |
        | P3         | C2          | 2025-12-31   | USD      | 7.00   |
        | P4         | C2          | 2026-02-11   | JPY      | 900    |
    """,
    "payment_reversals": "| reversal_id | payment_id | reversed_on | amount |\n| R1 | P1 | 2026-02-20 | 40.00 |",
    "applications": """
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 160.00 |
        | A2             | P2        | I3         | 2026-02-11 | 50.00  |
    """,
    "fx_rates": "| from_currency | to_currency | rate_date | rate |\n| USD | EUR | 2026-02-28 | 0.50 |",
}


@pytest.fixture
def goals(book: SmallBook) -> SmallBook:
    """One entity in euros with two collectors, dollars at a half, and yen without a rate."""
    book.policy = "base_currency: EUR"
    book.put(
        **BOOK,
        targets="""
        | entity_id | metric           | period_start | period_end | collector | definition | value  | currency |
        | main      | cash             | .            | 2026-03-31 | .         | .          | 500.00 | EUR      |
        | main      | cash             | 2026-02-11   | 2026-03-31 | ben       | .          | 500.00 | USD      |
        | main      | cash             | .            | 2025-12-31 | .         | .          | 3.00   | EUR      |
        | main      | dso              | .            | 2026-03-31 | .         | simple_90  | 60     | .        |
        | main      | percent_past_due | .            | 2026-03-31 | .         | .          | 20     | .        |
        | main      | percent_over_90  | .            | 2026-01-31 | ana       | .          | 10     | .        |
        """,
    )
    return book


def test_receipts_by_day_are_those_that_stayed(goals: SmallBook) -> None:
    goals.load()
    goals.build("2026-02-28")
    goals.expect(
        "features.receipts",
        """
        | collector | currency | received_on | amount | amount_base |
        | ana       | EUR      | 2026-02-10  | 200.00 | 200.00      |
        | ana       | EUR      | 2026-02-20  | -40.00 | -40.00      |
        | ben       | USD      | 2026-02-11  | 50.00  | 25.00       |
        | ben       | USD      | 2025-12-31  | 7.00   | 3.50        |
        | ben       | JPY      | 2026-02-11  | 900.00 | .           |
        """,
    )
    goals.expect("features.recent_billings", "| collector | billed_amount |\n| ana | 1399.00 |\n| ben | 0.00 |")


def test_goals_stand_in_base_currency_and_begin_with_their_quarter(goals: SmallBook) -> None:
    """Owed: 300 - 160 and 100 of ana's, half of 50 dollars of ben's; sales of 90 days are ana's 400."""
    goals.load()
    goals.build("2026-02-28")
    goals.expect(
        "features.goals where metric = 'cash'",
        """
        | period_start | period_end | collector | rate | stands_on  | collected_amount |
        | 2026-01-01   | 2026-03-31 | .         | 1.00 | 2026-02-28 | 185.00           |
        | 2026-02-11   | 2026-03-31 | ben       | 0.50 | 2026-02-28 | 25.00            |
        | 2025-10-01   | 2025-12-31 | .         | 1.00 | 2025-12-31 | 3.50             |
        """,
    )
    goals.expect(
        "features.goals where metric <> 'cash' and collector = ''",
        """
        | metric           | sales_days | sales  | standing_sales | receivables | owed_amount | owed_past_due_amount |
        | dso              | 90         | 400.00 | 400.00         | 261.50      | 265.00      | 165.00               |
        | percent_past_due | .          | 0.00   | 0.00           | 261.50      | 265.00      | 165.00               |
        """,
    )


def test_a_thin_book_has_its_goals_all_the_same(goals: SmallBook) -> None:
    found = table_of(goals.run("2026-02-28"), "targets").sort("period_end", "metric", "collector")
    columns = ["metric", "collector", "actual_to_date", "forecast", "probability_met", "gap", "reason"]
    thin = "fewer than 200 settled in a year"
    rows = [[None if value is None else str(value) for value in row] for row in found.select(columns).iter_rows()]
    assert rows == [
        ["cash", "", "3.5000", "3.5000", "1.0", "-0.5000", "its period is over"],
        ["percent_over_90", "ana", "0.0000", "0.0000", "1.0", "-10.0000", "its period is over"],
        ["cash", "", "185.0000", None, None, None, thin],
        ["cash", "ben", "50.0000", None, None, None, thin],
        ["dso", "", "58.8375", None, None, None, thin],
        ["percent_past_due", "", "62.2642", None, None, None, thin],
    ]
