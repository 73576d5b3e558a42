"""The roll-forward: from opening to closing of each period, every kind of event on its line, in three currencies."""

from datetime import date

from tests.small_books import SmallBook

EVENTS = {
    "invoices": """
        | invoice_id | customer_id | invoice_date | currency | amount | status | voided_on  |
        | I1         | C1          | 2026-01-10   | USD      | 500.00 | posted | .          |
        | I2         | C1          | 2026-01-20   | USD      | 80.00  | void   | 2026-02-03 |
        | I3         | C1          | 2026-02-01   | USD      | 200.00 | posted | .          |
    """,
    "payments": """
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-02-05   | USD      | 300.00 |
        | P2         | C1          | 2026-02-20   | USD      | 50.00  |
    """,
    "credit_memos": """
        | credit_memo_id | customer_id | credit_date | currency | amount |
        | M1             | C1          | 2026-02-06  | USD      | 30.00  |
    """,
    "applications": """
        | application_id | source_id | invoice_id | applied_on | amount | discount_amount | withheld_amount |
        | A1             | P1        | I1         | 2026-02-05 | 290.00 | 6.00            | 4.00            |
        | A2             | M1        | I3         | 2026-02-06 | 30.00  | .               | .               |
    """,
    "payment_reversals": """
        | reversal_id | payment_id | reversed_on | amount |
        | R1          | P2         | 2026-02-25  | 20.00  |
    """,
    "write_offs": """
        | write_off_id | invoice_id | written_off_on | amount | reversed_on |
        | W1           | I1         | 2026-02-10     | 100.00 | .           |
        | W2           | I3         | 2026-02-11     | 50.00  | 2026-02-26  |
    """,
    "recoveries": """
        | recovery_id | write_off_id | recovered_on | amount |
        | V1          | W1           | 2026-02-21   | 25.00  |
    """,
    "refunds": """
        | refund_id | source_id | refunded_on | amount |
        | F1        | P1        | 2026-02-12  | 10.00  |
    """,
}


def test_every_event_is_on_its_line_and_the_lines_add_up(book: SmallBook) -> None:
    book.put(**EVENTS)
    book.load()
    book.build("2026-03-10")
    book.expect(
        "marts.rollforward where period_start = date '2026-02-01' and amount <> 0",
        """
        | line_order | line                | amount  |
        | 1          | opening             | 580.00  |
        | 2          | invoiced            | 200.00  |
        | 3          | voided              | -80.00  |
        | 4          | credited            | -30.00  |
        | 5          | collected           | -350.00 |
        | 7          | discounts           | -6.00   |
        | 8          | withheld            | -4.00   |
        | 9          | written_off         | -150.00 |
        | 10         | write_offs_reversed | 50.00   |
        | 11         | recovered           | 25.00   |
        | 12         | refunded            | 10.00   |
        | 13         | payments_reversed   | 20.00   |
        | 16         | closing             | 265.00  |
        """,
    )
    book.expect(
        "marts.rollforward where period_start = date '2026-03-01' and line in ('opening', 'closing')",
        "| period_end | amount |\n| 2026-03-10 | 265.00 |\n| 2026-03-10 | 265.00 |",
    )
    assert book.rows("select sum(open_amount) from ledger.open_items") == [(265,)]
    for table in ("ledger.movements", "ledger.period_flows where line not in ('opening', 'closing')"):
        assert book.rows(f"select sum(amount) from {table}") == [(265,)], table
    assert book.rows("select count(*) from staging.rollforward_lines where kind is not null") == [(13,)]
    assert book.rows("select min(day), max(day) from staging.days") == [(date(1900, 1, 1), date(2100, 12, 31))]


