"""Which of several rates holds on a day: the direct before the inverse, a cross only where there is neither; what a close keeps."""

from tests.small_books import SmallBook

INVOICES = """
| entity_id | invoice_id | customer_id | invoice_date | currency | amount |
| main      | I1         | C1          | 2026-01-05   | EUR      | 100.00 |
| east      | I2         | C1          | 2026-01-05   | USD      | 100.00 |
"""
ENTITIES = "| entity_id | functional_currency |\n| main | USD |\n| east | EUR |"


def test_a_direct_rate_goes_before_the_inverse_of_the_other_way(book: SmallBook) -> None:
    book.put(
        entities=ENTITIES,
        invoices=INVOICES,
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate |
        | 2026-01-05 | EUR           | USD         | 3.00 |
        | 2026-01-05 | USD           | EUR         | 0.50 |
        | 2026-01-06 | USD           | EUR         | 0.30 |
        """,
    )
    book.load()
    book.build("2026-01-06")
    book.expect(
        "ledger.daily_rates",
        """
        | day        | from_currency | to_currency | rate_date  | rate | rate_source |
        | 2026-01-05 | EUR           | USD         | 2026-01-05 | 3.00 | direct      |
        | 2026-01-05 | USD           | EUR         | 2026-01-05 | 0.50 | direct      |
        | 2026-01-06 | EUR           | USD         | 2026-01-05 | 3.00 | direct      |
        | 2026-01-06 | USD           | EUR         | 2026-01-06 | 0.30 | direct      |
        """,
    )


def test_an_inverse_has_ten_digits_and_fills_the_days_of_no_direct_rate(book: SmallBook) -> None:
    book.put(
        entities=ENTITIES,
        invoices=INVOICES,
        fx_rates="| rate_date | from_currency | to_currency | rate |\n| 2026-01-05 | EUR | USD | 3.00 |",
    )
    book.load()
    book.build("2026-01-05")
    book.expect(
        "ledger.daily_rates",
        """
        | from_currency | to_currency | rate         | rate_source |
        | EUR           | USD         | 3.00         | direct      |
        | USD           | EUR         | 0.3333333333 | inverse     |
        """,
    )


def test_a_cross_over_the_base_currency_stands_where_no_rate_of_the_pair_does(book: SmallBook) -> None:
    book.policy = "base_currency: EUR"
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |",
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount |
        | I1         | C1          | 2026-01-05   | JPY      | 16000  |
        """,
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate    |
        | 2026-01-01 | JPY           | USD         | 0.0070  |
        | 2026-01-05 | JPY           | EUR         | 0.00625 |
        | 2026-01-04 | EUR           | USD         | 1.10    |
        | 2026-01-10 | EUR           | USD         | 1.20    |
        | 2026-01-10 | GBP           | USD         | 1.40    |
        """,
    )
    book.load()
    book.build("2026-01-13")
    # the direct rate is carried for seven days, then the legs, of which the older tells how old a cross is
    book.expect(
        "ledger.daily_rates where day >= date '2026-01-07' and from_currency = 'JPY' and to_currency = 'USD'",
        """
        | day        | rate_date  | rate         | rate_source |
        | 2026-01-07 | 2026-01-01 | 0.0070000000 | direct      |
        | 2026-01-08 | 2026-01-01 | 0.0070000000 | direct      |
        | 2026-01-09 | 2026-01-04 | 0.0068750000 | cross       |
        | 2026-01-10 | 2026-01-05 | 0.0075000000 | cross       |
        | 2026-01-11 | 2026-01-05 | 0.0075000000 | cross       |
        | 2026-01-12 | 2026-01-05 | 0.0075000000 | cross       |
        """,
    )
    book.expect("ledger.booked_amounts", "| functional_amount |\n| 112.00 |")


CLOSED = """
| entity_id | period_id | period_start | period_end | closed_on  |
| main      | P1        | 2026-01-01   | 2026-01-31 | 2026-02-05 |
| east      | P1        | 2026-01-01   | 2026-01-31 | 2026-02-08 |
"""


def test_a_close_keeps_the_rate_as_it_was_on_that_day_and_one_that_was_gone_by_then_is_gone(book: SmallBook) -> None:
    book.put(
        entities=ENTITIES,
        invoices=INVOICES,
        fiscal_periods=CLOSED,
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate |
        | 2026-01-05 | EUR           | USD         | 1.20 |
        | 2026-01-31 | EUR           | USD         | 1.25 |
        | 2026-02-01 | EUR           | USD         | 1.50 |
        """,
    )
    book.load(recorded_at="2026-02-01T00:00:00")
    again = "| rate_date | from_currency | to_currency | rate | _deleted |\n{}"
    book.put(
        fx_rates_2=again.format(
            "| 2026-01-05 | EUR | USD | 1.30 | false |\n| 2026-01-31 | EUR | USD | 1.25 | true |\n"
            "| 2026-01-30 | EUR | USD | 1.35 | false |"
        )
    )
    book.load(recorded_at="2026-02-05T12:00:00")  # on the day of the close, which so includes it
    book.put(
        fx_rates_3=again.format(
            "| 2026-01-05 | EUR | USD | 1.40 | false |\n| 2026-02-01 | EUR | USD | 1.60 | false |\n"
            "| 2026-01-30 | EUR | USD | 1.35 | true |"
        )
    )
    book.load(recorded_at="2026-02-07T00:00:00")
    # known before the close is whatever is known; after it, what was known on its day: 1.25 does not come back
    for known_at, of_the_first in (("2026-02-05T12:00:00", "1.50"), ("2026-02-20T00:00:00", "1.60")):
        book.build("2026-02-01", known_at=known_at)
        book.expect(
            "ledger.daily_rates where from_currency = 'EUR' and day = rate_date",
            f"""
            | day        | rate           |
            | 2026-01-05 | 1.30           |
            | 2026-01-30 | 1.35           |
            | 2026-02-01 | {of_the_first} |
            """,
        )


