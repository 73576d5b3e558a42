"""Money stays decimal to the end: an amount in the trillions keeps its cents when it is converted.

Belongs here: exactness where a DOUBLE on the way would show. What figures mean belongs to the tests of their word.
"""

from decimal import Decimal

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount            |
| 1          | C1          | 2026-01-05   | 2026-02-04 | EUR      | 12345678901234.56 |
| 2          | C1          | 2026-01-05   | 2026-02-04 | USD      | 90071992547409.93 |
"""
RATES = """
| rate_date  | from_currency | to_currency | rate         |
| 2026-01-31 | EUR           | USD         | 1.0000000001 |
"""


def test_trillions_keep_their_cents(book: SmallBook) -> None:
    book.policy = "base_currency: USD\n"
    book.put(invoices=INVOICES, fx_rates=RATES)
    book.load()
    book.build("2026-01-31")
    for table in ("ledger.open_items", "marts.aging_detail"):
        found = book.rows(f"select open_amount_base from {table} order by 1")
        assert found == [(Decimal("12345678902469.1300"),), (Decimal("90071992547409.9300"),)]
    ((monthly,),) = book.rows("select sum(open_amount_base) from marts.aging_monthly")
    assert monthly == Decimal("102417671449879.0600")