def test_gains_and_losses_stand_between_flows_and_balances(book: SmallBook) -> None:
    # 100 EUR billed at 1.10 and paid at 1.15; another 100 EUR stay open while the euro rises to 1.20
    book.policy = "base_currency: USD"
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |",
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-10   | EUR      | 100.00 | 110.00            |
        | I2         | C1          | 2026-01-10   | EUR      | 100.00 | 110.00            |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount | functional_amount |
        | P1         | C1          | 2026-01-20   | EUR      | 100.00 | 115.00            |
        """,
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-01-20 | 100.00 |",
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate |
        | 2026-01-10 | EUR           | USD         | 1.10 |
        | 2026-01-20 | EUR           | USD         | 1.15 |
        | 2026-01-31 | EUR           | USD         | 1.20 |
        """,
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.rollforward where amount_functional <> 0 or amount_base <> 0",
        """
        | line          | amount  | amount_functional | amount_base |
        | invoiced      | 200.00  | 220.00            | 220.00      |
        | collected     | -100.00 | -115.00           | -115.00     |
        | fx_realised   | 0.00    | 5.00              | 0.00        |
        | fx_unrealised | 0.00    | 0.00              | 15.00       |
        | closing       | 100.00  | 110.00            | 120.00      |
        """,
    )
    book.expect("marts.aging_detail", "| document_id | unrealised_gain_functional |\n| I2 | 10.00 |")


def test_what_comes_and_goes_on_one_day_is_nothing_in_any_currency(book: SmallBook) -> None:
    """A1 with its 5 withheld is undone on the day on which A2 withholds 5 as well: nothing moved, and no rate is wanted."""
    book.policy = "base_currency: USD"
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-10 | EUR | 100.00 |",
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-01-20 | EUR | 50.00 |",
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | withheld_amount | unapplied_on |
        | A1             | P1        | I1         | 2026-01-20 | 50.00  | 5.00            | 2026-02-10   |
        | A2             | P1        | I1         | 2026-02-10 | 50.00  | 5.00            | .            |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.rollforward where line = 'withheld'",
        "| period_end | amount | amount_base |\n| 2026-01-31 | -5.00 | . |\n| 2026-02-28 | 0.00 | 0.00 |",
    )


def test_a_fiscal_calendar_of_weeks_has_its_own_periods(book: SmallBook) -> None:
    book.put(
        fiscal_periods="""
        | entity_id | period_id | period_start | period_end | quarter | closed_on  |
        | main      | 2026-P01  | 2026-01-04   | 2026-01-31 | Q1      | 2026-02-05 |
        | main      | 2026-P02  | 2026-02-01   | 2026-02-28 | Q1      | .          |
        | main      | 2026-P03  | 2026-03-01   | 2026-04-04 | Q1      | .          |
        """,
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount |
        | I0         | C1          | 2026-01-02   | USD      | 10.00  |
        | I1         | C1          | 2026-01-10   | USD      | 100.00 |
        | I2         | C1          | 2026-04-02   | USD      | 200.00 |
        | I3         | C1          | 2026-04-05   | USD      | 400.00 |
        """,
    )
    book.load()
    book.build("2026-04-04")
    book.expect(
        "marts.rollforward where line in ('opening', 'invoiced', 'closing')",
        """
        | period_start | period_end | line     | amount | amount_base |
        | 2026-01-04   | 2026-01-31 | opening  | 10.00  | 10.00       |
        | 2026-01-04   | 2026-01-31 | invoiced | 100.00 | 100.00      |
        | 2026-01-04   | 2026-01-31 | closing  | 110.00 | 110.00      |
        | 2026-02-01   | 2026-02-28 | opening  | 110.00 | 110.00      |
        | 2026-02-01   | 2026-02-28 | invoiced | 0.00   | 0.00        |
        | 2026-02-01   | 2026-02-28 | closing  | 110.00 | 110.00      |
        | 2026-03-01   | 2026-04-04 | opening  | 110.00 | 110.00      |
        | 2026-03-01   | 2026-04-04 | invoiced | 200.00 | 200.00      |
        | 2026-03-01   | 2026-04-04 | closing  | 310.00 | 310.00      |
        """,
    )
    book.expect("ledger.fiscal_periods where is_whole", "| period_id |\n| 2026-P01 |\n| 2026-P02 |\n| 2026-P03 |")
