"""The calendars on which payers run their payments, as tables over days.

Belongs here: business days, months, and the first run on or after a day for each pattern. Does not belong
here: which payer has which pattern (`payers`), or when an invoice is ready to be paid (`settlements`).

A day is an integer since 1970-01-01. Business days are Monday to Friday without 1 January and 25 December:
made-up payers in many countries share them, so that a book does not depend on a holiday library's release.
"""

from datetime import date
from typing import NamedTuple

import numpy as np

from models.raw.synthetic.columns import Integers

PATTERNS = ("weekday", "nth_weekday", "day_of_month", "month_end", "every_n_days", "irregular")
WEEKDAY, NTH_WEEKDAY, DAY_OF_MONTH, MONTH_END, EVERY_N_DAYS, IRREGULAR = range(6)
YEARS_AHEAD = 6  # how far after the as-of true payment dates may lie


class Days(NamedTuple):
    """Tables over `first .. first + len - 1`; every column is indexed by `day - first`."""

    first: int
    following: Integers  # the business day on or after
    preceding: Integers  # the business day on or before
    ordinal: Integers  # how many business days up to and including the day
    business_days: Integers  # business day by ordinal - 1
    month: Integers  # index into the months
    month_first: Integers  # first day of each month
    month_last: Integers  # last day of each month


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def day_tables(first_day: date, as_of: date) -> Days:
    """Tables from the year before `first_day` to some years after `as_of`."""
    first_year, last_year = first_day.year - 1, as_of.year + YEARS_AHEAD
    first, last = day_number(date(first_year, 1, 1)), day_number(date(last_year, 12, 31))
    days = np.arange(first, last + 1)
    stamps = days.astype("datetime64[D]")
    month = (stamps.astype("datetime64[M]") - np.datetime64(f"{first_year}-01")).astype(np.int64)
    month_first = days[np.flatnonzero(np.diff(month, prepend=-1))]
    month_last = np.append(month_first[1:] - 1, last)
    in_month = days - month_first[month]
    closed = ((month % 12 == 0) & (in_month == 0)) | ((month % 12 == 11) & (in_month == 24))
    is_open = (weekday_of(days) < 5) & ~closed
    ordinal = np.cumsum(is_open)
    business_days = days[is_open]
    following = business_days[np.minimum(ordinal - is_open, len(business_days) - 1)]
    preceding = business_days[np.maximum(ordinal - 1, 0)]
    return Days(first, following, preceding, ordinal, business_days, month, month_first, month_last)


def weekday_of(days: Integers) -> Integers:
    """Monday 0 to Sunday 6."""
    return (days + 3) % 7


def business_days_after(days: Days, day: Integers, count: Integers) -> Integers:
    """The day that is `count` business days after the business day on or before `day`."""
    place = days.ordinal[day - days.first] - 1 + count
    return days.business_days[np.clip(place, 0, len(days.business_days) - 1)]


def clipped(days: Days, day: Integers) -> Integers:
    """Days inside the tables, two months away from their end, so that a next run always exists."""
    return np.clip(day, days.first, days.month_last[-3])


def next_run(days: Days, pattern: Integers, parameter: Integers, ordinal: Integers, ready: Integers) -> Integers:
    """The first run on or after each `ready` day, moved to a business day.

    `parameter` is a weekday (weekday, nth_weekday), a day of the month, an interval in days, and unused by
    month_end and irregular; `ordinal` is the n of nth_weekday and the anchor day of every_n_days. Runs that
    fall on a closed day move to the next open one, month ends to the last open day of the month.
    """
    ready = clipped(days, ready)
    run = days.following[ready - days.first]
    for which, dated in _DATED.items():
        at = np.flatnonzero(pattern == which)
        run[at] = dated(days, parameter[at], ordinal[at], ready[at])
    return run


def _weekday(days: Days, parameter: Integers, ordinal: Integers, ready: Integers) -> Integers:
    return days.following[ready + (parameter - weekday_of(ready)) % 7 - days.first]


def _every_n_days(days: Days, parameter: Integers, ordinal: Integers, ready: Integers) -> Integers:
    return days.following[ready + (ordinal - ready) % parameter - days.first]


def _day_of_month(days: Days, parameter: Integers, ordinal: Integers, ready: Integers) -> Integers:
    month = days.month[ready - days.first]
    this = days.following[days.month_first[month] + parameter - 1 - days.first]
    later = days.following[days.month_first[month + 1] + parameter - 1 - days.first]
    return np.where(this >= ready, this, later)


def _month_end(days: Days, parameter: Integers, ordinal: Integers, ready: Integers) -> Integers:
    month = days.month[ready - days.first]
    this = days.preceding[days.month_last[month] - days.first]
    later = days.preceding[days.month_last[month + 1] - days.first]
    return np.where(this >= ready, this, later)


def _nth_weekday(days: Days, parameter: Integers, ordinal: Integers, ready: Integers) -> Integers:
    month = days.month[ready - days.first]
    found = []
    for start in (days.month_first[month], days.month_first[month + 1]):
        found.append(days.following[start + (parameter - weekday_of(start)) % 7 + 7 * (ordinal - 1) - days.first])
    return np.where(found[0] >= ready, found[0], found[1])


_DATED = {
    WEEKDAY: _weekday,
    NTH_WEEKDAY: _nth_weekday,
    DAY_OF_MONTH: _day_of_month,
    MONTH_END: _month_end,
    EVERY_N_DAYS: _every_n_days,
}
