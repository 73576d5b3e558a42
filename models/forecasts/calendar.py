"""Days, business days and weeks: the axis that hazards live on.

Belongs here: which days are business days, their index, and where a day stands in week, month and quarter.
Does not: anything of a payer.
"""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import numpy as np
import polars as pl

BANKING = {"BR": "BVMF"}
"""Countries whose banks close on more days than the law names (carnival, Corpus Christi): their financial calendar."""
MONTH_POSITIONS = 6
APART = 1_000_000
"""How far the business days of one calendar are numbered after those of the one before: an index says whose it is."""


def closed_days(code: str | None, first: date, last: date) -> set[date]:
    """Holidays of a country (ISO 3166, its banks' where known) or a financial market (BVMF, XNYS, ECB) in a span.

    None has no holidays. A code that is neither raises ValueError.
    """
    if code is None:
        return set()
    years = range(first.year, last.year + 1)
    market = BANKING.get(code, code)
    if market in holidays.list_supported_financial():
        return set(holidays.financial_holidays(market, years=years))
    try:
        return set(holidays.country_holidays(code, years=years))
    except NotImplementedError as error:
        raise ValueError(f"no such calendar: {code}") from error


def number_of(business_day: np.ndarray) -> np.ndarray:
    """The number of the calendar whose business days these indexes are of."""
    return business_day // APART


def business_days(code: str | None, first: date, last: date, number: int = 0) -> pl.DataFrame:
    """All days from first to last, inclusive, with their place on the business-day axis of the calendar of a number.

    Columns: `calendar_number`; `date`; `is_business_day`; `business_day` (index of the last business day on or before
    the date, from 1 and `APART` times the number);
    `next_business_day` (index of the first on or after it); `weekday` (0 is Monday); `month_position` (0 first three
    days,
    1 to the 9th, 2 to the 13th, 3 to the 17th, 4 after, 5 last three days); `days_to_month_end`; `is_quarter_end`.
    """
    closed = closed_days(code, first, last)
    dates = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    open_day = np.array([day.weekday() < 5 and day not in closed for day in dates])
    index = np.cumsum(open_day) + number * APART
    frame = pl.DataFrame(
        {
            "calendar_number": pl.repeat(number, len(dates), dtype=pl.Int32, eager=True),
            "date": dates,
            "is_business_day": open_day,
            "business_day": index,
            "next_business_day": np.where(open_day, index, index + 1),
        }
    )
    day, left = pl.col("date").dt.day(), (pl.col("date").dt.month_end() - pl.col("date")).dt.total_days()
    return frame.with_columns(
        weekday=(pl.col("date").dt.weekday() - 1).cast(pl.Int64),
        month_position=_month_position(day, left).cast(pl.Int64),
        days_to_month_end=left,
        is_quarter_end=(left == 0) & (pl.col("date").dt.month() % 3 == 0),
    )


def _month_position(day: pl.Expr, left: pl.Expr) -> pl.Expr:
    """Where in the month a day of it stands, `left` days before its end."""
    return (
        pl.when(left <= 2)
        .then(5)
        .when(day <= 3)
        .then(0)
        .when(day <= 9)
        .then(1)
        .when(day <= 13)
        .then(2)
        .when(day <= 17)
        .then(3)
        .otherwise(4)
    )


def count_weeks(days: pl.DataFrame, as_of: date, first: date) -> pl.DataFrame:
    """Weeks of seven days counted back from `as_of` (`age_week` 0 ends on it) to the one that holds `first`, of one
    calendar's days.

    Columns: `calendar_number`, `age_week`, `first_date`, `last_date`, `first_business_day`, `last_business_day` (a week
    without business days has its first index after its last).
    """
    count = (as_of - first).days // 7 + 1
    index = dict(zip(days["date"].to_list(), days["business_day"].to_list(), strict=True))
    rows = []
    for age in range(count):
        end = as_of - timedelta(days=7 * age)
        before = end - timedelta(days=7)
        rows.append((age, before + timedelta(days=1), end, index.get(before, 0) + 1, index.get(end, 0)))
    names = ["age_week", "first_date", "last_date", "first_business_day", "last_business_day"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(calendar_number=days["calendar_number"][0])
