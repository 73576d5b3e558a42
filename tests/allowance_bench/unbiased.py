"""Predicted over actual lifetime losses on synthetic books whose loss rates are known, by method and beside the wrong ways.

Belongs here: the books, and what is set beside what. `python -m tests.allowance_bench.unbiased --books 120`.

Every book is a slice of a larger one, with customers of its own, and is estimated by itself. Bankruptcies of a synthetic
book begin when two fifths of it are over, and its payers slow down at three quarters: the day lies just before that,
twenty years in, and seven years of history behind it, so that losses to come are like those that were learned from.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from assets.allowance import history_of_day
from assets.synthetic_files import write_book
from models.allowance.backtest import backtest
from models.allowance.history import History
from models.allowance.rates import Rates
from models.allowance.settings import AllowanceSettings
from models.policy import load_policy
from models.raw.synthetic import BookSettings
from models.raw.synthetic.settings import slices
from tests.allowance_bench.known_losses import known_losses
from tests.small_books import SmallBook

AS_OF, ENDS = date(2026, 10, 31), date(2031, 10, 31)
LAST = AS_OF.year * 12 + AS_OF.month
MONTHS, LOOK_BACK = 240, 84
INVOICES = 16_600
"""Of which some 6,000 lie in the look-back."""
TESTED = (48, 24)
"""Month-ends so many months before the day: three years of history before the first, and two after the last, in which what
was given up for its age is paid or written off after all."""
TOGETHER = 40
"""Books that are made at once."""
LEFT_OUT = ("refunds", "promises", "disputes", "billing_schedule", "targets")
"""Refunds, because what one reopens is never paid, and no known loss; the rest, because no allowance is made of it."""
READ = ("reached", "snapshots", "transitions", "vintages")
METHODS = ("roll_rates", "snapshots")
BUCKETS = ("current", "1-30", "31-60", "61-90", "91-120", "over-120", "over-365")
ACCOUNTS = """
    with aged as (
        select items.month_number, items.pool, items.opening,
            max(case when buckets.aging_bucket = 'no-due-date' then 0 else buckets.bucket_order end)
                over (partition by items.month_number, items.customer_id) as oldest
        from allowance.item_months as items
        inner join staging.loss_buckets as buckets on items.aging_bucket = buckets.aging_bucket
    )
    select aged.pool, aged.month_number, buckets.aging_bucket, cast(sum(aged.opening) as double) as exposure
    from aged
    inner join staging.loss_buckets as buckets on aged.oldest = buckets.bucket_order
    group by all
