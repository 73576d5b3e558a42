"""Ageing: the bucket of each item, three views of credits, and every month-end of history."""

import pytest

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| I1         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 100.00 |
| I2         | C1          | 2026-02-01   | 2026-03-03 | EUR      | 200.00 |
| I3         | C2          | 2026-03-01   | 2026-03-31 | EUR      | 400.00 |
"""
PAYMENTS = """
| payment_id | customer_id | payment_date | currency | amount |
| P1         | C1          | 2026-03-20   | EUR      | 150.00 |
"""


@pytest.mark.parametrize(
    ("due", "days", "bucket"),
    [
        ("2026-06-29", 0, "current"),
        ("2026-06-28", 1, "1-30"),
        ("2026-05-30", 30, "1-30"),
        ("2026-05-29", 31, "31-60"),
        ("2026-04-30", 60, "31-60"),
        ("2026-04-29", 61, "61-90"),
        ("2026-03-31", 90, "61-90"),
        ("2026-03-30", 91, "91-120"),
        ("2026-03-01", 120, "91-120"),
        ("2026-02-28", 121, "over-120"),
        ("2026-12-31", -185, "current"),
    ],
)
def test_buckets_are_whole_days_without_a_gap(book: SmallBook, due: str, days: int, bucket: str) -> None:
    book.put(
        invoices=f"""
        | invoice_id | customer_id | invoice_date | due_date | currency | amount |
        | I1         | C1          | 2026-01-01   | {due}    | EUR      | 100.00 |
        """
    )
    book.load()
    book.build("2026-06-29")
    book.expect("marts.aging_detail", f"| days_past_due | aging_bucket |\n| {days} | {bucket} |")


@pytest.mark.parametrize(
    ("policy", "as_of", "days", "bucket"),
    [
        ("aging: {due_today_is_current: false}", "2026-01-31", 0, "1-30"),
        ("aging: {due_today_is_current: true}", "2026-01-31", 0, "current"),
        ("aging: {grace_days: 5}", "2026-02-05", 5, "current"),
        ("aging: {grace_days: 5}", "2026-02-06", 6, "1-30"),
        ("aging: {basis: invoice_date}", "2026-02-05", 35, "31-60"),
    ],
)
def test_where_practice_differs_policy_decides(
    book: SmallBook, policy: str, as_of: str, days: int, bucket: str
) -> None:
    book.policy = policy
    book.put(invoices="\n".join(INVOICES.splitlines()[:3]))
    book.load()
    book.build(as_of)
    book.expect("marts.aging_detail", f"| days_past_due | aging_bucket |\n| {days} | {bucket} |")


@pytest.mark.parametrize(
    ("policy", "days", "bucket"),
    [
        ("aging: {no_due_date: invoice_date}", "58", "31-60"),
        ("aging: {no_due_date: terms}", "13", "1-30"),
        ("aging: {no_due_date: bucket}", ".", "no-due-date"),
    ],
)
def test_an_item_without_a_due_date_is_aged_as_policy_says(
    book: SmallBook, policy: str, days: str, bucket: str
) -> None:
    book.policy = policy
    book.put(
        customers="| customer_id | terms_days |\n| C1 | 45 |",
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-01 | EUR | 9 |",
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.aging_detail", f"| days_past_due | aging_bucket | flags |\n| {days} | {bucket} | due_date_missing |"
    )


def test_a_moved_due_date_counts_only_where_policy_says_so(book: SmallBook) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | original_due_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-01   | 2026-01-31        | 2026-03-31 | EUR      | 100.00 |
        """
    )
    for policy, days in (("", 28), ("aging: {use_revised_due_date: true}", -31)):
        book.policy = policy
        book.load()
        book.build("2026-02-28")
        book.expect("marts.aging_detail", f"| days_past_due |\n| {days} |")


def test_three_views_of_the_same_open_items(book: SmallBook) -> None:
    book.put(invoices=INVOICES, payments=PAYMENTS)
    book.load()
    book.build("2026-03-31")
    book.expect(
        "marts.aging",
        """
        | view     | customer_id | aging_bucket | bucket_order | item_count | open_amount |
        | gross    | C1          | 31-60        | 3            | 1          | 100.00      |
        | gross    | C1          | 1-30         | 2            | 2          | 50.00       |
        | gross    | C2          | current      | 1            | 1          | 400.00      |
        | separate | C1          | 31-60        | 3            | 1          | 100.00      |
        | separate | C1          | 1-30         | 2            | 1          | 200.00      |
        | separate | C1          | unapplied    | 9            | 1          | -150.00     |
        | separate | C2          | current      | 1            | 1          | 400.00      |
        | fifo     | C1          | 1-30         | 2            | 1          | 150.00      |
        | fifo     | C2          | current      | 1            | 1          | 400.00      |
        """,
    )


def test_fifo_leaves_the_excess_of_a_credit_unapplied(book: SmallBook) -> None:
    book.put(invoices="\n".join(INVOICES.splitlines()[:3]), payments=PAYMENTS)
    book.load()
    book.build("2026-03-31")
    book.expect("marts.aging where view = 'fifo'", "| aging_bucket | open_amount |\n| unapplied | -50.00 |")


def test_fifo_nets_at_different_booking_rates_and_shows_the_difference(book: SmallBook) -> None:
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 100.00 | 110.00            |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount | functional_amount |
        | P1         | C1          | 2026-02-20   | EUR      | 40.00  | 48.00             |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.aging where view = 'fifo'",
        """
        | aging_bucket | item_count | open_amount | open_amount_functional |
        | 1-30         | 1          | 60.00       | 66.00                  |
        | unapplied    | 0          | 0.00        | -4.00                  |
        """,
    )


