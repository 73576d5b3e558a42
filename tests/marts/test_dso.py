"""Days sales outstanding on every definition, from books small enough to work out by hand."""

import pytest

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| I1         | C1          | 2026-01-10   | 2026-02-09 | EUR      | 300.00 |
| I2         | C1          | 2026-02-10   | 2026-03-12 | EUR      | 200.00 |
| I3         | C2          | 2026-03-10   | 2026-04-09 | EUR      | 100.00 |
"""


def day_of(book: SmallBook, as_of: str, table: str, where: str = "true") -> None:
    book.load()
    book.build(as_of)
    book.expect(f"marts.dso where period_end = '{as_of}' and {where}", table)


def test_the_whole_family_from_one_ledger(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-20 | EUR | 300 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-20 | 300 |",
    )
    day_of(
        book,
        "2026-03-31",
        """
        | definition                  | days    | receivables | sales  | flag          |
        | simple_30                   | 90.000  | 300.00      | 100.00 | .             |
        | best_possible_30            | 30.000  | 100.00      | 100.00 | .             |
        | average_days_delinquent_30  | 60.000  | 200.00      | 100.00 | .             |
        | simple_90                   | 45.000  | 300.00      | 600.00 | short_history |
        | best_possible_90            | 15.000  | 100.00      | 600.00 | short_history |
        | average_days_delinquent_90  | 30.000  | 200.00      | 600.00 | short_history |
        | simple_365                  | 182.500 | 300.00      | 600.00 | short_history |
        | best_possible_365           | 60.833  | 100.00      | 600.00 | short_history |
        | average_days_delinquent_365 | 121.667 | 200.00      | 600.00 | short_history |
        | countback                   | 59.000  | 300.00      | 300.00 | .             |
        """,
    )


def test_credit_memos_reduce_sales_and_voids_take_them_back(book: SmallBook) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | status | voided_on  |
        | I1         | C1          | 2026-03-05   | EUR      | 300.00 | posted | .          |
        | I2         | C1          | 2026-02-05   | EUR      | 50.00  | void   | 2026-03-06 |
        """,
        credit_memos="| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C1 | 2026-03-07 | EUR | 60 |",
    )
    day_of(book, "2026-03-31", "| sales | receivables |\n| 190.00 | 240.00 |", "definition = 'simple_30'")


def test_related_parties_are_out_of_both_sides_and_said(book: SmallBook) -> None:
    book.put(
        customers="| customer_id | related_party |\n| C1 | false |\n| C2 | true |",
        invoices=INVOICES,
    )
    day_of(
        book,
        "2026-03-31",
        "| receivables | sales | excluded_amount |\n| 500.00 | 500.00 | 100.00 |",
        "definition = 'simple_90'",
    )


@pytest.mark.parametrize(
    ("invoices", "as_of", "days", "flag"),
    [
        (INVOICES, "2026-03-31", "90.000", "."),
        (INVOICES, "2026-03-15", "74.000", "."),
        ("\n".join(INVOICES.splitlines()[:3]), "2026-04-30", "120.000", "month_without_sales"),
    ],
)
def test_countback_counts_months_back_to_the_first(
    book: SmallBook, invoices: str, as_of: str, days: str, flag: str
) -> None:
    book.put(invoices=invoices)
    day_of(book, as_of, f"| days | flag |\n| {days} | {flag} |", "definition = 'countback'")


def test_countback_is_capped_where_history_ends(book: SmallBook) -> None:
    """A credit in EUR that settled an invoice in USD took its sales with it, but no receivable in EUR."""
    book.put(
        invoices=INVOICES + "| U1         | C1          | 2026-03-10   | .          | USD      | 110.00 |\n",
        credit_memos="| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C1 | 2026-03-12 | EUR | 100 |",
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | source_amount |
        | A1             | M1        | U1         | 2026-03-12 | 110.00 | 100.00        |
        """,
    )
    day_of(
        book,
        "2026-03-31",
        """
        | currency | days   | receivables | sales  | flag                             |
        | EUR      | 90.000 | 600.00      | 500.00 | history_ends;month_without_sales |
        | USD      | 0.000  | 0.00        | 0.00   | no_receivables                   |
        """,
        "definition = 'countback'",
    )


def test_no_sales_is_no_figure(book: SmallBook) -> None:
    book.put(invoices="\n".join(INVOICES.splitlines()[:3]))
    day_of(book, "2026-03-31", "| days | flag |\n| . | no_sales |", "definition = 'simple_30'")


def test_every_month_end_of_history_has_its_figures(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    book.load()
    book.build("2026-03-15")
    book.expect(
        "marts.dso where definition = 'countback'",
        "| period_end | days |\n| 2026-01-31 | 31.000 |\n| 2026-02-28 | 59.000 |\n| 2026-03-15 | 74.000 |",
    )


MEMO = "| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C1 | 2026-03-07 | EUR | 60 |"
MEMO_APPLIED = "| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | M1 | I2 | 2026-03-08 | 45 |"


@pytest.mark.parametrize(
    ("treatment", "march", "february"), [("posting_month", "40.00", "200.00"), ("invoice_month", "85.00", "155.00")]
)
def test_a_credit_memo_reduces_the_sales_that_policy_says(
    book: SmallBook, treatment: str, march: str, february: str
) -> None:
    book.policy = f"dso: {{credit_treatment: {treatment}}}"
    book.put(invoices=INVOICES, credit_memos=MEMO, applications=MEMO_APPLIED)
    book.load()
    book.build("2026-03-31")
    book.expect(
        "ledger.period_sales",
        f"| period_end | sales |\n| 2026-01-31 | 300.00 |\n| 2026-02-28 | {february} |\n| 2026-03-31 | {march} |",
    )


def test_revenue_is_a_second_basis_of_sales(book: SmallBook) -> None:
    book.policy = "dso: {sales_basis: revenue}"
    book.put(
        invoices=INVOICES,
        revenue="""
        | period_end | currency | amount |
        | 2026-01-31 | EUR      | 100.00 |
        | 2026-02-28 | EUR      | 400.00 |
        | 2026-03-31 | EUR      | 300.00 |
        | 2026-04-30 | EUR      | 999.00 |
        """,
    )
    day_of(
        book,
        "2026-03-31",
        """
        | definition | days   | receivables | sales  |
        | simple_30  | 60.000 | 600.00      | 300.00 |
        | countback  | 52.000 | 600.00      | 700.00 |
        """,
        "definition in ('simple_30', 'countback')",
    )


def test_an_entity_has_its_days_at_the_ends_of_its_own_fiscal_periods(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        fiscal_periods="""
        | period_id | period_start | period_end |
        | P1        | 2026-01-25   | 2026-02-21 |
        | P2        | 2026-02-22   | 2026-03-21 |
        """,
    )
    book.load()
    book.build("2026-03-31")
    book.expect(
        "marts.dso where definition = 'countback'",
        """
        | period_end | days   | receivables | sales  |
        | 2026-01-31 | 31.000 | 300.00      | 300.00 |
        | 2026-02-21 | 52.000 | 500.00      | 500.00 |
        | 2026-02-28 | 59.000 | 500.00      | 500.00 |
        | 2026-03-21 | 80.000 | 600.00      | 600.00 |
        | 2026-03-31 | 90.000 | 600.00      | 600.00 |
        """,
    )
