"""Published collection metrics, reproduced through the whole ledger. Figures only; each says where it is from."""

import pytest

from tests.small_books import SmallBook

INVOICES = "| invoice_id | customer_id | invoice_date | due_date | currency | amount |\n"
PAYMENTS = "| payment_id | customer_id | payment_date | currency | amount |\n"
APPLICATIONS = "| application_id | source_id | invoice_id | applied_on | amount |\n"


def put(book: SmallBook, *lines: tuple[str, str, str, str, str]) -> None:
    """Write invoices, each with its date, due date, amount, and what was paid of it on which day (`500 on 2026-01-31`)."""
    invoices, payments, applications = INVOICES, PAYMENTS, APPLICATIONS
    for name, issued, due, amount, paid in lines:
        invoices += f"| {name} | C1 | {issued} | {due} | USD | {amount} |\n"
        if paid:
            cash, day = paid.split(" on ")
            payments += f"| P{name} | C1 | {day} | USD | {cash} |\n"
            applications += f"| A{name} | P{name} | {name} | {day} | {cash} |\n"
    book.put(invoices=invoices, payments=payments, applications=applications)


def measured(book: SmallBook, as_of: str, where: str, table: str) -> None:
    """Load and build the book for a day, and demand these rows of its metrics on that day."""
    book.load()
    book.build(as_of)
    book.expect(f"marts.collection_metrics where level = 'entity' and period_end = '{as_of}' and {where}", table)


@pytest.mark.parametrize(
    ("months", "value", "numerator", "denominator"),
    [("monthly_average", "55.9295", "3490.00", "6240.00"), ("whole_period", "79.6296", "10750.00", "13500.00")],
)
def test_effectiveness_of_a_quarter(book: SmallBook, months: str, value: str, numerator: str, denominator: str) -> None:
    """6,200 at first, sales of 3,390, 3,610 and 3,890, 6,340 at last, of which 3,590 current: 55.9 per cent.

    Sources: Credit Guru, Collection Effectiveness Index, sample of January to March, with a month's average sales; the
    formula is the Credit Research Foundation's (credit sales over N months). Its own formula for a year takes all sales:
    a policy, which makes 79.6 per cent of the same quarter.
    """
    book.policy = f"metrics: {{cei_months: {months}}}"
    put(
        book,
        ("O", "2025-12-01", "2025-12-31", "6200", "6200 on 2026-01-20"),
        ("J", "2026-01-10", "2026-02-09", "3390", "3390 on 2026-02-20"),
        ("F", "2026-02-05", "2026-03-07", "3610", "860 on 2026-03-20"),
        ("M", "2026-03-10", "2026-04-09", "3890", "300 on 2026-03-25"),
    )
    measured(
        book,
        "2026-03-31",
        "metric = 'cei' and window_days = 90",
        f"| value | numerator | denominator |\n| {value} | {numerator} | {denominator} |",
    )


def test_effectiveness_of_a_month(book: SmallBook) -> None:
    """25, 30 and 35 millions, of which 20 current: 20 of 35, 57 per cent.

    Source: Quadient, What Is the Collection Effectiveness Index? Its list says sales of 40 million and its arithmetic has 30;
    the result is that of 30, which is what is booked here.
    """
    put(
        book,
        ("O", "2026-03-01", "2026-03-31", "25000000", "10000000 on 2026-04-10"),
        ("A", "2026-04-02", "2026-05-02", "30000000", "10000000 on 2026-04-20"),
    )
    measured(
        book,
        "2026-04-30",
        "metric = 'cei' and window_days = 30",
        "| value | numerator | denominator |\n| 57.1429 | 20000000.00 | 35000000.00 |",
    )


