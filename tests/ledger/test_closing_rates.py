"""The rate of a pair of currencies on a day and at a period end: told, inverted, crossed, carried, frozen at a close."""

from tests.small_books import SmallBook


def test_a_currency_that_comes_later_is_not_known_before(book: SmallBook) -> None:
    invoice = "| invoice_id | customer_id | invoice_date | currency | amount |\n| {} | C1 | 2026-01-05 | {} | 1.00 |"
    book.put(invoices=invoice.format("I1", "EUR"))
    book.load(recorded_at="2026-02-01T00:00:00")
    book.put(invoices_2=invoice.format("I2", "USD"))
    book.load(recorded_at="2026-03-01T00:00:00")
    for known_at, currencies in (("2026-02-15T00:00:00", ["EUR"]), ("2026-03-15T00:00:00", ["EUR", "USD"])):
        book.build("2026-01-31", known_at=known_at)
        lines = "".join(f"\n| {currency} | {currency} | 1 |" for currency in currencies)
        book.expect("ledger.closing_rates", f"| from_currency | to_currency | cast(rate as integer) |{lines}")


RATES = """
| rate_date  | from_currency | to_currency | rate   |
| 2026-01-05 | EUR           | USD         | 1.10   |
| 2026-01-05 | EUR           | JPY         | 160.00 |
| 2026-01-20 | EUR           | USD         | 1.20   |
"""
ENTITY = "| entity_id | functional_currency |\n| main | USD |"


def test_a_rate_is_told_inverted_or_crossed_over_the_pivot_and_carried_for_a_while(book: SmallBook) -> None:
    book.policy = "currency: {pivot_currency: EUR}"
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |\n| east | EUR |",
        invoices="""
        | entity_id | invoice_id | customer_id | invoice_date | currency | amount |
        | main      | I1         | C1          | 2026-01-05   | JPY      | 16000  |
        | main      | I2         | C1          | 2026-01-05   | EUR      | 10.00  |
        | east      | I3         | C1          | 2026-01-13   | USD      | 11.00  |
        """,
        fx_rates=RATES,
    )
    book.load()
    book.build("2026-01-13")
    on_the_12th = (
        "ledger.daily_rates where day = date '2026-01-12' and (from_currency <> 'EUR' or to_currency <> 'JPY')"
    )
    book.expect(
        on_the_12th,
        """
        | from_currency | to_currency | rate_date  | rate         | rate_source |
        | EUR           | USD         | 2026-01-05 | 1.10         | direct      |
        | JPY           | USD         | 2026-01-05 | 0.0068750000 | cross       |
        | USD           | EUR         | 2026-01-05 | 0.9090909091 | inverse     |
        """,
    )
    # seven days are as long as a rate is carried: on the 13th there is none
    assert book.rows("select * from ledger.daily_rates where day = date '2026-01-13'") == []
    assert book.rows("select max(day) from ledger.days") == book.rows("select date '2026-01-13'")
    book.expect("ledger.booked_amounts", "| functional_amount |\n| 110.00 |\n| 11.00 |")
    book.expect(
        "marts.aging_detail",
        """
        | document_id | open_amount_functional | flags                                        |
        | I1          | 110.00                 | due_date_missing;functional_amount_converted |
        | I2          | 11.00                  | due_date_missing;functional_amount_converted |
        | I3          | .                      | due_date_missing                             |
        """,
    )


def test_a_closed_period_does_not_move_when_rates_are_loaded_again(book: SmallBook) -> None:
    book.policy = "base_currency: USD"
    periods = "| entity_id | period_id | period_start | period_end | closed_on |\n| main | P1 | 2026-01-01 | 2026-01-31 | {} |"
    book.put(
        entities=ENTITY,
        fiscal_periods=periods.format("2026-02-05"),
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | EUR | 100.00 |",
        fx_rates=RATES,
    )
    book.load(recorded_at="2026-02-01T00:00:00")
    book.put(fx_rates_2="| rate_date | from_currency | to_currency | rate |\n| 2026-01-20 | EUR | USD | 1.30 |")
    book.load(recorded_at="2026-02-04T00:00:00")
    book.put(fx_rates_3="| rate_date | from_currency | to_currency | rate |\n| 2026-01-20 | EUR | USD | 1.40 |")
    book.load(recorded_at="2026-02-10T00:00:00")
    for known_at, amount in (("2026-02-02", "120.00"), ("2026-02-04", "130.00"), ("2026-02-20", "130.00")):
        book.build("2026-01-25", known_at=f"{known_at}T12:00:00")
        book.expect("ledger.open_items", f"| open_amount_base |\n| {amount} |")