def test_every_month_end_of_history_in_one_pass(book: SmallBook) -> None:
    book.put(
        customers="| customer_id | segment |\n| C1 | smb |\n| C2 | big |",
        invoices=INVOICES,
        payments=PAYMENTS,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-03-20 | 100.00 |
        | A2             | P1        | I2         | 2026-03-20 | 50.00  |
        """,
    )
    book.load()
    book.build("2026-05-15")
    book.expect(
        "marts.aging_monthly",
        """
        | month_end  | segment | aging_bucket | item_count | open_amount |
        | 2026-01-31 | smb     | current      | 1          | 100.00      |
        | 2026-02-28 | smb     | 1-30         | 1          | 100.00      |
        | 2026-02-28 | smb     | current      | 1          | 200.00      |
        | 2026-03-31 | smb     | 1-30         | 1          | 150.00      |
        | 2026-03-31 | big     | current      | 1          | 400.00      |
        | 2026-04-30 | smb     | 31-60        | 1          | 150.00      |
        | 2026-04-30 | big     | 1-30         | 1          | 400.00      |
        """,
    )


def test_disputes_and_promises_stand_beside_the_item(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        disputes="""
        | dispute_id | invoice_id | opened_on  | resolved_on | amount |
        | D1         | I1         | 2026-03-01 | .           | 30.00  |
        | D2         | I2         | 2026-03-01 | .           | .      |
        | D3         | I3         | 2026-03-01 | 2026-03-15  | 10.00  |
        """,
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | amount | withdrawn_on |
        | M1         | C1          | I1         | 2026-03-01 | 2026-04-10    | 100.00 | .            |
        | M2         | C1          | I1         | 2026-03-05 | 2026-04-20    | 100.00 | .            |
        | M3         | C1          | I2         | 2026-03-05 | 2026-04-20    | 200.00 | 2026-03-20   |
        | M4         | C2          | I3         | 2026-04-05 | 2026-04-20    | 400.00 | .            |
        """,
    )
    book.load()
    book.build("2026-03-31")
    book.expect(
        "marts.aging_detail",
        """
        | document_id | disputed_amount | promised_date |
        | I1          | 30.00           | 2026-04-20    |
        | I2          | 200.00          | .             |
        | I3          | 0.00            | .             |
        """,
    )


DISPUTED = """
| dispute_id | invoice_id | opened_on  | resolved_on | amount |
| D1         | I1         | 2026-02-10 | .           | 10.00  |
| D2         | I2         | 2026-02-20 | 2026-03-15  | .      |
"""


def test_an_invoice_under_dispute_stands_where_policy_says(book: SmallBook) -> None:
    book.put(invoices=INVOICES, disputes=DISPUTED)
    at_month_ends = """
        | month_end  | aging_bucket | open_amount |
        | 2026-01-31 | current      | 100.00      |
        | 2026-02-28 | {first}      | 100.00      |
        | 2026-02-28 | {second}     | 200.00      |
        | 2026-03-31 | {third}      | 100.00      |
        | 2026-03-31 | 1-30         | 200.00      |
        | 2026-03-31 | current      | 400.00      |
    """
    book.load()
    book.build("2026-03-31")
    book.expect("marts.aging_monthly", at_month_ends.format(first="1-30", second="current", third="31-60"))
    book.policy = "aging: {disputed_items: own_bucket}"
    book.load()
    book.build("2026-03-31")
    apart = at_month_ends.replace("{second}     | 200.00", "{second}     | 300.00").splitlines()
    book.expect(
        "marts.aging_monthly",
        "\n".join(line for line in apart if "{first}" not in line).format(second="disputed", third="disputed"),
    )
    book.expect("marts.aging_detail where document_id = 'I1'", "| aging_bucket | days_past_due |\n| disputed | 59 |")


@pytest.mark.parametrize("view", ["gross", "separate", "fifo"])
def test_the_view_that_policy_chooses_is_marked(book: SmallBook, view: str) -> None:
    book.policy = f"aging: {{credit_view: {view}}}"
    book.put(invoices=INVOICES, payments=PAYMENTS)
    book.load()
    book.build("2026-03-31")
    assert book.rows("select distinct view from marts.aging where is_policy_view") == [(view,)]


def test_what_rolled_into_the_next_bucket_is_a_share_of_what_could(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments=PAYMENTS.replace("2026-03-20", "2026-04-20"),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I2         | 2026-04-20 | 150.00 |
    """,
    )
    book.load()
    book.build("2026-04-30")
    book.expect(
        "marts.aging_monthly",
        """
        | month_end  | aging_bucket | open_amount | rolled_amount | roll_rate |
        | 2026-01-31 | current      | 100.00      | 100.00        | 1.000     |
        | 2026-02-28 | 1-30         | 100.00      | 100.00        | 1.000     |
        | 2026-02-28 | current      | 200.00      | 200.00        | 1.000     |
        | 2026-03-31 | 31-60        | 100.00      | 100.00        | 1.000     |
        | 2026-03-31 | 1-30         | 200.00      | 50.00         | 0.250     |
        | 2026-03-31 | current      | 400.00      | 400.00        | 1.000     |
        | 2026-04-30 | 61-90        | 100.00      | .             | .         |
        | 2026-04-30 | 31-60        | 50.00       | .             | .         |
        | 2026-04-30 | 1-30         | 400.00      | .             | .         |
        """,
    )
