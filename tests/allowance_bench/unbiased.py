"""Predicted over actual lifetime losses on synthetic books whose loss rates are known, by method and beside the wrong ways.

Belongs here: the books, and what is set beside what. `python -m tests.allowance_bench.unbiased --seeds 60`.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from assets.allowance import history_of_day
from assets.synthetic_files import write_book
from models.allowance.backtest import backtest
from models.allowance.history import History
from models.allowance.settings import AllowanceSettings
from models.raw.synthetic import BookSettings
from tests.small_books import SmallBook

AS_OF = date(2026, 10, 31)
MONTHS = 84
TESTED = (48, 24)
"""Month-ends so many months before the day: three years of history before the first, and two after the last, in which what
was given up for its age is paid or written off after all."""
POLICY = f"base_currency: USD\nallowance: {{look_back_months: {MONTHS}}}\n"
OLDEST_FIRST = "case buckets.bucket_order when 8 then 0 else buckets.bucket_order end"
ACCOUNTS = f"""
    with aged as (
        select items.month_number, items.entity_id, items.customer_id, items.currency, items.opening, items.aging_bucket,
            max({OLDEST_FIRST}) over (partition by items.month_number, items.entity_id, items.customer_id) as oldest
        from allowance.item_months as items
        inner join staging.loss_buckets as buckets on items.aging_bucket = buckets.aging_bucket
    )
    select aged.month_number, buckets.aging_bucket,
        cast(sum(cast(aged.opening as decimal(20, 4)) * rates.rate) as double) as exposure
    from aged
    inner join staging.loss_buckets as buckets on aged.oldest = buckets.bucket_order
    inner join features.base_rates as rates on aged.entity_id = rates.entity_id and aged.currency = rates.currency
    group by all
"""


def main() -> None:
    """Measure every seed, then print the ratios of sums with an interval by bootstrap of seeds."""
    parser = argparse.ArgumentParser(prog="python -m tests.allowance_bench.unbiased")
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--invoices", type=int, default=6_000)
    given = parser.parse_args()
    rows = []
    for seed in range(1, given.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(of_seed(Path(folder), seed, given.invoices))
        print(f"seed {seed:3}  " + "  ".join(f"{name} {value:12,.0f}" for name, value in rows[-1].items()), flush=True)
    found = pl.DataFrame(rows)
    for name in found.columns:
        if name != "actual":
            print(line(name, found[name].to_numpy(), found["actual"].to_numpy()))


def of_seed(folder: Path, seed: int, invoices: int) -> dict[str, float]:
    """Predicted losses of one book's closed month-ends by each way, and the actual ones, in base currency."""
    book = SmallBook(folder, policy=POLICY)
    write_book(book.landing, BookSettings(invoices=invoices, seed=seed, as_of=AS_OF, months=MONTHS, events="all"))
    book.load()
    book.build(AS_OF.isoformat())
    book.rows("select count(*) from allowance.loss_rates")
    chosen = book.home().policy.allowance
    with book.home().warehouse(read_only=True) as warehouse:
        history = history_of_day(warehouse, AS_OF, chosen)
        accounts = warehouse.frame(ACCOUNTS)
    own = backtest(history, chosen)
    checked = backtest(history, chosen.model_copy(update={"method": "snapshots"}))
    both = own.join(checked, on=["month_number", "pool", "aging_bucket"], suffix="_check")
    ago = AS_OF.year * 12 + AS_OF.month - pl.col("month_number")
    both = both.filter((ago <= TESTED[0]) & (ago >= TESTED[1]))
    months = sorted(both["month_number"].unique())
    return {
        "actual": float(both["actual"].sum()),
        "roll_rates": float(both["predicted"].sum()),
        "snapshots": float(both["predicted_check"].sum()),
        "accounts by their oldest item": by_account(history, chosen, accounts, months),
        "charge-offs over mean receivables": by_charge_offs(history, months),
    }


def by_account(history: History, chosen: AllowanceSettings, accounts: pl.DataFrame, months: list[int]) -> float:
    """The wrong way of ageing the account: all that a customer owes at the rate of its oldest item."""
    from models.allowance.rates import Rates

    total = 0.0
    for month in months:
        rates = {name: one.rate for name, one in Rates(history.known_at(month), chosen).estimates["all"].items()}
        at_month = accounts.filter(pl.col("month_number") == month)
        total += sum(exposure * rates.get(bucket, 0.0) for _, bucket, exposure in at_month.iter_rows())
    return total


def by_charge_offs(history: History, months: list[int]) -> float:
    """The wrong way of a year's charge-offs over mean receivables, taken of what is open."""
    flows = history.transitions("all").group_by("month_number").agg(pl.col("opening", "written_off").sum())
    by_month = {month: (opening, lost) for month, opening, lost in flows.iter_rows()}
    total = 0.0
    for month in months:
        year = [by_month[one] for one in range(month - 12, month) if one in by_month]
        mean = sum(opening for opening, _ in year) / len(year)
        total += by_month[month][0] * sum(lost for _, lost in year) / mean
    return total


def line(name: str, predicted: np.ndarray, actual: np.ndarray) -> str:
    """The ratio of sums and its 95 % interval by bootstrap of seeds."""
    drawn = np.random.default_rng(1).integers(0, len(actual), (2000, len(actual)))
    low, high = np.quantile(predicted[drawn].sum(1) / actual[drawn].sum(1), [0.025, 0.975])
    return f"{name:36} predicted / actual {predicted.sum() / actual.sum():.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
