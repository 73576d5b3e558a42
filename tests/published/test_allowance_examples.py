"""Published schedules of allowances, to the unit: what is exposed in each bucket, the rates that the example gives, its answer."""

from decimal import Decimal

import pytest

from tests.small_books import SmallBook

DUE = ("2026-01-31", "2026-01-10", "2025-12-10", "2025-11-10", "2025-10-01")
BUCKETS = ("current", "1-30", "31-60", "61-90", "over-90")
POLICY = """
aging:
  buckets:
    - {{aging_bucket: current, last_day: 0}}
    - {{aging_bucket: 1-30, first_day: 1, last_day: 30}}
    - {{aging_bucket: 31-60, first_day: 31, last_day: 60}}
    - {{aging_bucket: 61-90, first_day: 61, last_day: 90}}
    - {{aging_bucket: over-90, first_day: 91}}
allowance:
  framework: {framework}
  method: given
  given_rates: [{rates}]
  {more}
"""
ASC = (5984698, 8272, 2882, 842, 1100)
ASC_RATES = ("0.003", "0.08", "0.26", "0.58", "0.82")
IFRS = (15000000, 7500000, 4000000, 2500000, 1000000)
IFRS_RATES = ("0.003", "0.016", "0.036", "0.066", "0.106")
UP_BY_A_TENTH = """adjustments:
    - {name: unemployment, purpose: forecast, form: multiplicative, size: 0.10, direction: up, evidence: Example 5,
       owner: a controller, approved_by: a director, approved_on: 2026-01-15, expires_on: 2026-12-31}"""


def schedule(book: SmallBook, framework: str, balances: tuple[int, ...], rates: tuple[str, ...], more: str) -> None:
    """Build the example's schedule: one invoice of each balance, in a currency without minor units."""
    given = ", ".join(
        f"{{pool: all, aging_bucket: {bucket}, rate: {rate}}}" for bucket, rate in zip(BUCKETS, rates, strict=True)
    )
    book.policy = POLICY.format(framework=framework, rates=given, more=more)
    rows = [
        f"| I{number} | C1 | 2025-06-30 | {due} | JPY | {balance} |"
        for number, (due, balance) in enumerate(zip(DUE, balances, strict=True))
    ]
    header = "| invoice_id | customer_id | invoice_date | due_date | currency | amount |"
    book.put(invoices="\n".join([header, *rows]))
    book.load()
    book.build("2026-01-31")


def total(book: SmallBook) -> Decimal:
    """The allowance of the schedule."""
    return book.rows("select sum(allowance) from marts.allowance_schedule")[0][0]


@pytest.mark.parametrize(("more", "wanted"), [("rate_decimals: 3\n  ", 21035), ("", 22831)])
def test_asc_326_20_55_example_5(book: SmallBook, more: str, wanted: int) -> None:
    """Historical rates raised by a tenth of themselves; the example rounds them to three decimals, and its answer is 21,035."""
    schedule(book, "us_gaap", ASC, ASC_RATES, more + UP_BY_A_TENTH)
    assert total(book) == wanted


def test_asc_326_20_55_example_5_line_by_line(book: SmallBook) -> None:
    schedule(book, "us_gaap", ASC, ASC_RATES, "rate_decimals: 3\n  " + UP_BY_A_TENTH)
    book.expect(
        "marts.allowance_schedule",
        """
        | framework | aging_bucket | exposure   | historical_rate | forecast_adjustment | rate         | allowance |
        | us_gaap   | current      | 5984698.00 | 0.0030000000    | 0.0003000000        | 0.0030000000 | 17954.00  |
        | us_gaap   | 1-30         | 8272.00    | 0.08            | 0.0080000000        | 0.0880000000 | 728.00    |
        | us_gaap   | 31-60        | 2882.00    | 0.26            | 0.0260000000        | 0.2860000000 | 824.00    |
        | us_gaap   | 61-90        | 842.00     | 0.58            | 0.0580000000        | 0.6380000000 | 537.00    |
        | us_gaap   | over-90      | 1100.00    | 0.82            | 0.0820000000        | 0.9020000000 | 992.00    |
        """,
    )


def test_ifrs_9_illustrative_example_12(book: SmallBook) -> None:
    """IE74 to IE77: 580,000 on 30,000,000."""
    schedule(book, "ifrs", IFRS, IFRS_RATES, "")
    assert total(book) == 580000
    assert book.rows("select sum(exposure) from marts.allowance_schedule") == [(Decimal(30000000),)]


def test_the_practical_expedient_leaves_the_forecast_out(book: SmallBook) -> None:
    """ASU 2025-05: conditions at the balance-sheet date persist, so that Example 5 comes to its historical rates."""
    schedule(book, "us_gaap", ASC, ASC_RATES, "practical_expedient: true\n  " + UP_BY_A_TENTH)
    assert total(book) == 17954 + 662 + 749 + 488 + 902
    book.expect(
        "marts.allowance_adjustments",
        """
        | adjustment   | is_applied | reason                                          | applied_size |
        | unemployment | False      | conditions are assumed to persist (ASU 2025-05) | 0.000        |
        """,
    )


ROLLED = """
allowance:
  method: given
  given_rates: [{pool: all, aging_bucket: current, rate: 1}]
  movements:
    - {line: adoption, entity_id: main, currency: USD, pool: all, amount: 768, moved_on: 2020-01-01, evidence: ASC 326}
    - {line: other, entity_id: main, currency: USD, pool: all, amount: -57, moved_on: 2020-06-30, evidence: told}
"""


def test_the_roll_forward_of_a_10_k(book: SmallBook) -> None:
    """Opening 1,567, adoption 768, write-offs of 117 and other of -57 come to 3,376 by a provision of 1,215."""
    book.policy = ROLLED
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2020-12-01   | 2021-01-31 | USD      | 3376   |
        | I2         | C1          | 2019-06-01   | 2019-07-31 | USD      | 117    |
        """,
        write_offs="| write_off_id | invoice_id | written_off_on | amount | reason |\n| W1 | I2 | 2020-05-05 | 117 | credit |",
        allowance_openings="| period_end | pool | currency | amount |\n| 2019-12-31 | all | USD | 1567 |",
    )
    book.load()
    book.build("2020-12-31")
    book.expect(
        "marts.allowance_rollforward where amount <> 0",
        """
        | line       | amount  | asc_tag                                                           |
        | opening    | 1567.00 | us-gaap:AllowanceForDoubtfulAccountsReceivableCurrent             |
        | adoption   | 768.00  | us-gaap:AllowanceForDoubtfulAccountsReceivablePeriodIncreaseDecrease |
        | provision  | 1215.00 | us-gaap:AccountsReceivableCreditLossExpenseReversal               |
        | write_offs | -117.00 | us-gaap:AllowanceForDoubtfulAccountsReceivableWriteOffs           |
        | other      | -57.00  | .                                                                 |
        | closing    | 3376.00 | us-gaap:AllowanceForDoubtfulAccountsReceivableCurrent             |
        """,
    )
    book.expect(
        "marts.allowance_disclosure where disclosure = 'Schedule II'",
        """
        | column_label                   | amount  |
        | Balance at beginning of period | 1567.00 |
        | Charged to other accounts      | 711.00  |
        | Charged to costs and expenses  | 1215.00 |
        | Deductions                     | -117.00 |
        | Balance at end of period       | 3376.00 |
        """,
    )
