"""The tables between history and schedule on a small book, and the policy's own, as SQL reads them."""

from models.policy import load_policy
from tests.small_books import SmallBook

POLICY = """
aging: {grace_days: 2}
allowance:
  lost_after_days: 100
  pools:
    - {pool: smb, where: [{segment: SMB, region: EMEA}, {insured: true}]}
    - {pool: rest}
  movements:
    - {line: acquired, entity_id: main, currency: USD, pool: rest, amount: 7.5, moved_on: 2026-01-20, evidence: a purchase}
"""
BOOK = {
    "customers": """
    | customer_id | segment | region | insured |
    | C1          | SMB     | EMEA   | .       |
    | C2          | SMB     | APAC   | .       |
    | C3          | .       | .      | true    |
    """,
    "invoices": """
    | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
    | A          | C1          | 2025-11-05   | 2025-12-20 | USD      | 100.00 |
    | B          | C2          | 2025-11-05   | 2025-12-20 | USD      | 80.00  |
    | C          | C3          | 2025-11-05   | 2025-12-20 | USD      | 60.00  |
    """,
    "instalments": """
    | invoice_id | instalment | due_date   | amount |
    | A          | 1          | 2025-12-01 | 50.00  |
    | A          | 2          | 2026-01-20 | 50.00  |
    """,
    "credit_memos": "| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C1 | 2026-01-10 | USD | 30 |",
    "applications": """
    | application_id | source_id | invoice_id | applied_on | amount |
    | X1             | M1        | A          | 2026-01-10 | 30.00  |
    """,
    "write_offs": "| write_off_id | invoice_id | written_off_on | amount | reason |\n| W1 | B | 2026-01-15 | 80.00 | credit |",
    "allowance_openings": """
    | period_end | pool | currency | amount |
    | 2025-12-31 | smb  | USD      | 12.00  |
    | 2025-12-31 | rest | USD      | 8.00   |
    | 2025-09-30 | rest | USD      | 99.00  |
    """,
}


def built(book: SmallBook) -> SmallBook:
    """The book as of the end of January."""
    book.policy = POLICY
    book.put(**BOOK)
    book.load()
    book.build("2026-01-31")
    return book


def test_the_policy_reaches_sql_as_tables(book: SmallBook) -> None:
    """Buckets of the ageing end where items are given up, at 100 days; two days of grace count as current."""
    built(book)
    book.expect(
        "staging.loss_buckets",
        """
        | aging_bucket | bucket_order | is_lost |
        | current      | 1            | False   |
        | 1-30         | 2            | False   |
        | 31-60        | 3            | False   |
        | 61-90        | 4            | False   |
        | 91-120       | 5            | False   |
        | over-100     | 6            | True    |
        | no-due-date  | 7            | False   |
        """,
    )
    book.expect(
        "staging.loss_days where aging_clamp in (2, 3, 100, 101)",
        """
        | aging_clamp | aging_bucket |
        | 2           | current      |
        | 3           | 1-30         |
        | 100         | 91-120       |
        | 101         | over-100     |
        """,
    )
    book.expect(
        "staging.pool_rules",
        """
        | rule_order | pool | segment | region | insured |
        | 1          | smb  | SMB     | EMEA   | .       |
        | 2          | smb  | .       | .      | True    |
        | 3          | rest | .       | .      | .       |
        """,
    )
    book.expect("staging.specific_kinds where kind = 'fraud'", "| default_loss_rate |\n| 1.00 |")
    book.expect(
        "staging.allowance_accounts",
        "| account | side |\n| bad_debt_expense | 1 |\n| allowance_for_credit_losses | -1 |",
    )
    book.expect(
        "staging.allowance_movements", "| line | pool | amount | evidence |\n| acquired | rest | 7.50 | a purchase |"
    )
    book.expect("staging.allowance_lines where line = 'provision'", "| line_order |\n| 4 |")


