"""Which payers pay on a calendar, how sure that is, whether it still holds, and when the next run is.

Belongs here: the test of every payer's payment days against the calendars tried, false-discovery control, drift. Does
not: the calendars themselves (`run_candidates`), or what runs do to a forecast.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse, stats
from scipy.special import gammaln

from models.forecasts.calendar import MONTH_POSITIONS
from models.forecasts.run_candidates import PATTERNS, Axis, Candidates, axis_of, candidates_on, next_runs

CHUNK = 2_000
LOOK_AHEAD = timedelta(days=120)
SCHEMA = pl.Schema(
    {
        "payer_key": pl.Int64,
        "pattern": pl.Utf8,
        "parameters": pl.Utf8,
        "next_run_date": pl.Date,
        "share_on_pattern": pl.Float64,
        "payment_count": pl.Int64,
        "false_discovery_rate": pl.Float64,
        "last_confirmed_on": pl.Date,
        "is_drifting": pl.Boolean,
    }
)


@dataclass(frozen=True)
class RunSettings:
    """What a calendar must show. Days of payment are counted, several payments of a day once."""

    fewest: int = 8
    window_days: int = 365  # all days of the last year are judged,
    window_count: int = 24  # and of earlier years the newest until there are so many,
    oldest_days: int = 1095  # but none that is older
    recent_count: int = 12  # a second look at the newest alone sees a calendar that has changed
    drift_count: int = 6
    least_part: float = 0.35  # of the payments must be runs, beyond chance: a significant habit need be no calendar
    discovery_rate: float = 0.05
    drift_level: float = 0.01
    hits_before: int = 9  # prior of the share on the calendar, Beta(9, 1)
    misses_before: int = 1
    even_payers: float = 20.0  # payers spread evenly over the days that the book's habits are mixed with


class Look(NamedTuple):
    """One look at each payer's days: the best candidate, its hits among all days, how many chance would give, and the
    adjusted chance of so many."""

    best: np.ndarray
    hits: np.ndarray
    total: np.ndarray
    expected: np.ndarray
    chance: np.ndarray

    def part(self) -> np.ndarray:
        """What part of the payments are runs, where the others fall on run days by chance: (k - nq) / (n - nq)."""
        return (self.hits - self.expected) / (self.total - self.expected)


def payment_runs(
    payments: pl.DataFrame, days: pl.DataFrame, as_of: date, settings: RunSettings | None = None
) -> pl.DataFrame:
    """One row per payer with a detected calendar, by `payer_key`, with the columns of `SCHEMA`.

    `payments`: `payer_key`, `calendar_number`, `payment_date`, at least; what is dated after `as_of` is not read.
    `days` as of `calendar.business_days`, to 120 days after `as_of`. A payment on a closed day counts for the next open
    one. Business days are those of the calendar of most of a payer's payments, and payers of one calendar are judged
    together.

    Each candidate calendar holds a share q of the business days between the payer's first and last payment, weighed by
    the book's habits or by calendar days rolled forward, whichever is larger (without a calendar, what weekends bring
    comes on Mondays). Of k hits on n days the best candidate has the largest beta-binomial likelihood
    B(k + a, n - k + b) / B(a, b) over q^k (1 - q)^(n - k), less the logarithm of the candidates tried. Its chance is
    the binomial tail P(K >= k) under q, adjusted over the m candidates tried to 1 - (1 - p)^m [Šidák 1967, Journal of
    the American Statistical Association 62], and over all payers by Benjamini and Hochberg [1995].
    """
    known, own = payments.filter(pl.col("payment_date") <= as_of), ["payer_key", "calendar_number"]
    counted = known.group_by(own).len().sort("len", "calendar_number", descending=[True, False])
    usual = counted.unique("payer_key", keep="first", maintain_order=True).select(own)
    known = known.drop("calendar_number").join(usual, on="payer_key")
    found = [
        _payment_runs(known.filter(pl.col("calendar_number") == number), of_calendar, as_of, settings or RunSettings())
        for (number,), of_calendar in days.partition_by("calendar_number", as_dict=True).items()
    ]
    return pl.concat(found).sort("payer_key")


def _payment_runs(payments: pl.DataFrame, days: pl.DataFrame, as_of: date, settings: RunSettings) -> pl.DataFrame:
    """The same of payers of one calendar."""
    first = as_of - timedelta(days=settings.oldest_days)
    axis = axis_of(days, first, as_of + LOOK_AHEAD)
    rows = _placed(payments, axis, as_of, settings)
    if rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    candidates = candidates_on(axis)
    habits = habit_weights(rows, axis, settings)
    whole = _look(rows, axis, candidates, habits, settings)
    recent = _look(rows.filter(pl.col("newest") < settings.recent_count), axis, candidates, habits, settings)
    rates = _rates(whole, recent)
    return _judged(rows, axis, candidates, (whole, recent), rates, as_of, settings)


def _placed(payments: pl.DataFrame, axis: Axis, as_of: date, settings: RunSettings) -> pl.DataFrame:
    """Days of payment in the window, of payers with enough.

    Columns: `payer_key`, `payer` (from 0), `place` on the axis, `newest` (from 0, by payer).
    """
    held = payments.filter((pl.col("payment_date") <= as_of) & (pl.col("payment_date") >= axis.first.item()))
    number = (held["payment_date"].to_numpy().astype("datetime64[D]") - axis.first).astype(int)
    rows = held.select("payer_key", place=pl.Series(axis.following[number], dtype=pl.Int64)).unique()
    rows = rows.sort("payer_key", "place", descending=[False, True])
    start = int(np.searchsorted(axis.days, np.datetime64(as_of - timedelta(days=settings.window_days), "D"), "right"))
    rows = rows.with_columns(newest=pl.int_range(pl.len()).over("payer_key"))
    rows = rows.filter((pl.col("newest") < settings.window_count) | (pl.col("place") >= start))
    enough = (pl.len().over("payer_key") >= settings.fewest) & (pl.col("place").max().over("payer_key") >= start)
    rows = rows.filter(enough)
    return rows.with_columns(payer=pl.col("payer_key").rank("dense").cast(pl.Int64) - 1)


def habit_weights(rows: pl.DataFrame, axis: Axis, settings: RunSettings) -> np.ndarray:
    """How much likelier than others each business day [places] is for payers in general, by weekday and month position.

    Each payer counts once, however often it pays; payers that spread evenly are mixed in, so that the few payers of a
    small book are not their own yardstick.
    """
    payer, place = rows["payer"].to_numpy(), rows["place"].to_numpy()
    each = 1.0 / np.bincount(payer)[payer]
    seen = np.bincount(place, each, len(axis.days))
    span = slice(place.min(), place.max() + 1)
    weight = np.ones(len(axis.days))
    for where, size in ((axis.weekday, 7), (axis.month_position, MONTH_POSITIONS)):
        expected = np.bincount(where[span], weight[span], size)
        expected *= (seen.sum() + settings.even_payers) / expected.sum()
        even = np.bincount(where[span], minlength=size) * settings.even_payers / len(where[span])
        found = np.bincount(where[span], seen[span], size) + even
        weight = weight * np.divide(found, expected, out=np.ones(size), where=expected > 0)[where]
    return weight


def _look(rows: pl.DataFrame, axis: Axis, candidates: Candidates, habits: np.ndarray, settings: RunSettings) -> Look:
    """The best candidate of every payer."""
    payer, place = rows["payer"].to_numpy(), rows["place"].to_numpy()
    payers = int(payer.max()) + 1
    seen = sparse.csr_matrix((np.ones(len(rows), np.float32), (payer, place)), (payers, len(axis.days)))
    ends = np.full(payers, 0)
    starts = np.full(payers, len(axis.days))
    np.maximum.at(ends, payer, place + 1)
    np.minimum.at(starts, payer, place)
    running = [_running(weight, candidates.is_run) for weight in (habits, axis.rolled)]
    parts = []
    for begin in range(0, payers, CHUNK):
        some = slice(begin, begin + CHUNK)
        hits = np.rint(seen[some] @ candidates.is_run).astype(np.int64)
        share = np.maximum(*[_share(sums, starts[some], ends[some]) for sums in running])
        parts.append(_best(hits, np.bincount(payer, minlength=payers)[some], share, candidates.tried, settings))
    return Look(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _running(weight: np.ndarray, is_run: np.ndarray) -> np.ndarray:
    """Weights of the runs before each place, by candidate, and last the weights of all days."""
    whole = np.concatenate([is_run, np.ones((len(weight), 1), np.float32)], axis=1) * weight[:, None]
    return np.concatenate([np.zeros((1, whole.shape[1])), np.cumsum(whole, axis=0)])


def _share(running: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """[payers, candidates]: what share of the weight between start and end the candidate's runs hold."""
    between = running[ends] - running[starts]
    return np.clip(between[:, :-1] / between[:, -1:], 0.002, 0.998)


