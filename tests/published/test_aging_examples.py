"""Published ageing schedules, reproduced through the whole ledger. Figures only; each says where it is from."""

import pytest

from tests.small_books import SmallBook

HEADER = "| invoice_id | customer_id | invoice_date | due_date | currency | amount |\n"
UP_TO_90 = """
  buckets:
    - {aging_bucket: current, last_day: 0}
    - {aging_bucket: 1-30, first_day: 1, last_day: 30}
    - {aging_bucket: 31-60, first_day: 31, last_day: 60}
    - {aging_bucket: 61-90, first_day: 61, last_day: 90}
    - {aging_bucket: over-90, first_day: 91}
"""
BY_AGE = """
  basis: invoice_date
  buckets:
    - {aging_bucket: 0-30, last_day: 30}
    - {aging_bucket: 31-60, first_day: 31, last_day: 60}
    - {aging_bucket: 61-90, first_day: 61, last_day: 90}
    - {aging_bucket: over-90, first_day: 91}
"""


def aged(book: SmallBook, view: str, table: str) -> None:
    """Load and build the book as of the end of 2026, and demand these rows of one view of the ageing."""
    book.load()
    book.build("2026-12-31")
    book.expect(f"marts.aging where view = '{view}' and item_count > 0", table)


@pytest.mark.parametrize(
    "amounts",
    [
        pytest.param(("15000000", "7500000", "4000000", "2500000", "1000000"), id="IFRS 9 IE74-IE77"),
        pytest.param(("300000", "140000", "60000", "23000", "5000"), id="IFRScommunity.com"),
    ],
)
def test_provision_matrices(book: SmallBook, amounts: tuple[str, ...]) -> None:
    """Not past due, 1 to 30 days past due, 31 to 60, 61 to 90 and more than 90: as booked, from due dates at each edge.

    Sources: IFRS Foundation, IFRS 9 Financial Instruments, Illustrative Examples, Example 12 (IE74 to IE77), gross
    carrying amounts of 30,000,000; IFRScommunity.com, knowledge base on impairment under IFRS 9, example of a provision
    matrix, ageing at 31 December 20X1. Both have no bucket beyond 90 days, so that the policy names five; under ours
    the last one is 91-120 here, where the item is 91 days past due.
    """
    days = ("2026-12-31", "2026-12-30", "2026-11-30", "2026-10-31", "2026-10-01")
    book.put(
        invoices=HEADER
        + "\n".join(f"| I{n} | C1 | 2026-09-01 | {day} | EUR | {amounts[n]} |" for n, day in enumerate(days))
    )
    names = ("current", "1-30", "31-60", "61-90", "over-90")
    rows = [f"| {name} | {amount}.00 |" for name, amount in zip(names, amounts, strict=True)]
    book.policy = "aging:" + UP_TO_90
    aged(book, "gross", "\n".join(("| aging_bucket | open_amount |", *rows)))
    book.policy = ""
    aged(book, "gross", "\n".join(("| aging_bucket | open_amount |", *rows)).replace("over-90", "91-120"))


def test_textbooks_age_by_invoice_date(book: SmallBook) -> None:
    """Customers A to D owe 57,500, 22,000, 74,500 and 8,000, by the age of their invoices.

    Source: Lumen Learning, Financial Accounting, Accounts Receivable Aging Analysis (Larkin Co.). It ages from the invoice's
    date, a policy; ours ages from the due date, so that with terms of 30 days each column but the last moves up by one.
    """
    invoices = (
        ("A1", "2026-12-01", "40000"),
        ("A2", "2026-11-30", "17500"),
        ("B1", "2026-12-31", "22000"),
        ("C1", "2026-12-15", "14500"),
        ("C2", "2026-11-01", "50000"),
        ("C3", "2026-10-31", "10000"),
        ("D1", "2026-06-30", "8000"),
    )
    book.put(
        invoices=HEADER
        + "\n".join(f"| {name} | {name[0]} | {day} | . | EUR | {amount} |" for name, day, amount in invoices)
    )
    book.policy = "aging:" + BY_AGE
    aged(
        book,
        "gross",
        """
        | customer_id | aging_bucket | open_amount |
        | A           | 0-30         | 40000.00    |
        | A           | 31-60        | 17500.00    |
        | B           | 0-30         | 22000.00    |
        | C           | 0-30         | 14500.00    |
        | C           | 31-60        | 50000.00    |
        | C           | 61-90        | 10000.00    |
        | D           | over-90      | 8000.00     |
        """,
    )
    book.policy = "aging:\n  no_due_date: terms" + UP_TO_90
    aged(
        book,
        "gross",
        """
        | customer_id | aging_bucket | open_amount |
        | A           | current      | 40000.00    |
        | A           | 1-30         | 17500.00    |
        | B           | current      | 22000.00    |
        | C           | current      | 14500.00    |
        | C           | 1-30         | 50000.00    |
        | C           | 31-60        | 10000.00    |
        | D           | over-90      | 8000.00     |
        """,
    )


