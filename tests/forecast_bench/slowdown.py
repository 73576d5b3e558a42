"""How soon a slowdown is found, and how often one is found where none was put in, day by day and strictly as of the day:
`python -m tests.forecast_bench.slowdown b2b_brl sap_extract`.

Belongs here: changes put into real ledgers. Does not: how they are found (`models.forecasts.behaviour_change`).
"""

from __future__ import annotations

import sys
import time
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.forecasts.alarms import Peaks, false_discovery_rates
from models.forecasts.behaviour_change import WATCH_WEEKS, Watch, watch
from models.forecasts.settings import ForecastSettings
from tests.forecast_bench import books

SLOWDOWN = 7
HORIZON = 40
"""Business days within which a slowdown must be found to count."""
LEARN_WEEKS = 19
"""History that hazards must have before the first watch."""
STRETCHES = 52 / WATCH_WEEKS
Setting = tuple[books.Book, dict[str, pl.DataFrame]]


def ends(book: books.Book) -> list[date]:
    """Weekly ends of watches, the first one with enough history before it."""
    first = book.spells["entry_date"].min() + timedelta(weeks=LEARN_WEEKS + WATCH_WEEKS)
    weeks = (book.end - first).days // 7
    return [book.end - timedelta(weeks=back) for back in range(weeks, -1, -1)]


