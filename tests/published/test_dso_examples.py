"""Published examples of DSO, reproduced through the whole ledger. Figures only; each says where it is from."""

import pytest

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | currency | amount    |
| I1         | C1          | 2026-{0}-10  | EUR      | 70000.00  |
| I2         | C1          | 2026-{1}-10  | EUR      | 80000.00  |
| I3         | C1          | 2026-{2}-10  | EUR      | 100000.00 |
"""


@pytest.mark.parametrize(
    ("months", "as_of", "days"),
    [(("06", "07", "08"), "2026-08-29", "73.714"), (("04", "05", "06"), "2026-06-30", "74.714")],
)
def test_countback_example(book: SmallBook, months: tuple[str, ...], as_of: str, days: str) -> None:
    """AR 212,000 against months of 100,000, 80,000 and 70,000 of 30 days each: 73.714 days.

    Sources: Benji Pays, Mastering DSO Calculation, the count-back method; Mesha, Simple vs Countback Method (73.7).
    No calendar has three months of 30 days, but 29 days of August and 31 of July are as many as two, and June has 30: the
    pure example. Of whole months, June, May and April, the middle one has a day more: 74.714.
    """
    book.put(
        invoices=INVOICES.format(*months),
        payments=f"| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | {as_of} | EUR | 38000 |",
    )
    book.load()
    book.build(as_of)
    book.expect(
        f"marts.dso where definition = 'countback' and period_end = '{as_of}'",
        f"| receivables | days |\n| 212000.00 | {days} |",
    )


@pytest.mark.parametrize(
    ("late", "current", "billed", "simple", "best", "delinquent"),
    [
        pytest.param(11000, 4000, 10000, "45.000", "12.000", "33.000", id="Credit Guru"),
        pytest.param(19000, 6000, 15000, "50.000", "12.000", "38.000", id="Quadient"),
        pytest.param(51000, 9000, 30000, "60.000", "9.000", "51.000", id="QuickBooks"),
    ],
)
def test_average_days_delinquent(
    book: SmallBook, late: int, current: int, billed: int, simple: str, best: str, delinquent: str
) -> None:
    """Receivables of 15,000, 4,000 of them current, sales of 10,000 in 30 days: 45, 12 and 33; and two more alike.

    Sources: Credit Guru, Average Days Delinquent; Quadient, What Is Average Days Delinquent? (25,000, 6,000 and 15,000: 50,
    12 and 38); QuickBooks' days of 60 and 9, which leave 51.
    """
    book.put(
        invoices=f"""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount             |
        | old        | C1          | 2026-04-10   | 2026-05-10 | EUR      | {late + current - billed} |
        | late       | C1          | 2026-06-02   | 2026-06-10 | EUR      | {billed - current} |
        | current    | C1          | 2026-06-10   | 2026-07-10 | EUR      | {current}          |
        """,
    )
    book.load()
    book.build("2026-06-30")
    book.expect(
        "marts.dso where period_end = '2026-06-30' and definition like '%_30'",
        f"| definition | days |\n| simple_30 | {simple} |\n"
        f"| best_possible_30 | {best} |\n| average_days_delinquent_30 | {delinquent} |",
    )


def test_best_possible_is_what_is_not_yet_due(book: SmallBook) -> None:
    """Receivables 60,000 of which 9,000 current, sales of 30,000 in 30 days: DSO 60, best possible 9.

    Source: QuickBooks' explanation of DSO and best possible DSO (figures only).
    """
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount   |
        | old        | C1          | 2026-04-10   | 2026-05-10 | EUR      | 30000.00 |
        | late       | C1          | 2026-06-02   | 2026-06-10 | EUR      | 21000.00 |
        | current    | C1          | 2026-06-10   | 2026-07-10 | EUR      | 9000.00  |
        """,
    )
    book.load()
    book.build("2026-06-30")
    book.expect(
        "marts.dso where period_end = '2026-06-30' and definition in ('simple_30', 'best_possible_30')",
        "| definition | days | receivables | sales |\n| simple_30 | 60.000 | 60000.00 | 30000.00 |\n"
        "| best_possible_30 | 9.000 | 9000.00 | 30000.00 |",
    )
