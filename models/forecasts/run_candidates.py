"""The calendars that a payer's payment runs may follow, as days of a business-day axis.

Belongs here: which patterns are tried, their days moved off weekends and holidays, their names and their next run. Does
not: which payer follows which (`payment_runs`), or what a business day is (`calendar`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

PATTERNS = ("weekday", "nth_weekday", "day_of_month", "month_end", "every_n_days")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDINALS = ("1st", "2nd", "3rd", "4th", "last")
INTERVALS = range(8, 32)
"""Seven days are a weekday, and shorter intervals are no runs."""

Placed = tuple[str, str, np.ndarray, bool]


@dataclass(frozen=True)
class Axis:
    """Business days by place, with what of calendar days leads to them.

    `days`: business days [places]; `following`, `preceding`: the place on or after, and on or before, each calendar day
    from `first` on; `weekday`, `month_position` [places]; `rolled` [places]: calendar days that roll forward to each.
    """

    first: np.datetime64
    days: np.ndarray
    following: np.ndarray
    preceding: np.ndarray
    weekday: np.ndarray
    month_position: np.ndarray
    rolled: np.ndarray


@dataclass(frozen=True)
class Candidates:
    """Calendars tried: `pattern` and `parameters` by candidate, `is_run` [places, candidates], and the penalty.

    `tried` is how many candidates each one's chance answers for: patterns share the error evenly, and the candidates
    of a pattern share its part, so that many intervals do not drown five weekdays (a weighted correction).
    """

    pattern: np.ndarray
    parameters: np.ndarray
    is_run: np.ndarray
    tried: np.ndarray


def axis_of(days: pl.DataFrame, first: date, last: date) -> Axis:
    """The axis from `first` to `last`, both held to the days known; `days` as of `calendar.business_days`."""
    held = days.filter(pl.col("date").is_between(first, last)).sort("date")
    open_day = held["is_business_day"].to_numpy()
    place = np.cumsum(open_day)
    count = int(place[-1])
    following = np.minimum(np.where(open_day, place - 1, place), count - 1)
    business = held.filter(pl.col("is_business_day"))
    return Axis(
        first=np.datetime64(held["date"][0], "D"),
        days=business["date"].to_numpy().astype("datetime64[D]"),
        following=following,
        preceding=np.maximum(place - 1, 0),
        weekday=business["weekday"].to_numpy(),
        month_position=business["month_position"].to_numpy(),
        rolled=np.bincount(following, minlength=count).astype(np.float64),
    )


def candidates_on(axis: Axis) -> Candidates:
    """Every calendar that is tried, on an axis of business days.

    Runs that fall on a closed day move to the next open one, of days of the month also to the one before; month-ends
    are the last open day.
    """
    dates = axis.first + np.arange(len(axis.following))
    found = [one for family in _FAMILIES for one in family(dates)]
    is_run = np.zeros((len(axis.days), len(found)), dtype=np.float32)
    for number, (_, _, on, is_before) in enumerate(found):
        is_run[(axis.preceding if is_before else axis.following)[on], number] = 1.0
    pattern = np.array([PATTERNS.index(name) for name, _, _, _ in found])
    family_size = np.bincount(pattern, minlength=len(PATTERNS))
    parameters = np.array([text for _, text, _, _ in found], dtype=object)
    return Candidates(pattern, parameters, is_run, (len(PATTERNS) * family_size)[pattern].astype(np.float64))


def next_runs(axis: Axis, candidates: Candidates, as_of: date) -> np.ndarray:
    """The first run of each candidate after the day, on a business day."""
    after = int(np.searchsorted(axis.days, np.datetime64(as_of, "D"), "right"))
    return axis.days[after + np.argmax(candidates.is_run[after:], axis=0)]


def _parts(dates: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weekday, day of the month and days of that month."""
    month = dates.astype("datetime64[M]")
    in_month = (dates - month.astype("datetime64[D]")).astype(int) + 1
    length = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int)
    return (dates.astype(int) + 3) % 7, in_month, length


def _weekdays(dates: np.ndarray) -> Iterator[Placed]:
    weekday, _, _ = _parts(dates)
    for each in range(5):
        yield "weekday", WEEKDAYS[each], weekday == each, False


def _nth_weekdays(dates: np.ndarray) -> Iterator[Placed]:
    weekday, in_month, length = _parts(dates)
    for each in range(5):
        for nth, name in enumerate(ORDINALS):
            in_week = in_month + 7 > length if name == "last" else (in_month - 1) // 7 == nth
            yield "nth_weekday", f"{name} {WEEKDAYS[each]}", (weekday == each) & in_week, False


def _days_of_month(dates: np.ndarray) -> Iterator[Placed]:
    _, in_month, length = _parts(dates)
    for is_before, suffix in ((False, ""), (True, " or before")):
        for each in range(1, 31):
            yield "day_of_month", f"{each}{suffix}", in_month == np.minimum(each, length), is_before


def _month_ends(dates: np.ndarray) -> Iterator[Placed]:
    _, in_month, length = _parts(dates)
    yield "month_end", "last business day", in_month == length, True


def _intervals(dates: np.ndarray) -> Iterator[Placed]:
    for every in INTERVALS:
        for phase in range(every):
            yield "every_n_days", f"every {every} days", dates.astype(int) % every == phase, False


_FAMILIES: tuple[Callable[[np.ndarray], Iterator[Placed]], ...] = (
    _weekdays,
    _nth_weekdays,
    _days_of_month,
    _month_ends,
    _intervals,
)
