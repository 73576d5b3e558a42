"""The allowance's tables on small books: who is in which pool, what is reserved specifically, and what became of past items."""

import pytest

from tests.small_books import SmallBook

GIVEN = """
allowance:
  method: given
  pools:
    - {pool: smb, where: [{segment: SMB}]}
    - {pool: all}
  given_rates:
    - {pool: smb, aging_bucket: current, rate: 0.03}
    - {pool: all, aging_bucket: current, probability_of_default: 0.04, loss_given_default: 0.25}
    - {pool: all, aging_bucket: 31-60, rate: 0.10}
"""
CUSTOMERS = """
| customer_id | valid_from | segment    | related_party | status   |
| C1          | 2025-01-01 | SMB        | .             | .        |
| C2          | 2025-01-01 | Enterprise | .             | .        |
| C3          | 2025-01-01 | Enterprise | true          | .        |
| C4          | 2025-01-01 | SMB        | .             | bankrupt |
"""
INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| I1         | C1          | 2026-01-01   | 2026-02-28 | USD      | 100.10 |
| I2         | C1          | 2026-01-02   | 2026-02-28 | USD      | 100.10 |
| I3         | C2          | 2025-11-01   | 2025-12-20 | USD      | 200.00 |
| I4         | C3          | 2026-01-03   | 2026-02-28 | USD      | 70.00  |
| I5         | C4          | 2026-01-03   | 2026-02-28 | USD      | 50.00  |
| I6         | C2          | 2026-01-04   | 2026-02-28 | USD      | 1000   |
"""
PAYMENTS = "| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C2 | 2026-01-20 | USD | 30.00 |"


def test_every_item_is_in_one_treatment_and_items_add_up_to_their_line(book: SmallBook) -> None:
    """SMB's line is 200.20 x 3 % = 6.006, so 6.01; its items have 3.00 and what is missing to that."""
    book.policy = GIVEN
    book.put(customers=CUSTOMERS, invoices=INVOICES, payments=PAYMENTS)
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.allowance_items",
        """
        | document_id | treatment  | reason        | pool | aging_bucket | exposure | rate         | allowance |
        | I1          | pool       | .             | smb  | current      | 100.10   | 0.03         | 3.00      |
        | I2          | pool       | .             | smb  | current      | 100.10   | 0.03         | 3.01      |
        | I3          | pool       | .             | all  | 31-60        | 200.00   | 0.10         | 20.00     |
        | I4          | ineligible | related_party | all  | current      | 70.00    | 0.00         | 0.00      |
        | I5          | specific   | bankruptcy    | smb  | current      | 50.00    | 0.90         | 45.00     |
        | I6          | pool       | .             | all  | current      | 1000.00  | 0.01         | 10.00     |
        | P1          | ineligible | unapplied     | all  | 1-30         | -30.00   | 0.00         | 0.00      |
        """,
    )
    book.expect(
        "marts.allowance_schedule",
        """
        | pool | aging_bucket | item_count | exposure | rate         | allowance |
        | smb  | current      | 2          | 200.20   | 0.03         | 6.01      |
        | all  | current      | 1          | 1000.00  | 0.01         | 10.00     |
        | all  | 31-60        | 1          | 200.00   | 0.10         | 20.00     |
        """,
    )


@pytest.mark.parametrize(
    ("view", "allowance"),
    [
        ("separate", "81.01"),
        ("fifo", "78.01"),  # the receipt is taken off the oldest, at 10 %
        ("gross", "80.71"),  # the receipt stands in 1-30, whose rate is that of what is current
    ],
)
def test_the_view_of_credits_is_a_policy_and_each_is_in_the_sensitivity(
    book: SmallBook, view: str, allowance: str
) -> None:
    book.put(customers=CUSTOMERS, invoices=INVOICES, payments=PAYMENTS)
    for policy, source in (
        (f"aging: {{credit_view: {view}}}", "(select sum(allowance) as allowance from marts.allowance_items)"),
        ("", f"(select allowance from marts.allowance_sensitivity where shock = '{view}')"),
    ):
        book.policy = policy + GIVEN
        book.load()
        book.build("2026-01-31")
        book.expect(source, f"| allowance |\n| {allowance} |")