@pytest.mark.parametrize(
    ("paid", "value"),
    [
        pytest.param((("100", "01-11"), ("1000", "01-21")), "19.0909", id="Softrak: 19.1"),
        pytest.param((("10", "01-06"), ("100", "01-11")), "9.5455", id="Dynamics 365: 9.55"),
        pytest.param((("1000", "01-16"), ("3000", "01-31"), ("2000", "02-15")), "32.50", id="calculator: 32.5"),
    ],
)
def test_weighted_days_to_pay(book: SmallBook, paid: tuple[tuple[str, str], ...], value: str) -> None:
    """100 paid in 10 days and 1,000 in 20: 19.1; 10 in 5, 100 in 10: 9.55; 1,000, 3,000 and 2,000 in 15, 30, 45: 32.5.

    Sources: Softrak users' forum, weighted average days to pay (19.1, where the plain mean is 15); Microsoft Dynamics 365, ideas
    portal, weighted average payment days (9.55, where the plain mean is 7.5); an online calculator, How
    to Calculate Weighted Average Days to Pay, its three invoices. Ours weighs by cash applied in the window, which is the same where invoices are paid whole.
    """
    put(
        book,
        *((f"I{n}", "2026-01-01", "2026-01-31", cash, f"{cash} on 2026-{day}") for n, (cash, day) in enumerate(paid)),
    )
    measured(book, "2026-02-28", "metric = 'weighted_days_to_pay' and window_days = 90", f"| value |\n| {value} |")


@pytest.mark.parametrize(("early", "value"), [("negative", "2.80"), ("floored", "3.20")])
def test_early_days(book: SmallBook, early: str, value: str) -> None:
    """Five invoices of one amount, 3, 0, -2, 5 and 8 days late: 2.8 days with the early one, 3.2 with it as on time.

    Sources: an online calculator, How to Calculate Average Days Paid Late, its five invoices by methods A and B; Sage 500, ideas
    portal, where early payments are negative and a user asks for zero. Negative is our default, floored a policy.
    """
    book.policy = f"metrics: {{early_payments: {early}}}"
    dates = (("01", "04"), ("05", "05"), ("08", "06"), ("10", "15"), ("12", "20"))
    put(
        book,
        *((f"I{due}", "2026-02-01", f"2026-03-{due}", "100", f"100 on 2026-03-{paid}") for due, paid in dates),
    )
    measured(book, "2026-03-31", "metric = 'dbt_paid' and window_days = 30", f"| value |\n| {value} |")


@pytest.mark.parametrize(
    ("decimals", "balance", "sales", "turnover", "days"),
    [
        pytest.param("", "335000", "6205000", "18.5224", "19.7059", id="exam: 19.71, not rounded"),
        pytest.param("2", "335000", "6205000", "18.52", "19.7084", id="exam: 18.52 and 19.71"),
        pytest.param("", "1310000", "5546000", "4.2336", "86.2153", id="Blossom: 86.2, not rounded"),
        pytest.param("2", "1310000", "5546000", "4.23", "86.2884", id="Blossom: 4.23 and 86.3"),
    ],
)
def test_turnover_and_its_days(
    book: SmallBook, decimals: str, balance: str, sales: str, turnover: str, days: str
) -> None:
    """6,205,000 over 335,000 is 18.52, or 19.71 days; 5,546,000 over 1,310,000 is 4.23, or 86.3 days: 86.2 if not rounded first.

    Sources: Gaodun's question bank for accountants' examinations (receivables turnover and days to collect); a
    textbook's exercise on Blossom Corp., which asks for turnover to two decimals and divides 365 by that. Rounding first is a
    policy. The one averages the first and the last balance and the other takes the last; ours is the mean of thirteen
    month-ends, so that the book here holds one balance throughout.
    """
    book.policy = f"metrics: {{turnover_decimals: {decimals}}}"
    put(
        book,
        ("O", "2025-12-31", "2026-01-30", balance, ""),
        ("S", "2026-06-01", "2026-07-01", sales, f"{sales} on 2026-06-20"),
    )
    measured(
        book,
        "2026-12-31",
        "metric like 'turnover%'",
        f"""
        | metric        | value      | numerator    | denominator  |
        | turnover      | {turnover} | {sales}.00   | {balance}.00 |
        | turnover_days | {days}     | {balance}.00 | {sales}.00   |
        """,
    )
