"""Collection metrics, each with both sides and what it leaves out, from books small enough to work out by hand."""

import pytest

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
| I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 1000.00 |
| I2         | C2          | 2026-02-10   | 2026-03-12 | EUR      | 500.00  |
"""
PAYMENTS = "| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-20 | EUR | 700.00 |"
APPLICATIONS = """
| application_id | source_id | invoice_id | applied_on | amount |
| A1             | P1        | I1         | 2026-02-20 | 700.00 |
"""


def metrics_of(book: SmallBook, as_of: str, table: str, where: str = "true") -> None:
    """Build a book for a day, and demand these rows of the entity as a whole on the day."""
    book.load()
    book.build(as_of)
    book.expect(f"marts.collection_metrics where level = 'entity' and period_end = '{as_of}' and {where}", table)


def paid_book(book: SmallBook) -> SmallBook:
    """1,000 due on 4 February, of which 700 came on the 20th; 500 not yet due."""
    book.put(invoices=INVOICES, payments=PAYMENTS, applications=APPLICATIONS)
    return book


def test_every_metric_of_one_month(book: SmallBook) -> None:
    metrics_of(
        paid_book(book),
        "2026-02-28",
        """
        | metric               | window_days | value   | numerator | denominator | flag          |
        | cei                  | 30          | 70.00   | 700.00    | 1000.00     | .             |
        | turnover             | 365         | 1.6667  | 1500.00   | 900.00      | short_history |
        | percent_current      | 0           | 62.50   | 500.00    | 800.00      | .             |
        | percent_past_due     | 0           | 37.50   | 300.00    | 800.00      | .             |
        | percent_over_90      | 0           | 0.00    | 0.00      | 800.00      | .             |
        | unapplied_share      | 0           | 0.00    | 0.00      | 800.00      | .             |
        | weighted_days_to_pay | 30          | 46.00   | 32200.00  | 700.00      | .             |
        | weighted_terms       | 30          | 30.00   | 21000.00  | 700.00      | .             |
        | dbt_paid             | 30          | 16.00   | 11200.00  | 700.00      | .             |
        | dbt_open             | 0           | 24.00   | 7200.00   | 300.00      | .             |
        | dbt_all              | 30          | 18.40   | 18400.00  | 1000.00     | .             |
        """,
        "(window_days in (0, 30) or metric = 'turnover')",
    )


def test_effectiveness_is_of_what_could_have_been_collected(book: SmallBook) -> None:
    """The textbook's month: 100,000 open, 50,000 billed, 80,000 left, of which 60,000 is not yet due: 70 of 90."""
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount   |
        | I1         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 90000.00 |
        | I2         | C1          | 2026-01-31   | 2026-03-31 | EUR      | 10000.00 |
        | I3         | C1          | 2026-02-10   | 2026-03-12 | EUR      | 50000.00 |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-20 | EUR | 70000.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-20 | 70000.00 |",
    )
    metrics_of(
        book,
        "2026-02-28",
        "| value | numerator | denominator |\n| 77.7778 | 70000.00 | 90000.00 |",
        "metric = 'cei' and window_days = 30",
    )


@pytest.mark.parametrize(
    ("policy", "value", "numerator", "denominator"),
    [
        ("metrics: {cei_months: monthly_average}", ".", "-300.00", "0.00"),
        ("metrics: {cei_months: whole_period}", "70.00", "700.00", "1000.00"),
    ],
)
def test_policy_says_whether_effectiveness_averages_its_months(
    book: SmallBook, policy: str, value: str, numerator: str, denominator: str
) -> None:
    """Three months with sales of 1,500 and nothing open before: on average 500 a month, and no more could be collected."""
    book.policy = policy
    metrics_of(
        paid_book(book),
        "2026-02-28",
        f"| value | numerator | denominator |\n| {value} | {numerator} | {denominator} |",
        "metric = 'cei' and window_days = 90",
    )