def test_what_is_gone_or_not_there_yet_wants_no_rate(book: SmallBook) -> None:
    book.policy = "base_currency: USD"
    invoices = "| invoice_id | customer_id | invoice_date | currency | amount | _deleted |\n"
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |",
        invoices=invoices
        + "| I1 | C1 | 2026-01-05 | EUR | 100.00 | false |\n| I2 | C1 | 2026-01-05 | JPY | 1000 | false |",
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate |
        | 2026-01-05 | EUR           | USD         | 1.20 |
        | 2026-01-05 | JPY           | USD         | 0.01 |
        | 2026-01-05 | GBP           | USD         | 1.50 |
        | 2026-01-06 | GBP           | USD         | 1.60 |
        """,
    )
    book.load(recorded_at="2026-02-01T00:00:00")
    changed = "| I1 | C1 | 2026-01-05 | EUR | 110.00 | false |\n| I2 | C1 | 2026-01-05 | JPY | 1000 | true |"
    book.put(invoices_2=invoices + changed + "\n| I3 | C1 | 2026-01-06 | GBP | 10.00 | false |")
    book.load(recorded_at="2026-03-01T00:00:00")
    for as_of, known_at, booked, currencies in (
        ("2026-01-05", "2026-02-01", ("120.00", "10.00"), ("EUR", "JPY")),
        ("2026-01-05", "2026-03-01", ("132.00",), ("EUR",)),
        ("2026-01-06", "2026-03-01", ("132.00", "16.00"), ("EUR", "GBP")),
    ):
        book.build(as_of, known_at=f"{known_at}T00:00:00")
        book.expect("ledger.booked_amounts", "| functional_amount |" + "".join(f"\n| {amount} |" for amount in booked))
        lines = "".join(f"\n| {currency} |" for currency in currencies)
        rates = f"ledger.daily_rates where day = date '{as_of}' and to_currency = 'USD'"
        book.expect(rates, f"| from_currency |{lines}")
        book.expect("ledger.closing_rates where rate_source = 'own'", f"| from_currency |{lines}")