def test_specific_events_are_weighed_by_scenario_and_the_worst_counts(book: SmallBook) -> None:
    """C2 expects (0.6 x 0.2 + 0.4 x 0.7) = 40 % of all it owes; I3 alone is in a fraud, of which all is lost."""
    book.policy = GIVEN
    book.put(
        customers=CUSTOMERS,
        invoices=INVOICES,
        specific_events="""
        | event_id | scenario | weight | customer_id | invoice_id | kind       | event_date | expected_loss_rate | closed_on  |
        | E1       | mild     | 0.6    | C2          | .          | litigation | 2026-01-10 | 0.2                | .          |
        | E1       | grave    | 0.4    | C2          | .          | litigation | 2026-01-10 | 0.7                | .          |
        | E2       | .        | .      | C2          | I3         | fraud      | 2026-01-11 | .                  | .          |
        | E3       | .        | .      | C1          | .          | other      | 2026-01-05 | 1.0                | 2026-01-20 |
        | E4       | .        | .      | C1          | .          | other      | 2026-02-01 | 1.0                | .          |
        """,
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.allowance_specific",
        """
        | document_id | kind       | event_date | exposure | expected_loss_rate | allowance |
        | I3          | fraud      | 2026-01-11 | 200.00   | 1.00               | 200.00    |
        | I5          | bankruptcy | 2025-01-01 | 50.00    | 0.90               | 45.00     |
        | I6          | litigation | 2026-01-10 | 1000.00  | 0.40               | 400.00    |
        """,
    )


def test_a_status_without_a_day_is_not_carried_into_the_past(book: SmallBook) -> None:
    book.policy = GIVEN
    book.put(
        customers="| customer_id | segment | status   |\n| C4 | SMB | bankrupt |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I5         | C4          | 2026-01-03   | 2026-02-28 | USD      | 50.00  |
        """,
    )
    book.load(recorded_at="2026-02-10T00:00:00")
    for day, treatment in (("2026-01-31", "pool"), ("2026-02-10", "specific")):
        book.build(day)
        book.expect("marts.allowance_items", f"| document_id | treatment |\n| I5 | {treatment} |")


PAST = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| A          | C1          | 2025-01-05   | 2025-02-10 | USD      | 100.00 |
| B          | C1          | 2025-01-05   | 2025-02-10 | USD      | 60.00  |
| C          | C1          | 2025-01-05   | 2025-02-10 | USD      | 40.00  |
"""
OUTCOMES = {
    "payments": "| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2025-02-15 | USD | 90.00 |",
    "credit_memos": "| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C1 | 2025-02-20 | USD | 10 |",
    "applications": """
    | application_id | source_id | invoice_id | applied_on | amount |
    | X1             | P1        | A          | 2025-02-15 | 90.00  |
    | X2             | M1        | A          | 2025-02-20 | 10.00  |
    """,
    "write_offs": """
    | write_off_id | invoice_id | written_off_on | amount | reason   | reversed_on |
    | W1           | B          | 2025-03-15     | 60.00  | credit   | .           |
    | W2           | C          | 2025-03-15     | 15.00  | dilution | .           |
    | W3           | C          | 2025-03-20     | 25.00  | .        | 2025-05-10  |
    """,
    "recoveries": "| recovery_id | write_off_id | recovered_on | amount |\n| R1 | W1 | 2025-06-01 | 20.00 |",
}


def test_past_items_are_followed_from_month_end_to_month_end(book: SmallBook) -> None:
    """A is paid and credited from current; B is written off; of C 15 is diluted and 25, for no reason given, written off,
    and open again from May, when the write-off is reversed."""
    book.put(invoices=PAST, **OUTCOMES)
    book.load()
    book.build("2025-07-31")
    book.expect(
        "marts.allowance_roll_rates",
        """
        | from_month | from_bucket | opening | stayed | rolled | paid  | diluted | written_off | roll_rate |
        | 2025-01-31 | current     | 200.00  | 0.00   | 100.00 | 90.00 | 10.00   | 0.00        | 0.500     |
        | 2025-02-28 | 1-30        | 100.00  | 0.00   | 0.00   | 0.00  | 15.00   | 85.00       | 0.000     |
        | 2025-05-31 | 91-120      | 25.00   | 0.00   | 25.00  | 0.00  | 0.00    | 0.00        | 1.000     |
        | 2025-06-30 | over-120    | 45.00   | 45.00  | 0.00   | 0.00  | 0.00    | 0.00        | 0.000     |
        """,
    )
    book.expect(
        "allowance.losses",
        """
        | aging_bucket | kind        | lost  | recovered |
        | 1-30         | written_off | 60.00 | 20.00     |
        | 1-30         | written_off | 25.00 | 25.00     |
        """,
    )
    book.expect(
        "allowance.reached where aging_bucket = '1-30'", "| item_count | customer_count | loss_events |\n| 2 | 1 | 1 |"
    )


def test_a_snapshot_is_followed_to_its_end(book: SmallBook) -> None:
    """Of January's 200, 85 was written off for credit, 45 of it undone; with items given up at 60 days, the 25 and the 20
    that are open again are too old. Closed snapshots are 60 days old."""
    book.policy = "allowance: {lost_after_days: 60}"
    book.put(invoices=PAST, **OUTCOMES)
    book.load()
    book.build("2025-07-31")
    book.expect(
        "marts.allowance_snapshots where snapshot < date '2025-05-01'",
        """
        | snapshot   | aging_bucket | exposure | written_off | recovered | aged_out | unresolved | is_closed |
        | 2025-01-31 | current      | 200.00   | 60.00       | 20.00     | 45.00    | 0.00       | True      |
        | 2025-02-28 | 1-30         | 100.00   | 60.00       | 20.00     | 45.00    | 0.00       | True      |
        """,
    )


def test_the_vintage_triangle_shows_billings_and_losses_by_age(book: SmallBook) -> None:
    book.put(invoices=PAST, **OUTCOMES)
    book.load()
    book.build("2025-07-31")
    book.expect(
        "marts.allowance_vintages where age_months < 6",
        """
        | billing_month | age_months | billed | uncollected | written_off | recovered | cumulative_loss_rate |
        | 2025-01-01    | 0          | 200.00 | 200.00      | 0.00        | 0.00      | 0.000                |
        | 2025-01-01    | 1          | 200.00 | 100.00      | 0.00        | 0.00      | 0.000                |
        | 2025-01-01    | 2          | 200.00 | 0.00        | 85.00       | 0.00      | 0.425                |
        | 2025-01-01    | 3          | 200.00 | 0.00        | 85.00       | 0.00      | 0.425                |
        | 2025-01-01    | 4          | 200.00 | 25.00       | 60.00       | 0.00      | 0.300                |
        | 2025-01-01    | 5          | 200.00 | 45.00       | 60.00       | 20.00     | 0.200                |
        """,
    )


def test_a_book_without_a_single_write_off_has_a_documented_rate(book: SmallBook) -> None:
    """Two customers, no loss: the floor of two, 1 - .05 ^ (1/2) = 77.6 %, and the bucket nobody reached takes it too."""
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | A          | C1          | 2025-01-05   | 2025-03-10 | USD      | 100.00 |
        | B          | C2          | 2025-01-05   | 2025-03-10 | USD      | 100.00 |
        | C          | C1          | 2025-03-05   | 2025-04-10 | USD      | 10.00  |
        | D          | C3          | 2024-11-05   | .          | USD      | 10.00  |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2025-03-01 | USD | 100.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| X1 | P1 | A | 2025-03-01 | 100.00 |",
    )
    book.policy = "aging: {no_due_date: bucket}"
    book.load()
    book.build("2025-03-31")
    book.expect(
        "marts.allowance_loss_rates where pool = 'all' and method = 'roll_rates' and aging_bucket in ('current', '1-30')",
        """
        | aging_bucket | historical_rate | rate  | low   | high  | loss_events | customer_count | basis   |
        | current      | 0.000           | 0.776 | 0.000 | 0.776 | 0           | 2              | floor   |
        | 1-30         | .               | 0.776 | 0.000 | 0.776 | 0           | 2              | younger |
        """,
    )


