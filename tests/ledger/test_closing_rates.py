"""The rate of a pair of currencies at a period end, as known at a time."""

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
