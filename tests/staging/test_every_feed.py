"""Every feed of the landing contract lands: one good row each, and one that breaks a rule of its own."""

from decimal import Decimal

import pytest

from models.contract import feeds
from tests.small_books import SmallBook, as_cell, cells_of

GOOD = {
    "entities": "| entity_id | functional_currency | country |\n| main | EUR | DE |",
    "fiscal_periods": "| period_id | period_start | period_end | quarter | year |\n| P01 | 2026-01-01 | 2026-01-31 | Q1 | 2026 |",
    "customers": "| customer_id | valid_from | segment | terms_days | related_party |\n| C1 | 2026-01-01 | smb | 30 | true |",
    "invoices": "| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | EUR | 100.00 |",
    "instalments": "| invoice_id | instalment | due_date | amount |\n| I1 | 1 | 2026-02-05 | 50.00 |",
    "payments": "| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-05 | EUR | 50.00 |",
    "payment_reversals": "| reversal_id | payment_id | reversed_on | reason |\n| R1 | P1 | 2026-02-09 | chargeback |",
    "credit_memos": "| credit_memo_id | customer_id | credit_date | currency | amount |\n| M1 | C1 | 2026-02-05 | EUR | 5.00 |",
    "applications": "| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-05 | 50.00 |",
    "write_offs": "| write_off_id | invoice_id | written_off_on | amount | reason |\n| W1 | I1 | 2026-06-05 | 5.00 | credit |",
    "recoveries": "| recovery_id | write_off_id | recovered_on | amount |\n| V1 | W1 | 2026-07-05 | 1.00 |",
    "refunds": "| refund_id | source_id | refunded_on | amount |\n| F1 | P1 | 2026-03-05 | 2.00 |",
    "disputes": "| dispute_id | invoice_id | reason | opened_on |\n| D1 | I1 | pricing | 2026-02-01 |",
    "promises": "| promise_id | customer_id | made_on | promised_date | amount |\n| O1 | C1 | 2026-02-01 | 2026-02-09 | 9.00 |",
    "specific_events": "| event_id | customer_id | kind | event_date | expected_loss_rate |\n"
    "| E1 | C1 | bankruptcy | 2026-02-01 | 0.8 |",
    "placements": "| placement_id | customer_id | kind | from_date |\n| L1 | C1 | agency | 2026-02-01 |",
    "billing_schedule": "| schedule_id | customer_id | bill_on | currency | amount | probability |\n"
    "| S1 | C1 | 2026-04-01 | EUR | 9.00 | 0.9 |",
    "revenue": "| period_end | currency | amount |\n| 2026-01-31 | EUR | -9.00 |",
    "fx_rates": "| rate_date | from_currency | to_currency | rate |\n| 2026-01-31 | USD | EUR | 0.9123456789 |",
    "gl_balances": "| period_end | account | account_kind | currency | balance |\n"
    "| 2026-01-31 | 1200 | receivable | EUR | -9.00 |",
    "gl_entries": "| entry_id | account | posting_date | currency | amount | class |\n"
    "| G1 | 1200 | 2026-01-31 | EUR | -9.00 | manual |",
    "allowance_openings": "| period_end | currency | amount |\n| 2025-12-31 | EUR | 9.00 |",
    "targets": "| metric | period_end | value |\n| dso | 2026-03-31 | 45.5 |",
    "macro": "| series | period_end | value |\n| gdp | 2026-03-31 | 1.25 |",
}

BAD = [
    ("payment_reversals", "chargeback", "sorry", "not_an_allowed_value"),
    ("fx_rates", "0.9123456789", "0.91234567891", "too_many_decimals"),
    ("fx_rates", "0.9123456789", "0", "not_positive"),
    ("customers", "| 30 |", "| 30.5 |", "not_a_whole_number"),
    ("customers", "true", "perhaps", "not_true_or_false"),
    ("instalments", "2026-02-05", "soon", "not_a_date"),
    ("gl_entries", "manual", "magic", "not_an_allowed_value"),
    ("targets", "| dso |", "| happiness |", "not_an_allowed_value"),
    ("entities", "EUR", "EURO", "unknown_currency"),
]


def same(sent: str, value: object) -> bool:
    """Whether a typed value says what was sent: numbers by value, all else word for word."""
    return Decimal(sent) == value if isinstance(value, Decimal) else as_cell(value).lower() == sent.lower()


def test_every_feed_is_here() -> None:
    assert set(GOOD) == set(feeds())


@pytest.mark.parametrize("feed", GOOD)
def test_a_good_row_lands_as_it_was_sent(book: SmallBook, feed: str) -> None:
    book.put(**{feed: GOOD[feed]})
    book.load()
    header, row = cells_of(GOOD[feed])
    (found,) = book.rows(f"select {', '.join(header)} from staging.{feed}")
    for sent, value in zip(row, found, strict=True):
        assert same(sent, value), (sent, value)
    assert book.rows("select count(*) from staging.rejected_rows") == [(0,)]


@pytest.mark.parametrize(("feed", "good", "bad", "rule"), BAD)
def test_a_bad_row_names_the_rule(book: SmallBook, feed: str, good: str, bad: str, rule: str) -> None:
    book.put(**{feed: GOOD[feed].replace(good, bad)})
    book.load()
    book.expect("staging.rejected_rows", f"| feed | line | rule |\n| {feed} | 2 | {rule} |")
    assert book.rows(f"select count(*) from staging.{feed}") == [(0,)]


def test_an_id_that_is_missing_links_to_nothing(book: SmallBook) -> None:
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | USD | 1.00 |",
        write_offs="""
        | write_off_id | source_id | invoice_id | written_off_on | amount |
        | W1           | P1        | .          | 2026-03-01     | 5.00   |
        | W2           | .         | I1         | 2026-03-01     | 5.00   |
        """,
    )
    book.load()
    links = "invoice_key is not null as of_invoice, source_key is not null as of_source"
    assert book.rows(f"select {links} from staging.write_offs order by write_off_id") == [(False, True), (True, False)]