def test_a_book_without_any_history_has_no_rate_and_says_so(book: SmallBook) -> None:
    book.put(invoices="\n".join(INVOICES.strip().splitlines()[:3]))
    book.load()
    book.build("2026-01-15")
    book.expect(
        "marts.allowance_items",
        """
        | document_id | treatment | exposure | rate | allowance |
        | I1          | pool      | 100.10   | .    | .         |
        | I2          | pool      | 100.10   | .    | .         |
        """,
    )


def test_what_is_under_dispute_is_reserved_apart(book: SmallBook) -> None:
    """Nothing is known of disputes yet, so half of what is blocked is reserved, outside the allowance."""
    book.policy = GIVEN
    book.put(
        customers=CUSTOMERS,
        invoices=INVOICES,
        disputes="""
        | dispute_id | invoice_id | reason  | opened_on  | amount |
        | D1         | I1         | pricing | 2026-01-10 | 50.01  |
        | D2         | I6         | pricing | 2026-01-10 | .      |
        """,
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.allowance_dilution",
        """
        | reason  | dispute_count | history_rate | exposure | reserve |
        | pricing | 2             | 0.500        | 1050.01  | 525.01  |
        """,
    )
    assert book.rows("select sum(allowance) from marts.allowance_items")[0][0] > 0
