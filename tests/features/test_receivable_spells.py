"""How long receivables were open, and what settled them, as of a day."""

import pytest

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount | status | voided_on  |
| I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 | posted | .          |
| I2         | C1          | 2026-01-20   | 2026-02-19 | EUR      | 50.00  | posted | .          |
| I3         | C2          | 2026-01-20   | 2026-01-10 | EUR      | 30.00  | posted | .          |
| I4         | C2          | 2026-01-21   | 2026-02-21 | EUR      | 20.00  | void   | 2026-02-01 |
| I5         | C2          | 2026-03-21   | 2026-04-21 | EUR      | 70.00  | posted | .          |
"""
PAYMENTS = """
| payment_id | customer_id | payment_date | currency | amount |
| P1         | C1          | 2026-02-10   | EUR      | 60.00  |
| P2         | C1          | 2026-02-14   | EUR      | 38.00  |
| P3         | C1          | 2026-03-05   | EUR      | 50.00  |
"""
APPLICATIONS = """
| application_id | source_id | invoice_id | applied_on | amount | discount_amount |
| A1             | P1        | I1         | 2026-02-10 | 60.00  | .               |
| A2             | P2        | I1         | 2026-02-14 | 38.00  | 2.00            |
| A3             | P3        | I2         | 2026-03-05 | 50.00  | .               |
| A4             | M1        | I3         | 2026-02-20 | 30.00  | .               |
"""
MEMOS = "| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C2 | 2026-02-15 | EUR | 30.00 |"


def built(book: SmallBook, as_of: str) -> SmallBook:
    book.put(
        customers="| customer_id | payer_id | segment | country |\n| C1 | . | large | DE |\n| C2 | C1 | small | FR |",
        invoices=INVOICES,
        payments=PAYMENTS,
        credit_memos=MEMOS,
        applications=APPLICATIONS,
    )
    book.load()
    book.build(as_of)
    return book


def test_a_receivable_ends_on_the_day_on_which_nothing_is_left_of_it(book: SmallBook) -> None:
    built(book, "2026-02-28").expect(
        "features.receivable_spells",
        """
        | entry_date | due_date   | settled_date | exit_kind | amount_base |
        | 2026-01-05 | 2026-02-04 | 2026-02-14   | cash      | 100.00      |
        | 2026-01-20 | 2026-02-19 | .            | .         | 50.00       |
        | 2026-01-20 | 2026-01-20 | 2026-02-20   | credit    | 30.00       |
        | 2026-01-21 | 2026-02-21 | 2026-02-01   | credit    | 20.00       |
        """,
    )


def test_what_settled_an_invoice_is_told_apart(book: SmallBook) -> None:
    built(book, "2026-02-28").expect(
        "features.spell_amounts",
        """
        | cash_settled | credit_settled | discount_settled | write_off_settled | last_changed_on |
        | 98.00        | 0.00           | 2.00             | 0.00              | 2026-02-14      |
        | 0.00         | 0.00           | 0.00             | 0.00              | 2026-01-20      |
        | 0.00         | 30.00          | 0.00             | 0.00              | 2026-02-20      |
        | 0.00         | 20.00          | 0.00             | 0.00              | 2026-02-01      |
        """,
    )


def test_a_payer_is_numbered_by_its_id_and_known_by_its_own_segment(book: SmallBook) -> None:
    built(book, "2026-02-28").expect(
        "features.payers", "| payer_key | payer_id | segment | country |\n| 1 | C1 | large | DE |"
    )


def paid_in_parts(book: SmallBook, named: str = ".") -> SmallBook:
    """An invoice of 90 in three parts; 45 of it paid on 10 February, by name or not, and 30 more on the 20th."""
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | EUR | 90.00 |",
        instalments="""
        | invoice_id | instalment | due_date   | amount |
        | I1         | a          | 2026-02-05 | 30.00  |
        | I1         | b          | 2026-03-05 | 30.00  |
        | I1         | c          | 2026-04-05 | 30.00  |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-02-10   | EUR      | 45.00  |
        | P2         | C1          | 2026-02-20   | EUR      | 30.00  |
        """,
        applications=f"""
        | application_id | source_id | invoice_id | instalment | applied_on | amount |
        | A1             | P1        | I1         | {named}    | 2026-02-10 | 45.00  |
        | A2             | P2        | I1         | .          | 2026-02-20 | 30.00  |
        """,
    )
    return book


def test_an_instalment_is_a_receivable_of_its_own(book: SmallBook) -> None:
    paid_in_parts(book).load()
    book.build("2026-02-28")
    book.expect(
        "features.receivable_spells",
        """
        | instalment | due_date   | settled_date | exit_kind | amount_base |
        | a          | 2026-02-05 | 2026-02-10   | cash      | 30.00       |
        | b          | 2026-03-05 | 2026-02-20   | cash      | 30.00       |
        | c          | 2026-04-05 | .            | .         | 30.00       |
        """,
    )


@pytest.mark.parametrize(
    ("advances", "named", "ends"),
    [
        # 15 of each, then 10 of each: 5 of each are left
        ("pro_rata", ".", "| a | . |\n| b | . |\n| c | . |"),
        # 30 for c and 15 of a, then the other 15 of a, and 15 of b
        ("earliest_due", "c", "| a | 2026-02-20 |\n| b | . |\n| c | 2026-02-10 |"),
        # 30 for c and 7.50 of each other, then 15 of each other
        ("pro_rata", "c", "| a | . |\n| b | . |\n| c | 2026-02-10 |"),
    ],
)
def test_an_instalment_is_settled_as_the_ledger_settles_it(
    book: SmallBook, advances: str, named: str, ends: str
) -> None:
    book.policy = f"instalments: {{advances: {advances}}}"
    paid_in_parts(book, named).load()
    book.build("2026-02-28")
    book.expect("features.receivable_spells", f"| instalment | settled_date |\n{ends}")


def test_an_instalment_whose_payment_came_back_is_open_again_and_ends_when_it_is_paid_anew(book: SmallBook) -> None:
    """75 settle a and b; without the first 45, the 30 of P2 are for a, which is never open again; 60 of P3 settle the rest."""
    paid_in_parts(book).put(
        payment_reversals="| reversal_id | payment_id | reversed_on |\n| R1 | P1 | 2026-02-25 |",
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P3 | C1 | 2026-03-10 | EUR | 60.00 |",
        applications_2="| application_id | source_id | invoice_id | applied_on | amount |\n| A3 | P3 | I1 | 2026-03-10 | 60.00 |",
    )
    book.load()
    for day, ends in (
        ("2026-02-24", "| a | 2026-02-10 |\n| b | 2026-02-20 |\n| c | . |"),
        ("2026-02-25", "| a | 2026-02-10 |\n| b | . |\n| c | . |"),
        ("2026-03-10", "| a | 2026-02-10 |\n| b | 2026-03-10 |\n| c | 2026-03-10 |"),
    ):
        book.build(day)
        book.expect("features.receivable_spells", f"| instalment | settled_date |\n{ends}")


def test_an_instalment_that_was_paid_before_it_was_billed_ends_as_it_begins(book: SmallBook) -> None:
    paid_in_parts(book).put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-02-15 | EUR | 90.00 |"
    )
    book.load()
    book.build("2026-02-20")
    book.expect(
        "features.receivable_spells",
        """
        | instalment | entry_date | settled_date |
        | a          | 2026-02-15 | 2026-02-15   |
        | b          | 2026-02-15 | 2026-02-20   |
        | c          | 2026-02-15 | .            |
        """,
    )


def test_cash_of_a_payer_is_summed_by_window_with_its_days(book: SmallBook) -> None:
    built(book, "2026-05-12").expect(
        "features.payer_cash",
        """
        | payer_id | application_count | paid_3m | paid_12m | beyond_12m | late_cash | partial_cash |
        | C1       | 3                 | 88.00   | 148.00   | 1440.00    | 148.00    | 98.00        |
        """,
    )


def test_days_of_payment_are_those_of_the_payer_as_of_the_day(book: SmallBook) -> None:
    """C1 pays for C2; two payments of a day are one day, and what is dated after the day is not there."""
    book.put(
        customers="| customer_id | payer_id |\n| C1 | . |\n| C2 | C1 |",
        invoices=INVOICES,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-02-10   | EUR      | 60.00  |
        | P2         | C2          | 2026-02-10   | EUR      | 5.50   |
        | P3         | C2          | 2026-02-14   | EUR      | 38.00  |
        | P4         | C1          | 2026-03-05   | EUR      | 50.00  |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "features.payment_days",
        """
        | payer_key | payment_date | payment_count | amount_base |
        | 1         | 2026-02-10   | 2             | 65.50       |
        | 1         | 2026-02-14   | 1             | 38.00       |
        """,
    )