"""


def main() -> None:
    """Estimate every book, then print the ratios of sums with an interval by bootstrap of books."""
    parser = argparse.ArgumentParser(prog="python -m tests.allowance_bench.unbiased")
    parser.add_argument("--books", type=int, default=120)
    parser.add_argument("--known-books", type=int, default=600)
    given = parser.parse_args()
    found = pl.concat([of_books(settings(TOGETHER, seed)) for seed in range(1, 1 + -(-given.books // TOGETHER))])
    known = known_losses(settings(given.known_books, 1001), [month_end(month) for month in tested_months()])
    rates = dict(zip(BUCKETS, sum(one.lost for one in known) / sum(one.exposure for one in known), strict=True))
    found = found.with_columns(known=pl.col("exposure") * pl.col("aging_bucket").replace_strict(rates, default=0.0))
    print(f"{found['book'].n_unique()} books, known from {given.known_books} others")
    for under in ("actual", "known"):
        for over in (way for way in ("actual", *METHODS, "accounts", "charge_offs") if way != under):
            print(line(found, over, under))
    for over in METHODS:
        print(line(found, f"all_{over}", "all_actual"))


def settings(books: int, seed: int) -> BookSettings:
    """A book of so many books, each a slice, in one currency of one entity."""
    return BookSettings(
        invoices=books * INVOICES,
        slice_invoices=INVOICES,
        seed=seed,
        as_of=ENDS,
        months=MONTHS,
        events="all",
        currencies=("USD",),
        entities=1,
    )


def of_books(made: BookSettings) -> pl.DataFrame:
    """By book and bucket: exposure, and predicted and actual losses of the tested month-ends and of all closed ones."""
    names = [f"book {made.seed} {part.number:03}" for part in slices(made)]
    pools = "".join(f"{{pool: {name}, where: [{{region: {name}}}]}}, " for name in names)
    with tempfile.TemporaryDirectory() as folder:
        policy = f"base_currency: USD\nallowance: {{look_back_months: {LOOK_BACK}, pools: [{pools}{{pool: rest}}]}}\n"
        book = SmallBook(Path(folder), policy=policy)
        write_book(book.landing, made, "parquet")
        for feed in LEFT_OUT:
            (book.landing / f"{feed}.parquet").unlink()
        put_books_into_regions(book.landing / "customers.parquet", made, names)
        book.load()
        book.build(AS_OF.isoformat())
        for table in (*(f"allowance.{name}" for name in READ), "features.base_rates"):
            book.rows(f"select count(*) from {table}")
        chosen = load_policy(policy).allowance
        with book.home().warehouse(read_only=True) as warehouse:
            history, accounts = history_of_day(warehouse, AS_OF, chosen), warehouse.frame(ACCOUNTS)
    alone = load_policy(f"allowance: {{look_back_months: {LOOK_BACK}}}").allowance
    return pl.concat([of_book(name, history, accounts, alone) for name in names])


def put_books_into_regions(customers: Path, made: BookSettings, names: list[str]) -> None:
    """Give each customer the name of its book as region, for the rules of pools."""
    frame = pl.read_parquet(customers)
    number = frame["customer_id"].cast(pl.Int64)
    first = np.array([part.first_customer for part in slices(made)]) + number.min()
    place = np.searchsorted(first, number.to_numpy(), side="right") - 1
    frame.with_columns(region=pl.Series([names[one] for one in place])).write_parquet(customers)


def of_book(name: str, history: History, accounts: pl.DataFrame, chosen: AllowanceSettings) -> pl.DataFrame:
    """One book by itself, as the only pool."""
    only = {
        table: frame.filter(pl.col("pool") == name).with_columns(pool=pl.lit("all"))
        for table, frame in history.frames.items()
    }
    own = History(only, history.buckets, history.given_up, AS_OF, chosen)
    found = snapshots_of(own, tested_months()).join(
        snapshots_of(own, list(range(LAST - LOOK_BACK, LAST - TESTED[1] + 1))), on="aging_bucket", suffix="_all"
    )
    for method in METHODS:
        as_chosen = chosen.model_copy(update={"method": method})
        predicted = backtest(own, as_chosen).filter(pl.col("month_number").is_in(tested_months()))
        by_bucket = predicted.group_by("aging_bucket").agg(pl.col("predicted").sum().alias(method))
        found = found.join(by_bucket, on="aging_bucket", how="left").with_columns(pl.col(method).fill_null(0.0))
        rates = {bucket: one.rate for bucket, one in Rates(own, as_chosen).estimates["all"].items()}
        rate = pl.col("aging_bucket").replace_strict(rates, default=0.0)
        found = found.with_columns((pl.col("exposure_all") * rate).alias(f"all_{method}"))
    oldest = accounts.filter(pl.col("pool") == name)
    wrong = {"accounts": by_account(own, chosen, oldest), "charge_offs": by_charge_offs(own)}
    first = pl.int_range(pl.len()) == 0
    return found.rename({"actual_all": "all_actual"}).with_columns(
        pl.lit(name).alias("book"),
        *(pl.when(first).then(value).otherwise(0.0).alias(way) for way, value in wrong.items()),
    )


def snapshots_of(history: History, months: list[int]) -> pl.DataFrame:
    """Exposure and what was lost of it in the end, by bucket."""
    held = history.snapshots("all").filter(pl.col("month_number").is_in(months), pl.col("aging_bucket").is_in(BUCKETS))
    lost = pl.col("written_off") - pl.col("recovered") + pl.col("aged_out")
    return held.group_by("aging_bucket").agg(
        (pl.col("exposure") - pl.col("unresolved")).sum().alias("exposure"), lost.sum().alias("actual")
    )


def by_account(history: History, chosen: AllowanceSettings, accounts: pl.DataFrame) -> float:
    """The wrong way of ageing the account: all that a customer owes at the rate of its oldest item."""
    total = 0.0
    for month in tested_months():
        rates = {name: one.rate for name, one in Rates(history.known_at(month), chosen).estimates["all"].items()}
        at_month = accounts.filter(pl.col("month_number") == month).select("aging_bucket", "exposure")
        total += sum(exposure * rates.get(bucket, 0.0) for bucket, exposure in at_month.iter_rows())
    return total


def by_charge_offs(history: History) -> float:
    """The wrong way of a year's charge-offs over mean receivables, taken of what is open."""
    flows = history.transitions("all").group_by("month_number").agg(pl.col("opening", "written_off").sum())
    by_month = {month: (opening, lost) for month, opening, lost in flows.iter_rows()}
    total = 0.0
    for month in tested_months():
        year = [by_month[one] for one in range(month - 12, month) if one in by_month]
        mean = sum(opening for opening, _ in year) / len(year)
        total += by_month[month][0] * sum(lost for _, lost in year) / mean
    return total


def tested_months() -> list[int]:
    """The tested month-ends by number."""
    return list(range(LAST - TESTED[0], LAST - TESTED[1] + 1))


def month_end(month: int) -> date:
    """The last day of a month by its number."""
    return date(month // 12, month % 12 + 1, 1) - timedelta(1)


def line(found: pl.DataFrame, over: str, under: str) -> str:
    """The ratio of sums, its 95 % interval by bootstrap of books, and the ratio of each bucket."""
    sums = found.group_by("book", maintain_order=True).agg(pl.col(over).sum().alias("over"), pl.col(under).sum())
    above, below = sums["over"].to_numpy(), sums[under].to_numpy()
    drawn = np.random.default_rng(1).integers(0, len(below), (2000, len(below)))
    low, high = np.quantile(above[drawn].sum(1) / below[drawn].sum(1), [0.025, 0.975])
    buckets = found.group_by("aging_bucket").agg((pl.col(over).sum() / pl.col(under).sum()).alias("ratio"))
    by_bucket = dict(buckets.iter_rows())
    each = "  ".join(f"{name} {by_bucket[name]:.2f}" for name in BUCKETS)
    return f"{over + ' / ' + under:26} {above.sum() / below.sum():.3f} ({low:.3f} to {high:.3f})  {each}"


if __name__ == "__main__":
    main()
