"""Lateness: the due day it is counted from, its bins, fine near that and coarse far from it, and their classes.

Belongs here: the due day and the bins. Does not: what happens in them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

FIRST_LATENESS = np.array(
    [-400, -30, -20, -15, -10, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 31, 46, 66, 131]
)
"""Where each bin begins, in business days after the due date."""
BINS = len(FIRST_LATENESS)
CLASS_OF_BIN = np.searchsorted([-1, 0, 1, 6], FIRST_LATENESS, "right")
"""Early, the day before, the day itself, the first week, later."""
CLASSES = 5
FARTHEST_DUE = 120
"""How far a due day counts from the entry, in business days."""


def lateness_bins() -> pl.DataFrame:
    """Columns: `lateness_bin` (from 0), `first_lateness`, `last_lateness` (business days after the due date,
    inclusive)."""
    last = np.append(FIRST_LATENESS[1:] - 1, 100_000)
    return pl.DataFrame({"lateness_bin": np.arange(BINS), "first_lateness": FIRST_LATENESS, "last_lateness": last})


def with_due_day(receivables: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Receivables with `due_day`: the index of the business day on or after their `due_date`, held to half a year of
    their `entry_date` where it is farther, as in `features.spell_days`. `days`: of `calendar.business_days`, of the
    calendars whose `calendar_number` receivables have."""
    own = pl.col("calendar_number")
    following = days.select(own, due_date="date", due_day="next_business_day")
    due = receivables.join(following, on=["calendar_number", "due_date"])
    preceding = days.select(own, entry_date="date", entry_day="business_day")
    entry = due.join(preceding, on=["calendar_number", "entry_date"])
    held = pl.col("due_day").clip(pl.col("entry_day") - FARTHEST_DUE, pl.col("entry_day") + FARTHEST_DUE)
    return entry.with_columns(due_day=held).drop("entry_day")


def bin_of(lateness: np.ndarray) -> np.ndarray:
    """The bin of each lateness, in business days."""
    return np.clip(np.searchsorted(FIRST_LATENESS, lateness, "right") - 1, 0, BINS - 1)