def test_where_the_last_bucket_begins_just_there_it_is_the_one_that_is_given_up() -> None:
    rows = load_policy("allowance: {lost_after_days: 120}").loss_bucket_rows()
    assert [row["aging_bucket"] for row in rows if row["is_lost"]] == ["over-120"]
    assert [row["aging_bucket"] for row in rows] == [
        "current",
        "1-30",
        "31-60",
        "61-90",
        "91-120",
        "over-120",
        "no-due-date",
    ]


def test_customers_are_in_the_first_pool_that_fits(book: SmallBook) -> None:
    built(book)
    book.expect("allowance.pool_members", "| customer_id | pool |\n| C1 | smb |\n| C2 | rest |\n| C3 | smb |")
    book.expect(
        "allowance.exposures",
        """
        | document_id | instalment | treatment | pool | aging_bucket | exposure |
        | A           | 1          | pool      | smb  | 61-90        | 20.00    |
        | A           | 2          | pool      | smb  | 1-30         | 50.00    |
        | C           | .          | pool      | smb  | 31-60        | 60.00    |
        """,
    )


def test_what_is_taken_off_an_invoice_in_parts_is_taken_off_the_part_that_fell(book: SmallBook) -> None:
    built(book)
    book.expect(
        "allowance.reductions",
        "| written_off | recovered | diluted |\n| 0.00 | 0.00 | 30.00 |\n| 80.00 | 0.00 | 0.00 |",
    )
    book.expect(
        "allowance.item_months where month_number = 2025 * 12 + 12",
        """
        | customer_id | instalment | aging_bucket | next_bucket | opening | stayed | written_off | diluted | paid |
        | C1          | 1          | 1-30         | 61-90       | 50.00   | 20.00  | 0.00        | 30.00   | 0.00 |
        | C1          | 2          | current      | 1-30        | 50.00   | 50.00  | 0.00        | 0.00    | 0.00 |
        | C2          | .          | 1-30         | .           | 80.00   | 0.00   | 80.00       | 0.00    | 0.00 |
        | C3          | .          | 1-30         | 31-60       | 60.00   | 60.00  | 0.00        | 0.00    | 0.00 |
        """,
    )
    book.expect(
        "allowance.transitions where month_number = 2025 * 12 + 12 and pool = 'rest'",
        "| aging_bucket | next_bucket | item_count | opening | written_off |\n| 1-30 | . | 1 | 80.00 | 80.00 |",
    )


def test_rates_are_estimated_for_pools_and_the_book_and_shocked(book: SmallBook) -> None:
    """The book lost 80 of 190 that were 1-30; both pools borrow from it, and a shock changes every rate."""
    built(book)
    assert book.rows("select distinct pool from allowance.loss_rates order by 1") == [("(book)",), ("rest",), ("smb",)]
    (own, lower) = (
        book.rows(f"select rate from allowance.{table} and pool = 'smb' and aging_bucket = '1-30'")[0][0]
        for table in ("rates where true", "shocks where shock = '-10 %'")
    )
    assert own > 0
    assert abs(lower - own * 9 / 10) < 1e-9


def test_the_newest_opening_before_the_day_is_opened_from(book: SmallBook) -> None:
    built(book)
    book.expect(
        "allowance.openings", "| basis | line_pool | allowance |\n| told | smb | 12.00 |\n| told | rest | 8.00 |"
    )
    book.expect("allowance.period_losses", "| pool | written_off | recovered |\n| rest | 80.00 | 0.00 |")
    book.expect(
        "allowance.movements where line <> 'closing'",
        """
        | line_pool | line       | amount | amount_functional |
        | smb       | opening    | 12.00  | 12.00             |
        | rest      | opening    | 8.00   | 8.00              |
        | rest      | write_offs | -80.00 | -80.00            |
        | rest      | recoveries | 0.00   | 0.00              |
        | rest      | acquired   | 7.50   | 7.50              |
        """,
    )
