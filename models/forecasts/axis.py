"""The days ahead of an origin: those on which any calendar of the book is open, and which of them each calendar is.

Belongs here: where days and due days stand on them. Does not: which days are business days (`calendar`), or what
happens on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from models.forecasts.calendar import number_of
from models.forecasts.settings import ForecastSettings

DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class Axis:
    """An origin and the days that follow it. Places count from 0; a due day, being an index of business days, says
    whose calendar counts for it (`calendar.number_of`)."""

    as_of: date
    origin_days: np.ndarray
    """[calendars]: index of the last business day on or before the origin."""
    dates: np.ndarray
    """[days] on which at least one calendar is open."""
    weekday: np.ndarray
    month_position: np.ndarray
    is_open: np.ndarray
    """[calendars, days]"""

    @cached_property
    def steps(self) -> np.ndarray:
        """[calendars, days]: business days from the origin to each day, inclusive."""
        return np.cumsum(self.is_open, axis=1)

    @cached_property
    def _following(self) -> np.ndarray:
        """[calendars, days + 1]: the place of the first open day on or after each, the number of days where none is."""
        size = len(self.dates)
        place = np.where(self.is_open, np.arange(size), size)
        return np.minimum.accumulate(np.pad(place, ((0, 0), (0, 1)), constant_values=size)[:, ::-1], axis=1)[:, ::-1]

    def lateness(self, due_days: np.ndarray) -> np.ndarray:
        """[cells, days]: business days from each due day to each day, by its calendar."""
        number = number_of(due_days)
        # a book of one calendar need not have a row of steps for each of its cells
        steps = self.steps if len(self.steps) == 1 else self.steps[number]
        return (self.origin_days[number] - due_days)[:, None] + steps

    def shut(self, values: np.ndarray, due_days: np.ndarray, closed: float = 0.0) -> np.ndarray:
        """[cells, days] of values, with what holds on the days on which the calendar of a due day is closed."""
        return values if self.is_open.all() else np.where(self.is_open[number_of(due_days)], values, closed)

    def opened(self, due_days: np.ndarray, places: np.ndarray) -> np.ndarray:
        """[cells]: the place of the first open day on or after a place, the number of days where there is none."""
        return self._following[number_of(due_days), places]

    def place_of(self, due_days: np.ndarray, dates: np.ndarray) -> np.ndarray:
        """[cells]: the place of the first open day on or after a date, the number of days where there is none."""
        return self.opened(due_days, np.searchsorted(self.dates, dates, "left"))

    def place_after(self, due_days: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """[cells]: the place of the day that is so many business days (from 1) after the origin, the number of days
        where it is farther."""
        number, found = number_of(due_days), np.empty(len(steps), dtype=int)
        for each, passed in enumerate(self.steps):
            found[number == each] = np.searchsorted(passed, steps[number == each], "left")
        return found

    def spread(self, weeks: int) -> np.ndarray:
        """[calendars, calendar days]: share of a week's cash on each of its days: on its business days alike, on its
        last day where it has none."""
        found = np.zeros((len(self.is_open), DAYS_OF_WEEK * weeks))
        offset = (self.dates - np.datetime64(self.as_of)).astype(int) - 1
        inside = offset < found.shape[1]
        found[:, offset[inside]] = self.is_open[:, inside]
        by_week = found.reshape(-1, weeks, DAYS_OF_WEEK)
        by_week[by_week.sum(axis=2) == 0, -1] = 1.0
        return (by_week / by_week.sum(axis=2, keepdims=True)).reshape(found.shape)


def axis_at(days: pl.DataFrame, as_of: date, settings: ForecastSettings) -> Axis:
    """The `longest_days` business days after `as_of`, from `calendar.business_days` of every calendar."""
    today = days.filter(pl.col("date") == as_of).sort("calendar_number")["business_day"].to_numpy()
    ahead = days.filter(pl.col("is_business_day") & (pl.col("date") > as_of))
    some = ahead.unique("date").sort("date").head(settings.longest_days)
    dates = some["date"].to_numpy().astype("datetime64[D]")
    own = [ahead.filter(pl.col("calendar_number") == number)["date"].to_numpy() for number in range(len(today))]
    is_open = np.stack([np.isin(dates, each.astype("datetime64[D]")) for each in own])
    return Axis(as_of, today, dates, some["weekday"].to_numpy(), some["month_position"].to_numpy(), is_open)
