"""Money of the features is in the base currency: what has no rate is no money, is counted, and nothing is guessed."""

from tests.features.test_receivable_spells import built
from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
| I2         | C1          | 2026-01-05   | 2026-02-04 | JPY      | 9000   |
| I3         | C1          | 2026-01-05   | 2026-02-04 | USD      | 30.00  |
| I4         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 40.00  |
"""
PAYMENTS = """
| payment_id | customer_id | payment_date | currency | amount |
| P1         | C1          | 2026-02-10   | EUR      | 98.00  |
| P2         | C1          | 2026-02-10   | JPY      | 9000   |
"""
APPLICATIONS = """
| application_id | source_id | invoice_id | applied_on | amount | discount_amount |
| A1             | P1        | I1         | 2026-02-10 | 98.00  | 2.00            |
| A2             | P2        | I2         | 2026-02-10 | 9000   | .               |
"""
RATES = "| from_currency | to_currency | rate_date | rate |\n| EUR | USD | 2026-02-28 | 1.10 |"


def in_dollars(book: SmallBook) -> SmallBook:
    """A book of euros, dollars and yen, in a group that counts in dollars and knows no rate of the yen."""
    book.policy = "base_currency: USD"
    book.put(invoices=INVOICES, payments=PAYMENTS, applications=APPLICATIONS, fx_rates=RATES)
    book.load()
    book.build("2026-02-28")
    return book


def test_a_currency_without_a_rate_has_no_amount_in_base(book: SmallBook) -> None:
    in_dollars(book).expect("features.base_rates", "| currency | rate |\n| EUR | 1.10 |\n| USD | 1.00 |")
    book.expect(
        "features.receivable_spells",
        """
        | currency | settled_date | amount_base |
        | EUR      | 2026-02-10   | 110.00      |
        | EUR      | .            | 44.00       |
        | JPY      | 2026-02-10   | .           |
        | USD      | .            | 30.00       |
        """,
    )
    book.expect("features.payment_days", "| payment_date | payment_count | amount_base |\n| 2026-02-10 | 2 | 107.80 |")


def test_shares_of_a_payer_add_up_only_what_is_in_base(book: SmallBook) -> None:
    in_dollars(book).expect(
        "features.settled_amounts",
        "| cash_settled | credit_settled | discount_settled | write_off_settled |\n| 107.80 | 0.00 | 2.20 | 0.00 |",
    )
    book.expect(
        "marts.payment_trends",
        "| application_count | unconverted_count | paid_12m | open_exposure |\n| 1 | 1 | 107.80 | 74.00 |",
    )


def test_an_invoice_in_parts_is_settled_once(book: SmallBook) -> None:
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | due_date | currency | amount |\n"
        "| I1 | C1 | 2026-01-05 | 2026-03-04 | EUR | 100.00 |",
        instalments="""
        | invoice_id | instalment | due_date   | amount |
        | I1         | 1          | 2026-02-04 | 60.00  |
        | I1         | 2          | 2026-03-04 | 40.00  |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-10 | EUR | 100.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-10 | 100.00 |",
    )
    book.load()
    book.build("2026-02-28")
    book.expect("features.settled_amounts", "| cash_settled |\n| 100.00 |")


def test_a_receivable_stands_on_the_axis_of_business_days(book: SmallBook) -> None:
    """Days count from the first of the calendar; what matters is how far they lie apart."""
    built(book, "2026-02-28").expect(
        "(select due_day - entry_day as to_due, last_at_risk_day - entry_day as to_last, exit_kind from features.spell_days)",
        """
        | to_due | to_last | exit_kind |
        | 22     | 29      | cash      |
        | 22     | 28      | .         |
        | 0      | 23      | credit    |
        | 23     | 7       | credit    |
        """,
    )


def test_records_of_promises_and_disputes_are_drawn_to_the_books(book: SmallBook) -> None:
    """One promise of one was kept, which draws the book to two thirds; one dispute took ten days, half was credited."""
    book.put(
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | currency | amount |
        | R1         | C1          | I1         | 2026-02-01 | 2026-02-14    | EUR      | 98.00  |
        | R2         | C1          | I2         | 2026-02-20 | 2026-03-06    | EUR      | 50.00  |
        | R3         | C2          | I5         | 2026-02-20 | 2026-03-06    | EUR      | 50.00  |
        """,
        disputes="""
        | dispute_id | invoice_id | opened_on  | resolved_on | amount | credited_amount |
        | D1         | I3         | 2026-01-21 | 2026-01-31  | 30.00  | 15.00           |
        | D2         | I2         | 2026-02-27 | .           | 50.00  | .               |
        """,
    )
    built(book, "2026-02-28")
    found = book.rows("select keep_probability from features.promise_outlook order by promise_key")
    kept = 2 / 3
    assert sorted(row[0] for row in found) == [kept, (1 + 8 * kept) / (1 + 8)]
    book.expect(
        "features.dispute_outlook",
        "| expected_resolution_date | expected_credit_share |\n| 2026-03-09 | 0.500 |",
    )
