"""The policy, the currencies and the calendar as SQL reads them."""

import pytest

from models.policy import load_policy
from tests.small_books import SmallBook

INVOICE = "| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | EUR | 100.00 |"


def test_the_policy_is_one_row_and_its_buckets_are_tables(book: SmallBook) -> None:
    book.policy = "aging: {buckets: [{aging_bucket: fresh, last_day: 10}, {aging_bucket: old, first_day: 11}]}"
    book.put(invoices=INVOICE)
    book.load()
    book.expect(
        "staging.policy", "| default_entity | basis | youngest_day | oldest_day |\n| main | due_date | -1 | 12 |"
    )
    book.expect(
        "staging.aging_buckets",
        """
        | aging_bucket | bucket_order | first_day | last_day |
        | fresh        | 1            | .         | 10       |
        | old          | 2            | 11        | .        |
        | no-due-date  | 3            | .         | .        |
        | disputed     | 4            | .         | .        |
        | unapplied    | 5            | .         | .        |
        """,
    )
    book.expect(
        "staging.aging_days where aging_clamp in (-1, 0, 10, 11, 12)",
        """
        | aging_clamp | aging_bucket | is_past_due |
        | -1          | fresh        | False       |
        | 0           | fresh        | False       |
        | 10          | fresh        | True        |
        | 11          | old          | True        |
        | 12          | old          | True        |
        """,
    )


def test_windows_come_with_the_months_nearest_to_them(book: SmallBook) -> None:
    book.policy = "metrics: {windows: [7, 30, 90, 180, 365]}"
    book.put(invoices=INVOICE)
    book.load()
    book.expect(
        "staging.metric_windows",
        "| window_days | window_months |\n| 7 | 1 |\n| 30 | 1 |\n| 90 | 3 |\n| 180 | 6 |\n| 365 | 12 |",
    )


def test_currencies_months_and_personal_columns(book: SmallBook) -> None:
    book.put(invoices=INVOICE)
    book.load()
    book.expect(
        "staging.currencies where currency in ('EUR', 'JPY', 'KWD')",
        "| currency | minor_unit | minor_scale |\n| EUR | 2 | 100 |\n| JPY | 0 | 1 |\n| KWD | 3 | 1000 |",
    )
    book.expect(
        "staging.months where month_start in ('2024-02-01', '2100-02-01')",
        "| month_number | month_end | days_in_month |\n| 24290 | 2024-02-29 | 29 |\n| 25202 | 2100-02-28 | 28 |",
    )
    book.expect(
        "staging.personal_columns where feed = 'customers'",
        "| column_name |\n| name |\n| email |\n| collector |\n| account_owner |",
    )


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ("aging: {buckets: [{aging_bucket: a, last_day: 0}, {aging_bucket: b, first_day: 2}]}", "the day after a ends"),
        ("aging: {buckets: [{aging_bucket: a, first_day: 0}]}", "first bucket must have no first_day"),
        ("aging: {buckets: [{aging_bucket: a, last_day: 0}, {aging_bucket: a, first_day: 1}]}", "must differ"),
        ("aging: {buckets: [{aging_bucket: unapplied}]}", "are taken"),
        ("aging: {basis: mood}", "basis"),
        ("ageing: {}", "ageing"),
        ("metrics: {windows: []}", "each longer than the one before"),
        ("metrics: {windows: [0, 30]}", "each longer than the one before"),
        ("metrics: {windows: [30, 30]}", "each longer than the one before"),
        ("metrics: {cei_months: some}", "cei_months"),
        ("metrics: {turnover_decimals: 5}", "turnover_decimals"),
        ("instalments: {advances: latest_due}", "advances"),
        ("instalments: {advance: pro_rata}", "advance"),
        ("time_zone: Mars/Olympus", "no such time zone"),
        ("forecast: {calendar: XX}", "no such calendar: XX"),
        ("forecast: {entity_calendars: {DE01: XX}}", "no such calendar: XX"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(overlay: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load_policy(overlay)


def test_the_same_settings_have_the_same_fingerprint() -> None:
    assert load_policy().fingerprint() == load_policy("aging: {grace_days: 0}").fingerprint()
    assert load_policy().fingerprint() != load_policy("aging: {grace_days: 1}").fingerprint()