@pytest.mark.parametrize(
    ("early", "paid", "altogether"),
    [("negative", "-2.00", "4.00"), ("floored", "8.00", "10.6667")],
)
def test_early_payments_are_negative_unless_policy_floors_them(
    book: SmallBook, early: str, paid: str, altogether: str
) -> None:
    """500 came 20 days early, 500 came 16 days late, whenever it was applied; 500 is open, 16 days late."""
    book.policy = f"metrics: {{early_payments: {early}}}"
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | E          | C1          | 2026-01-21   | 2026-02-20 | EUR      | 500.00 |
        | L          | C1          | 2025-12-30   | 2026-01-29 | EUR      | 500.00 |
        | O          | C1          | 2026-01-21   | 2026-02-20 | EUR      | 500.00 |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-01-31   | EUR      | 500.00 |
        | P2         | C1          | 2026-02-14   | EUR      | 400.00 |
        | P3         | C1          | 2026-02-14   | EUR      | 100.00 |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | E          | 2026-01-31 | 500.00 |
        | A2             | P2        | L          | 2026-02-14 | 400.00 |
        | A3             | P3        | L          | 2026-03-06 | 100.00 |
        """,
    )
    metrics_of(
        book,
        "2026-03-08",
        f"| metric | value |\n| dbt_paid | {paid} |\n| dbt_all | {altogether} |\n",
        "metric in ('dbt_paid', 'dbt_all') and window_days = 90",
    )


def test_at_risk_is_what_ninety_days_left_unpaid(book: SmallBook) -> None:
    """I1 stands at 300 on its ninetieth day, though 100 was written off before and 200 paid after; V was voided."""
    paid_book(book).put(
        invoices_2="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount | status | voided_on  |
        | V          | C1          | 2026-01-06   | 2026-02-05 | EUR      | 90.00  | void   | 2026-03-01 |
        | F          | C1          | 2026-01-07   | 2026-02-06 | EUR      | 200.00 | posted | .          |
        """,
        write_offs="""
        | write_off_id | invoice_id | written_off_on | amount | reason |
        | W1           | I1         | 2026-03-01     | 100.00 | credit |
        """,
        payments_2="""
        | payment_id | customer_id | payment_date | currency | amount |
        | P2         | C1          | 2026-04-06   | EUR      | 200.00 |
        | P3         | C1          | 2026-04-07   | EUR      | 200.00 |
        """,
        applications_2="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A2             | P2        | I1         | 2026-04-06 | 200.00 |
        | A3             | P3        | F          | 2026-04-07 | 200.00 |
        """,
    )
    metrics_of(
        book,
        "2026-04-30",
        "| value | numerator | denominator |\n| 0.25 | 300.00 | 1200.00 |",
        "metric = 'at_risk_rate' and window_days = 30",
    )


def test_related_parties_are_out_of_both_sides_and_said(book: SmallBook) -> None:
    book.put(customers="| customer_id | related_party |\n| C1 | true |\n| C2 | false |")
    metrics_of(
        paid_book(book),
        "2026-02-28",
        """
        | metric               | value  | numerator | denominator | excluded_amount |
        | cei                  | .      | 0.00      | 0.00        | 300.00          |
        | percent_current      | 100.00 | 500.00    | 500.00      | 300.00          |
        | weighted_days_to_pay | .      | 0.00      | 0.00        | 700.00          |
        | dbt_open             | .      | 0.00      | 0.00        | 300.00          |
        """,
        "window_days in (0, 30) and metric in ('cei', 'percent_current', 'weighted_days_to_pay', 'dbt_open')",
    )


def test_what_has_no_due_date_is_left_out_of_days_beyond_terms_and_said(book: SmallBook) -> None:
    book.policy = "aging: {no_due_date: bucket}"
    paid_book(book).put(
        invoices_2="| invoice_id | customer_id | invoice_date | currency | amount |\n| N | C1 | 2026-01-10 | EUR | 80.00 |",
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P2 | C1 | 2026-02-19 | EUR | 50.00 |",
        applications_3="| application_id | source_id | invoice_id | applied_on | amount |\n| A3 | P2 | N | 2026-02-19 | 50.00 |",
    )
    metrics_of(
        book,
        "2026-02-28",
        """
        | metric               | numerator | denominator | excluded_amount |
        | weighted_days_to_pay | 34200.00  | 750.00      | 0.00            |
        | weighted_terms       | 21000.00  | 700.00      | 50.00           |
        | dbt_paid             | 11200.00  | 700.00      | 50.00           |
        | dbt_open             | 7200.00   | 300.00      | 30.00           |
        | dbt_all              | 18400.00  | 1000.00     | 80.00           |
        """,
        "window_days in (0, 30) and (metric like 'weighted%' or metric like 'dbt%')",
    )


def test_unapplied_credits_are_a_share_of_what_is_owed(book: SmallBook) -> None:
    book.put(invoices=INVOICES, payments=PAYMENTS)
    metrics_of(
        book,
        "2026-02-28",
        "| value | numerator | denominator |\n| 0.4667 | 700.00 | 1500.00 |",
        "metric = 'unapplied_share'",
    )


def test_turnover_divides_by_the_mean_of_thirteen_balances(book: SmallBook) -> None:
    """Nothing is paid: the month-ends from January to December hold 1,200, this one 2,400."""
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
        | I0         | C1          | 2024-12-31   | 2025-01-31 | EUR      | 100.00  |
        | I1         | C1          | 2025-01-10   | 2025-02-09 | EUR      | 1100.00 |
        | I2         | C1          | 2026-01-11   | 2026-02-10 | EUR      | 1200.00 |
        """
    )
    metrics_of(
        book,
        "2026-01-31",
        "| value | numerator | denominator | flag |\n| 0.9286 | 1200.00 | 1292.3077 | . |",
        "metric = 'turnover'",
    )