def watched(setting: Setting, spans: pl.DataFrame, end: date, plain: Watch | None = None) -> Watch:
    """The watch that ends on a day."""
    book, counted = setting
    of_day = plain.day_effects if plain else None
    return watch(spans, counted, book.days, end, (book.end - end).days // 7, ForecastSettings(), of_day=of_day)


def slowed(spans: pl.DataFrame, since: dict[int, int], shifts: dict[int, int]) -> pl.DataFrame:
    """Spans with what each payer settles from its day on settled so many business days later."""
    begins = pl.col("payer_key").replace_strict(since, default=10**7, return_dtype=pl.Int64)
    shift = pl.col("payer_key").replace_strict(shifts, default=0, return_dtype=pl.Int64)
    late = (pl.col("last_business_day") >= begins) & (pl.col("exit_count") > 0)
    later = pl.when(late).then(pl.col("last_business_day") + shift).otherwise(pl.col("last_business_day"))
    return spans.with_columns(last_business_day=later)


def last_week(found: Watch, direction: str, threshold: float, days_of_week: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of payers above the threshold within the last week of a watch, and the index of the first such day."""
    above = found.sums[direction][:, -days_of_week:] >= threshold
    rows = np.flatnonzero(above.any(axis=1))
    width = found.sums[direction].shape[1]
    return rows, int(found.axis.origin_days[0]) + 1 + width - days_of_week + above[rows].argmax(axis=1)


def interval(values: np.ndarray, payers: np.ndarray, measure, seed: int = 1) -> tuple[float, float, float]:
    """A measure with its 95 % interval by bootstrap of payers."""
    rng, names = np.random.default_rng(seed), np.unique(payers)
    place = [np.flatnonzero(payers == name) for name in names]
    drawn = [
        measure(values[np.concatenate([place[each] for each in rng.integers(0, len(names), len(names))])])
        for _ in range(300)
    ]
    return measure(values), *np.quantile(drawn, (0.025, 0.975), method="nearest")


def rows_of_book(setting: Setting, jitter: int = 0, seed: int = 1) -> pl.DataFrame:
    """One row a payer and week in which it is watched: `alarm` days of the book as it was and `found` days of the book with a
    slowdown, `begins` the day of it, and `settled` (in the year before)."""
    book, counted = setting
    spans, weekly = counted["recent_spans"], ends(book)
    index = dict(book.days.select("date", "business_day").rows())
    plain = {end: watched(setting, spans, end) for end in weekly}
    tested = [end for end in weekly if end - timedelta(weeks=WATCH_WEEKS) in plain]
    rng, keys = np.random.default_rng(seed), np.unique(spans["payer_key"].to_numpy())
    starts = rng.integers(index[tested[0]] - 4, max(index[tested[-1]] - HORIZON, index[tested[0]]) + 1, len(keys))
    shifts = SLOWDOWN + rng.integers(-jitter, jitter + 1, len(keys))
    since = dict(zip(keys.tolist(), starts.tolist(), strict=True))
    changed = slowed(spans, since, dict(zip(keys.tolist(), shifts.tolist(), strict=True)))
    rows = []
    for end in tested:
        earlier = [end - timedelta(weeks=WATCH_WEEKS * back) for back in range(1, 9)]
        peaks = Peaks(np.sort(np.concatenate([plain[day].peaks("slower") for day in earlier if day in plain])))
        threshold, week = peaks.threshold(STRETCHES), index[end] - index[end - timedelta(weeks=1)]
        one = plain[end]
        alarms = dict(zip(*(part.tolist() for part in last_week(one, "slower", threshold, week)), strict=True))
        other = watched(setting, changed, end, one)
        found = dict(zip(*(part.tolist() for part in last_week(other, "slower", threshold, week)), strict=True))
        listed = discovered(one, other, peaks)
        rows += [
            (
                key,
                end,
                since[key],
                alarms.get(row),
                found.get(row),
                bool(listed[row]),
                float(one.settled[row]),
                threshold,
            )
            for row, key in enumerate(one.payer_keys.tolist())
        ]
    names = ["payer_key", "end", "begins", "alarm", "found", "listed", "settled", "threshold"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def discovered(plain: Watch, changed: Watch, peaks: Peaks) -> np.ndarray:
    """[payers]: whether each one's slowdown, alone in the book as it was, has a rate of false discoveries of one fifth."""
    chances = np.sort(np.concatenate([peaks.chance(plain.peaks("slower")), np.ones(len(plain.payer_keys))]))
    own = peaks.chance(changed.sums["slower"][:, -1])
    return np.array([false_discovery_rates(np.append(chances, each))[-1] <= 0.2 for each in own])


def delays(rows: pl.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Business days from each payer's slowdown to its discovery, counting both; beyond the horizon where it was not found."""
    late = pl.col(column) - pl.col("begins") + 1
    since = rows.group_by("payer_key").agg(
        delay=late.filter((late >= 1) & (late <= HORIZON)).min(),
        watched=(pl.col("settled").max()),
    )
    return since["delay"].fill_null(HORIZON + 1).to_numpy().astype(float), since["payer_key"].to_numpy()


def report(name: str, setting: Setting, jitter: int) -> None:
    """Print delays and alarms of a book by how much payers settle a year."""
    start = time.perf_counter()
    rows = rows_of_book(setting, jitter)
    spent = time.perf_counter() - start
    ends_of = rows["end"]
    print(
        f"{name}, slowdown 7 ± {jitter}: {ends_of.min()} to {ends_of.max()}, thresholds {rows['threshold'].min():.2f} to {rows['threshold'].max():.2f}, {spent:.0f} s"
    )
    day_of = dict(setting[0].days.select("date", "business_day").rows())
    last = rows.with_columns(last=pl.col("end").replace_strict(day_of))
    for low, high in ((12, 10**9), (30, 10**9), (12, 30), (30, 80), (80, 10**9)):
        part = last.filter(pl.col("settled").is_between(low, high, closed="left"))
        # watched at the beginning of its slowdown
        seen = part.filter((pl.col("last") >= pl.col("begins")) & (pl.col("last") < pl.col("begins") + 6))
        own = part.filter(pl.col("payer_key").is_in(seen["payer_key"].to_list()))
        found, payers = delays(own, "found")
        listed, _ = delays(own.with_columns(listed=pl.when("listed").then("last")), "listed")
        per = part.group_by("payer_key").agg(weeks=pl.len(), alarms=starts_of_alarms())
        weekly = per.select("alarms", "weeks").to_numpy()
        print(
            f"  {low:3d}+ settled: {len(found):4d} payers; median delay %.0f [%.0f, %.0f]; within 10 days %.2f [%.2f, %.2f];"
            % (*interval(found, payers, np.median), *interval(found, payers, lambda x: float(np.mean(x <= 10)))),
            f"listed {np.median(listed):.0f};",
            "alarms a payer-year {:.3f} [{:.3f}, {:.3f}]".format(
                *interval(weekly, per["payer_key"].to_numpy(), yearly)
            ),
            f"of {per['weeks'].sum() / 52:.0f}",
        )


def starts_of_alarms() -> pl.Expr:
    """Alarms of a payer: weeks with one that do not follow, within thirteen weeks, another."""
    return pl.col("end").filter(pl.col("alarm").is_not_null()).sort().diff().dt.total_days().fill_null(999).gt(91).sum()


def yearly(table: np.ndarray) -> float:
    """Alarms per 52 weeks watched."""
    return float(table[:, 0].sum() / table[:, 1].sum() * 52)


def main(names: list[str]) -> None:
    """Print both measures of each book."""
    for name in names:
        book = getattr(books, name)()
        counted = books.counts(book.spells, book.days, book.end)
        for jitter in (0, 3):
            report(name, (book, counted), jitter)


if __name__ == "__main__":
    main(sys.argv[1:])