def _best(
    hits: np.ndarray, count: np.ndarray, share: np.ndarray, tried: np.ndarray, settings: RunSettings
) -> tuple[np.ndarray, ...]:
    """The candidate with the best penalised likelihood of each payer, in the order of `Look`."""
    log_factorial = gammaln(np.arange(1, count.max() + settings.hits_before + settings.misses_before + 2))
    a, b, n = settings.hits_before, settings.misses_before, count[:, None]
    on = log_factorial[hits + a - 1] + log_factorial[n - hits + b - 1] - log_factorial[n + a + b - 1]
    score = on - hits * np.log(share) - (n - hits) * np.log1p(-share) - np.log(tried)
    best = np.argmax(score, axis=1)
    row = np.arange(len(best))
    tail = stats.binom.sf(hits[row, best] - 1, count, share[row, best])
    chance = -np.expm1(tried[best] * np.log1p(-np.minimum(tail, 1 - 1e-12)))
    return best, hits[row, best], count, count * share[row, best], chance


def _rates(whole: Look, recent: Look) -> tuple[np.ndarray, np.ndarray]:
    """False-discovery rates of both looks, over all payers; a look that is the same as the other counts once."""
    apart = recent.total < whole.total
    both = benjamini_hochberg(np.concatenate([whole.chance, recent.chance[apart]]))
    of_recent = np.ones(len(apart))
    of_recent[apart] = both[len(apart) :]
    return both[: len(apart)], of_recent


