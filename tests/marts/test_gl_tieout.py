"""The subledger tied to the general ledger: what each account has on both sides, and what explains the difference."""

from pathlib import Path

from assets.synthetic_files import write_book
from models.raw.synthetic import BookSettings
from tests.small_books import SmallBook

BOOK = {
    "invoices": """
        | invoice_id | customer_id | invoice_date | currency | amount | ar_account |
        | I1         | C1          | 2026-01-10   | USD      | 100.00 | 1200       |
        | I2         | C1          | 2026-01-11   | USD      | 40.00  | 1210       |
        | I3         | C1          | 2026-02-10   | USD      | 7.00   | 1200       |
    """,
    "payments": """
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-01-20   | USD      | 15.00  |
    """,
    "gl_balances": """
        | entity_id | period_end | account | account_kind | currency | balance |
        | main      | 2026-01-31 | 1200    | receivable   | USD      | 103.00  |
        | main      | 2026-01-31 | 1290    | unapplied    | USD      | -15.00  |
        | main      | 2026-01-31 | 1300    | allowance    | USD      | -9.00   |
        | main      | 2026-02-28 | 1200    | receivable   | USD      | 107.00  |
        | main      | 2026-02-28 | 1210    | receivable   | USD      | 40.00   |
        | main      | 2026-02-28 | 1290    | unapplied    | USD      | -15.00  |
    """,
    "gl_entries": """
        | entity_id | entry_id | account | posting_date | currency | amount | class  |
        | main      | E1       | 1200    | 2026-01-30   | USD      | 2.50   | manual |
        | main      | E2       | 1200    | 2026-02-02   | USD      | -2.50  | manual |
    """,
}


def test_differences_are_explained_by_class_and_the_rest_is_said(book: SmallBook) -> None:
    book.put(**BOOK)
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.gl_tieout where period_end = date '2026-01-31'",
        """
        | account | class       | subledger_amount | gl_amount | amount | is_tied |
        | .       | total       | 40.00            | 0.00      | -40.00 | False   |
        | .       | unexplained | 40.00            | 0.00      | -40.00 | False   |
        | 1200    | total       | 100.00           | 103.00    | 3.00   | False   |
        | 1200    | manual      | 100.00           | 103.00    | 2.50   | False   |
        | 1200    | unexplained | 100.00           | 103.00    | 0.50   | False   |
        | 1290    | total       | -15.00           | -15.00    | 0.00   | True    |
        | 1290    | unexplained | -15.00           | -15.00    | 0.00   | True    |
        """,
    )
    book.expect(
        "marts.gl_tieout where period_end = date '2026-02-28' and class = 'total'",
        """
        | account | subledger_amount | gl_amount | is_tied |
        | 1200    | 107.00           | 107.00    | True    |
        | 1210    | 40.00            | 40.00     | True    |
        | 1290    | -15.00           | -15.00    | True    |
        """,
    )
    book.expect("ledger.gl_comparison where account = ''", "| period_end | subledger_amount |\n| 2026-01-31 | 40.00 |")


def test_what_is_within_the_tolerance_is_tied(book: SmallBook) -> None:
    book.policy = "close: {gl_tolerance: 0.50}"
    book.put(**BOOK)
    book.load()
    book.build("2026-01-31")
    book.expect("marts.gl_tieout where account = '1200' and class = 'total'", "| amount | is_tied |\n| 3.00 | True |")


def test_what_no_account_takes_and_no_rate_converts_is_shown_empty(book: SmallBook) -> None:
    """A dollar entity has 100 EUR on an account that the general ledger does not have, and no rate."""
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |",
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | ar_account |
        | I1         | C1          | 2026-01-10   | EUR      | 100.00 | 1299       |
        """,
        gl_balances="""
        | entity_id | period_end | account | currency | currency_kind | balance |
        | main      | 2026-01-31 | 1200    | USD      | functional    | 0.00    |
        """,
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.gl_tieout where class = 'total'",
        """
        | account | subledger_amount | gl_amount | amount | is_tied |
        | .       | .                | 0.00      | .      | False   |
        | 1200    | 0.00             | 0.00      | 0.00   | True    |
        """,
    )


def test_a_generated_book_ties_to_its_general_ledger_at_every_month_end(tmp_path: Path) -> None:
    """Every event, bad rows and several slices; the balances are added up from what was generated (general_ledger.py)."""
    generated = BookSettings(
        invoices=3_000, slice_invoices=1_000, events="all", bad_rows=True, months=18, entities=4,
        currencies=("USD", "EUR", "JPY", "GBP"),
    )  # fmt: skip
    book = SmallBook(tmp_path)
    write_book(book.landing, generated)
    book.load("2026-11-02T00:00:00")
    book.build("2026-10-31")
    found = book.rows("select period_end, is_tied, gl_amount <> 0 from marts.gl_tieout where class = 'total'")
    assert {is_tied for _, is_tied, _ in found} == {True}
    assert {is_other for _, _, is_other in found} >= {True}
    assert len({period_end for period_end, *_ in found}) == 18
    kinds = "select currency_kind, currency from ledger.gl_comparison where gl_amount <> 0 group by all order by all"
    assert book.rows(kinds) == [
        *(("document", currency) for currency in ("EUR", "GBP", "JPY", "USD")),
        *(("functional", currency) for currency in ("EUR", "GBP")),
    ]
    assert book.rows("select count(*) from ledger.refilled_claims where drawn_amount > 0") > [(0,)]
