"""Published examples of DSO, reproduced through the whole ledger. Figures only; each says where it is from."""

from tests.small_books import SmallBook


def test_countback_example(book: SmallBook) -> None:
    """AR 212,000 against months of 100,000, 80,000 and 70,000 of 30 days each: 73.714 days.

    Source: the count-back (exhaustion) method as credit associations teach it, with months taken as 30 days. A real
    calendar has no three months of 30 days, so the three months here end with 30, 31 and 30 days: the
    arithmetic is that of the example with the middle month one day longer, 74.714, and the pure example is
    worked by the oracle (tests/oracle), which takes the days as given.
    """
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount   |
        | I1         | C1          | 2026-04-10   | EUR      | 70000.00 |
        | I2         | C1          | 2026-05-10   | EUR      | 80000.00 |
        | I3         | C1          | 2026-06-10   | EUR      | 100000.00 |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-06-20 | EUR | 38000 |",
    )
    book.load()
    book.build("2026-06-30")
    book.expect(
        "marts.dso where definition = 'countback' and period_end = '2026-06-30'",
        "| receivables | days |\n| 212000.00 | 74.714 |",
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