@pytest.mark.parametrize(("is_current", "bucket"), [("true", "current"), ("false", "1-30")])
def test_due_today(book: SmallBook, is_current: str, bucket: str) -> None:
    """100 due today, 200 due tomorrow, 300 due yesterday: the first is current to some, and one of 1-30 to others.

    Sources: IFRS 7, Appendix A, past due: a payment that was not made when it was due, which today's still can be (our
    default); Intuit QuickBooks, Why ageing reports have both Current and 1-30: current has its due date in the future of the
    report's date, which today's has not.
    """
    book.policy = f"aging: {{due_today_is_current: {is_current}}}"
    book.put(
        invoices=HEADER
        + "| today | T | 2026-12-01 | 2026-12-31 | EUR | 100 |\n"
        + "| later | L | 2026-12-01 | 2027-01-01 | EUR | 200 |\n"
        + "| late  | P | 2026-12-01 | 2026-12-30 | EUR | 300 |"
    )
    table = f"| T | {bucket} | 100.00 |\n| L | current | 200.00 |\n| P | 1-30 | 300.00 |"
    aged(book, "gross", f"| customer_id | aging_bucket | open_amount |\n{table}")


def test_credits_by_their_own_date_or_apart(book: SmallBook) -> None:
    """400 are 45 days past due, 100 came 10 days ago and are not applied: less in 1-30, or in a column of their own.

    Source: SedonaOffice, A/R Aging by Effective Date: the option Age Credits puts credits into the bucket of their age, and
    without it they stand in columns of their own. No figures are published; ours are both views, side by side.
    """
    book.put(
        invoices=HEADER + "| I1 | C1 | 2026-10-17 | 2026-11-16 | EUR | 400 |",
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-12-21 | EUR | 100 |",
    )
    aged(book, "gross", "| aging_bucket | open_amount |\n| 31-60 | 400.00 |\n| 1-30 | -100.00 |")
    book.expect(
        "marts.aging where view = 'separate' and item_count > 0",
        "| aging_bucket | open_amount |\n| 31-60 | 400.00 |\n| unapplied | -100.00 |",
    )
    book.expect(
        "marts.aging where view = 'fifo' and item_count > 0", "| aging_bucket | open_amount |\n| 31-60 | 300.00 |"
    )


@pytest.mark.parametrize(("advances", "first", "second"), [("earliest_due", ".", "500"), ("pro_rata", "150", "350")])
def test_an_advance_on_instalments(book: SmallBook, advances: str, first: str, second: str) -> None:
    """500 of 1,000 that fall due by 30 and 70 per cent: 300 and 200 of what is due first, or half of either.

    Sources: Odoo, Accounting, payment terms (30 per cent first, the balance later), settled by due date (our default);
    Oracle Financial Services Lending and Leasing, Payment Appropriation Methods, by the ratio of amounts due. Neither
    publishes figures for it.
    """
    book.policy = f"instalments: {{advances: {advances}}}"
    book.put(
        invoices=HEADER + "| I1 | C1 | 2026-11-01 | 2027-01-31 | EUR | 1000 |",
        instalments="""
        | invoice_id | instalment | due_date   | amount |
        | I1         | first      | 2026-12-01 | 300    |
        | I1         | second     | 2027-01-31 | 700    |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-11-20 | EUR | 500 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-11-20 | 500 |",
    )
    rows = [f"| 1-30 | {first}.00 |"] * (first != ".") + [f"| current | {second}.00 |"]
    aged(book, "gross", "\n".join(("| aging_bucket | open_amount |", *rows)))
