"""The history that rates are made from: counts and sums of a day's book, a pool, a parent or the whole book at a time.

Belongs here: which rows count, those of the look-back without its excluded periods. Does not: what is made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date, timedelta

import polars as pl

from models.allowance.settings import WHOLE_BOOK, AllowanceSettings

SEASONED_MONTHS = 12
"""After so many months, what will be recovered of a loss has mostly been."""


class History:
    """Frames of one day, with `pool` and amounts in one currency: `transitions`, `snapshots`, `losses` (each with
    `month_number`), `reached` and `vintages`, as `models/allowance` describes the tables of these names."""

    def __init__(
        self,
        frames: dict[str, pl.DataFrame],
        buckets: Sequence[str],
        given_up: str,
        as_of: date,
        chosen: AllowanceSettings,
    ) -> None:
        self.buckets, self.given_up, self.as_of = list(buckets), given_up, as_of
        self.parents, self.lost_after_days = chosen.parents(), chosen.lost_after_days
        dated = {name: self._within(frames[name], chosen) for name in ("transitions", "snapshots", "losses")}
        self.frames = {**frames, **dated}

    def transitions(self, pool: str) -> pl.DataFrame:
        """What became of each bucket's balance within a month."""
        return self._of("transitions", pool)

    def snapshots(self, pool: str) -> pl.DataFrame:
        """What became of each bucket's balance in the end."""
        return self._of("snapshots", pool)

    def losses(self, pool: str, kind: str) -> pl.DataFrame:
        """Credit losses of a kind, written off or aged out, and what was made good of them."""
        latest = self.as_of.year * 12 + self.as_of.month - SEASONED_MONTHS
        of_kind = self._of("losses", pool).filter(pl.col("kind") == kind)
        return of_kind.with_columns(is_seasoned=pl.col("month_number") < latest)

    def vintages(self, pool: str) -> pl.DataFrame:
        """The triangle of billing months by age."""
        amounts = ("billed", "uncollected", "written_off", "recovered")
        cells = self._of("vintages", pool).group_by("billing_month", "age_months").agg(pl.col(amounts).sum())
        return cells.sort("billing_month", "age_months")

    def reached(self, pool: str, bucket: str) -> tuple[int, int]:
        """How many losses and customers a pool's bucket has seen; the most of any bucket where none is named."""
        rows = self._of("reached", pool)
        by_bucket = rows.group_by("aging_bucket").agg(pl.col("loss_events", "customer_count").sum())
        found = by_bucket.filter(pl.col("aging_bucket") == bucket) if bucket else by_bucket
        if not found.height:
            return 0, 0
        return int(found["loss_events"].max() or 0), int(found["customer_count"].max() or 0)  # type: ignore[arg-type]

    def of_last(self, months: int) -> History:
        """The same history, of so many months alone."""
        first = self.as_of.year * 12 + self.as_of.month - months
        return self._where(self.as_of, pl.col("month_number") >= first)

    def known_at(self, month: int) -> History:
        """The history as of an earlier month-end: what had become of balances by then, and the snapshots that were
        closed. What losses and snapshots came to, how many customers reached a bucket, and vintages are those of today.
        """
        other = self._where(_month_end(month), pl.col("month_number") < month)
        latest = _month_end(month) - timedelta(self.lost_after_days)
        last_closed = latest.year * 12 + latest.month - (_month_end(latest.year * 12 + latest.month) > latest)
        closed = pl.col("month_number") <= last_closed
        other.frames["snapshots"] = other.frames["snapshots"].with_columns(is_closed=pl.col("is_closed") & closed)
        return other

    def _where(self, as_of: date, kept: pl.Expr) -> History:
        other = copy(self)
        other.as_of = as_of
        other.frames = {
            name: frame.filter(kept) if "month_number" in frame.columns else frame
            for name, frame in self.frames.items()
        }
        return other

    def members(self, pool: str) -> set[str]:
        """The pools behind a name: a pool itself, those of a parent, or all of the book."""
        if pool == WHOLE_BOOK:
            return set(self.parents) - set(self.parents.values())
        return {child for child, parent in self.parents.items() if parent == pool} or {pool}

    def _of(self, name: str, pool: str) -> pl.DataFrame:
        return self.frames[name].filter(pl.col("pool").is_in(sorted(self.members(pool))))

    def _within(self, frame: pl.DataFrame, chosen: AllowanceSettings) -> pl.DataFrame:
        month = pl.col("month_number")
        for period in chosen.excluded_periods:
            first, last = period.first_day, period.last_day
            frame = frame.filter((month < first.year * 12 + first.month) | (month > last.year * 12 + last.month))
        return frame


def _month_end(month: int) -> date:
    """The last day of a month by its number, twelve times the year and the month."""
    return date(month // 12, month % 12 + 1, 1) - timedelta(1)
