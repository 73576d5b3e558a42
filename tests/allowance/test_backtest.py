"""Hindsight on a history worked by hand, and the next steps that are recommended of it."""

from datetime import date

import polars as pl
import pytest

from models.allowance.backtest import backtest, is_biased
from models.allowance.history import History
from models.policy import load_policy
from tests.small_books import SmallBook

BUCKETS = ["current", "1-30", "over-365"]


FIRST = 2001 * 12
MONTHS = range(FIRST + 1, FIRST + 49)
FLOWS = [
    {"aging_bucket": "current", "next_bucket": "1-30", "stayed": 100.0, "paid": 900.0, "written_off": 0.0},
    {"aging_bucket": "1-30", "next_bucket": "", "stayed": 0.0, "paid": 80.0, "written_off": 20.0},
]
LOSSES = {
    "pool": pl.String,
    "month_number": pl.Int32,
    "aging_bucket": pl.String,
    "kind": pl.String,
    "lost": pl.Float64,
}


def snapshots(lost: float) -> pl.DataFrame:
    """What stood in both buckets at each month-end, and what of it was lost, a little more or less each month."""
    rows = [
        {
            "pool": "all",
            "month_number": month,
            "aging_bucket": bucket,
            "is_closed": month < FIRST + 36,
            "exposure": exposure,
        }
        | {
            "written_off": 100 * lost * (1 + 0.1 * (month % 3 - 1)),
            "recovered": 0.0,
            "aged_out": 0.0,
            "unresolved": 0.0,
        }
        for month in MONTHS
        for bucket, exposure in (("current", 1000.0), ("1-30", 100.0))
    ]
    return pl.DataFrame(rows)


def history(lost: float) -> History:
    """Four years in which a tenth of 1,000 current rolls each month and a fifth of what is late is written off, while
    what stood there at a month-end came to another loss in the end."""
    moved = pl.DataFrame(
        [
            {"pool": "all", "month_number": month, "months_in_bucket": 1, "diluted": 0.0, **row}
            for month in MONTHS
            for row in FLOWS
        ]
    )
    counts = [{"pool": "all", "aging_bucket": name, "loss_events": 48, "customer_count": 99} for name in BUCKETS[:2]]
    frames = {
        "transitions": moved.with_columns(opening=pl.sum_horizontal("stayed", "paid", "written_off")),
        "snapshots": snapshots(lost),
        "losses": pl.DataFrame(schema=LOSSES | {"recovered": pl.Float64, "loss_events": pl.Int64}),
        "reached": pl.DataFrame(counts),
        "vintages": pl.DataFrame(),
    }
    return History(frames, BUCKETS, "over-365", date(2004, 12, 31), load_policy().allowance)


def test_what_was_predicted_stands_beside_what_was_lost() -> None:
    """2 % of what is current and 20 % of what is late, at each closed month-end with a year of history before it."""
    found = backtest(history(0.20), load_policy().allowance)
    assert found["month_number"].unique().sort().to_list() == list(range(FIRST + 13, FIRST + 36))
    assert found.filter(pl.col("aging_bucket") == "current")["predicted"].to_list() == pytest.approx([20.0] * 23)
    assert found.filter(pl.col("aging_bucket") == "1-30")["predicted"].to_list() == pytest.approx([20.0] * 23)
    assert not found["is_biased"].any()


def test_a_rate_that_is_off_to_one_side_is_called_biased() -> None:
    assert backtest(history(0.30), load_policy().allowance)["is_biased"].all()


def test_hindsight_by_snapshots_takes_those_that_were_closed_by_then() -> None:
    """Where an item is given up after 396 days, a snapshot of January closes with March of the year after."""
    settings = load_policy().allowance.model_copy(update={"method": "snapshots"})
    past = history(0.20)
    past.lost_after_days = 396
    found = backtest(past, settings)
    assert found["month_number"].unique().sort().to_list() == list(range(FIRST + 15, FIRST + 36))
    assert past.known_at(FIRST + 15).snapshots("all").filter("is_closed")["month_number"].max() == FIRST + 2


def test_a_few_errors_are_never_called_biased() -> None:
    assert not is_biased(pl.Series([5.0, 6.0, 5.5]))
    assert is_biased(pl.Series([5.0, 6.0, 5.5] * 4))


STEPS = """
allowance: {method: given, given_rates: [{pool: all, aging_bucket: current, rate: 0.10}]}
collections:
  steps:
    - {step: agency, past_due_days: 100, smallest_amount: 500}
    - {step: hold, past_due_days: 60}
    - {step: escalate, past_due_days: 10, broken_promises: 1}
    - {step: remind, past_due_days: 1}
"""


def test_the_first_step_that_a_customer_reaches_and_that_is_not_taken_is_recommended(book: SmallBook) -> None:
    """C1 owes too little for the agency; C2 is there already, so it is put on hold; C3 broke a promise."""
    book.policy = STEPS
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
        | I1         | C1          | 2025-09-01   | 2025-10-01 | USD      | 200.00  |
        | I2         | C2          | 2025-09-01   | 2025-10-01 | USD      | 900.00  |
        | I3         | C2          | 2026-01-01   | 2026-01-30 | USD      | 100.00  |
        | I4         | C3          | 2025-12-01   | 2026-01-10 | USD      | 50.00   |
        | I5         | C4          | 2025-12-01   | 2026-01-30 | USD      | 40.00   |
        | I6         | C5          | 2025-12-01   | 2026-02-28 | USD      | 40.00   |
        """,
        promises="""
        | promise_id | customer_id | made_on    | promised_date | amount | currency |
        | P1         | C3          | 2026-01-12 | 2026-01-15    | 50.00  | USD      |
        """,
        placements="| placement_id | customer_id | kind | from_date |\n| L1 | C2 | agency | 2026-01-20 |",
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.worklist",
        """
        | customer_id | step     | amount  | oldest_days | broken_promises | expected_recovery | placed_as |
        | C1          | hold     | 200.00  | 122         | 0               | 180.00            | .         |
        | C2          | hold     | 1000.00 | 122         | 0               | 900.00            | agency    |
        | C3          | escalate | 50.00   | 21          | 1               | 45.00             | .         |
        | C4          | remind   | 40.00   | 1           | 0               | 36.00             | .         |
        """,
    )
    book.expect(
        "marts.worklist where customer_id = 'C2'", "| reason |\n| past due by 60 days or more; in place: agency |"
    )
    assert book.rows("select count(*) from staging.collection_steps") == [(4,)]
    assert book.rows("select count(*) from marts.allowance_backtest") == [(0,)]
    assert book.rows("select count(*) from allowance.backtest") == [(0,)]