def test_a_month_that_ends_with_nothing_open_is_in_the_mean_of_balances(book: SmallBook) -> None:
    """Billed in instalments and written off within March, 190.00 billed in April: the mean of 0 and 190.00, not 190.00."""
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount |
        | I1         | C1          | 2026-03-22   | EUR      | 19.00  |
        | I2         | C1          | 2026-04-30   | EUR      | 190.00 |
        """,
        instalments="| invoice_id | instalment | due_date | amount |\n| I1 | 1 | 2026-04-05 | 19.00 |",
        write_offs="| write_off_id | invoice_id | written_off_on | amount |\n| W1 | I1 | 2026-03-30 | 19.00 |",
    )
    metrics_of(book, "2026-04-30", "| numerator | denominator |\n| 209.00 | 95.00 |", "metric = 'turnover'")


def test_segments_and_collectors_are_levels_of_their_own(book: SmallBook) -> None:
    book.put(customers="| customer_id | segment | collector |\n| C1 | smb | Ann |\n| C2 | . | Ann |")
    paid_book(book).load()
    book.build("2026-02-28")
    book.expect(
        "marts.collection_metrics where metric = 'percent_past_due' and period_end = '2026-02-28'",
        """
        | level     | segment | collector | value  | numerator | denominator |
        | entity    | all     | all       | 37.50  | 300.00    | 800.00      |
        | segment   | smb     | all       | 100.00 | 300.00    | 300.00      |
        | segment   | .       | all       | 0.00   | 0.00      | 500.00      |
        | collector | all     | Ann       | 37.50  | 300.00    | 800.00      |
        """,
    )


def test_windows_are_the_policys_and_turnover_is_always_of_a_year(book: SmallBook) -> None:
    book.policy = "metrics: {windows: [45]}"
    paid_book(book).load()
    book.build("2026-02-28")
    book.expect(
        "(select distinct metric, window_days from marts.collection_metrics where window_days > 0)",
        """
        | metric               | window_days |
        | cei                  | 45          |
        | turnover             | 365         |
        | turnover_days        | 365         |
        | weighted_days_to_pay | 45          |
        | weighted_terms       | 45          |
        | dbt_paid             | 45          |
        | dbt_all              | 45          |
        """,
    )