def benjamini_hochberg(chances: np.ndarray) -> np.ndarray:
    """Adjusted chances: the false-discovery rate at which each is still taken for a discovery.

    q_(i) = min over j >= i of p_(j) m / j [Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57].
    """
    return np.asarray(stats.false_discovery_control(chances, method="bh"))


def _judged(
    rows: pl.DataFrame,
    axis: Axis,
    candidates: Candidates,
    looks: tuple[Look, Look],
    rates: tuple[np.ndarray, np.ndarray],
    as_of: date,
    settings: RunSettings,
) -> pl.DataFrame:
    """The payers with a calendar: of the whole window, or of the newest days where the whole does not hold there."""
    whole, recent = looks
    held = [
        (rate <= settings.discovery_rate) & (look.part() >= settings.least_part)
        for look, rate in zip(looks, rates, strict=True)
    ]
    drifted = held[0] & _has_drifted(rows, candidates, whole, settings)
    newer = held[1] & (drifted | ~held[0])
    best, hits, count = (np.where(newer, recent[part], whole[part]) for part in range(3))
    payer = rows["payer"].to_numpy()
    on = candidates.is_run[rows["place"].to_numpy(), best[payer]] > 0
    last = np.zeros(len(best), dtype=np.int64)
    np.maximum.at(last, payer[on], rows["place"].to_numpy()[on])
    frame = pl.DataFrame(
        {
            "payer_key": rows.unique("payer").sort("payer")["payer_key"],
            "pattern": np.array(PATTERNS)[candidates.pattern[best]],
            "parameters": candidates.parameters[best].astype(str),
            "next_run_date": next_runs(axis, candidates, as_of)[best],
            "share_on_pattern": hits / count,
            "payment_count": count,
            "false_discovery_rate": np.round(np.where(newer, rates[1], rates[0]), 10),
            "last_confirmed_on": np.minimum(axis.days[last], np.datetime64(as_of, "D")),
            "is_drifting": drifted | newer,
        }
    )
    return frame.filter(pl.Series(held[0] | held[1])).cast(SCHEMA)


def _has_drifted(rows: pl.DataFrame, candidates: Candidates, look: Look, settings: RunSettings) -> np.ndarray:
    """Whether the newest days keep to the calendar less than the payer's own earlier ones, by the binomial tail."""
    payer, newest = rows["payer"].to_numpy(), rows["newest"].to_numpy()
    on = candidates.is_run[rows["place"].to_numpy(), look.best[payer]]
    is_new = newest < settings.drift_count
    of_new = np.bincount(payer, on * is_new, len(look.best))
    before = np.bincount(payer, ~is_new, len(look.best))
    usual = (look.hits - of_new + settings.hits_before) / (before + settings.hits_before + settings.misses_before)
    return np.asarray(stats.binom.cdf(of_new, settings.drift_count, usual) < settings.drift_level)
