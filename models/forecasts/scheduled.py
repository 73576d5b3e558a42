"""Billings that a schedule announces: future billings with a payer and a day, which the trend of billings gives up.

Belongs here: what of the trend a schedule stands for, and when what it announces becomes cash. Does not: the trend
itself (`billings`), or sums by level (`outlook`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from models.forecasts.axis import Axis
from models.forecasts.hazard import Hazards
from models.forecasts.lateness import bin_of, with_due_day
from models.forecasts.settings import ForecastSettings
from models.forecasts.settlement import cash_days, settlement_days
from models.forecasts.shrinkage import expit
from models.forecasts.simulation import draw_settlement_days, generator

GROUP = ["entity_id", "currency", "segment"]
RECENT_DAYS = 91
PURPOSE = 3
"""Of the random numbers (`simulation.generator`)."""


@dataclass(frozen=True)
class Scheduled:
    """Billings announced for the weeks ahead, in cells of payer × day of billing × due day.

    `bills`: `payer_key`, `entity_id`, `currency`, `segment`, `collector`, `bill_on`, `due_date`, `amount` (base
    currency, times its probability), `cell`. `groups`: entity, currency and segment with their `row` of `left`.
    """

    bills: pl.DataFrame
    cash: np.ndarray
    """[cells, days]: probability of cash on each day, less discounts."""
    drawn_days: np.ndarray
    groups: pl.DataFrame
    left: np.ndarray
    """[groups + 1, weeks]: share of the trend of billings that is left to it; the last row is of all other groups."""

    def left_of(self, billed: pl.DataFrame) -> np.ndarray:
        """[rows, weeks]: what is left to the trend of each row with entity, currency and segment."""
        joined = billed.select(GROUP).join(self.groups, on=GROUP, how="left", maintain_order="left")
        return self.left[joined["row"].fill_null(len(self.left) - 1).to_numpy()]


def scheduled(
    schedule: pl.DataFrame,
    recent: pl.DataFrame,
    days: pl.DataFrame,
    billing_mean: np.ndarray,
    hazards: Hazards,
    axis: Axis,
    discount: float,
    settings: ForecastSettings,
) -> Scheduled:
    """What a schedule (`features.scheduled_billings`) announces after the day, and what the trend gives up for it.

    One whose day is past without an invoice is not expected (a check says so): the trend stands for it. `recent`: what
    was billed in the last 13 weeks, with `money` and segment; `discount`: share of cash exits that discounts take.
    """
    groups, left = left_to_trend(schedule, recent, billing_mean, axis)
    bills = with_due_day(_ahead(schedule, axis).with_columns(entry_date="bill_on"), days)
    alike = pl.struct("payer_key", "bill_on", "due_day").rank("dense").cast(pl.Int64) - 1
    bills = bills.with_columns(cell=alike).sort("cell", "schedule_key")
    cells = bills.group_by("cell").agg(pl.col("payer_key", "bill_on", "due_day").first()).sort("cell")
    cash = _cash(cells, hazards, axis) * (1.0 - discount)
    payers = np.unique(cells["payer_key"].to_numpy(), return_inverse=True)[1]
    drawn = draw_settlement_days(cash, payers, generator(settings, axis.as_of.toordinal(), PURPOSE), settings)
    return Scheduled(bills, cash, drawn, groups, left)


def left_to_trend(
    schedule: pl.DataFrame, recent: pl.DataFrame, billing_mean: np.ndarray, axis: Axis
) -> tuple[pl.DataFrame, np.ndarray]:
    """What is left to the trend by entity, currency and segment: groups with their `row`, and [groups + 1, weeks].

    Of what a group billed lately, schedules had announced a share `s` (all of it where no invoice of the group was on
    a schedule: then nothing says that what is announced comes on top). As far as the schedule reaches, the trend gives
    up that share of the `E` that it expects of the group or, where less is announced, as much as is: `1 - k·s` is left,
    `k = min(1, announced / s·E)`. So announced billings stand in for those which the trend would have expected of them,
    and beyond the schedule's last day the trend stands alone.
    """
    weeks = len(billing_mean)
    ahead = _ahead(schedule, axis)
    week = ((pl.col("bill_on") - pl.lit(axis.as_of)).dt.total_days() - 1) // 7
    within = ahead.with_columns(week=week).filter(pl.col("week") < weeks)
    reach = ahead.with_columns(week=week).group_by(GROUP).agg(reach=pl.col("week").max() + 1)
    announced = within.group_by(GROUP).agg(announced=pl.col("amount").sum()).join(reach, on=GROUP)
    billed = recent.group_by(GROUP).agg(billed=pl.col("money").sum())
    told = _announced_before(schedule, recent, axis)
    groups = announced.join(billed, on=GROUP).join(told, on=GROUP, how="left").sort(GROUP)
    whole, left = float(recent["money"].sum()), np.ones((groups.height + 1, weeks))
    for row, (amount, last, own, share) in enumerate(
        groups.select("announced", "reach", "billed", "share").iter_rows()
    ):
        explained = 1.0 if not share else min(share, 1.0)
        expected = explained * own / max(whole, 1e-12) * billing_mean[:last].sum()
        left[row, :last] = 1.0 - explained * (min(1.0, amount / expected) if expected > 0 else 0.0)
    return groups.select(GROUP).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64)), left


def _ahead(schedule: pl.DataFrame, axis: Axis) -> pl.DataFrame:
    """Billings announced after the day and not invoiced, with the `amount` expected of each."""
    money = (pl.col("amount_base").cast(pl.Float64) * pl.col("probability").cast(pl.Float64)).fill_null(0.0)
    return schedule.filter(pl.col("invoiced_on").is_null() & (pl.col("bill_on") > axis.as_of)).with_columns(
        amount=money
    )


def _announced_before(schedule: pl.DataFrame, recent: pl.DataFrame, axis: Axis) -> pl.DataFrame:
    """The `share` of each group's billings that schedules had announced, since the first invoice that was on one, 13
    weeks at most."""
    since = pl.lit(axis.as_of - timedelta(days=RECENT_DAYS))
    came = schedule.filter(pl.col("invoiced_on") > since)
    if not came.height:
        return pl.DataFrame(schema=dict.fromkeys(GROUP, pl.String) | {"share": pl.Float64})
    first = came["invoiced_on"].min()
    told = came.group_by(GROUP).agg(told=pl.col("amount_base").cast(pl.Float64).sum())
    billed = recent.filter(pl.col("entry_date") >= first).group_by(GROUP).agg(billed=pl.col("money").sum())
    return told.join(billed.filter(pl.col("billed") > 0), on=GROUP).select(
        *GROUP, share=pl.col("told") / pl.col("billed")
    )


def _cash(cells: pl.DataFrame, hazards: Hazards, axis: Axis) -> np.ndarray:
    """[cells, days]: probability of cash, by the payers' hazards of lateness, from the day after the billing on."""
    due = cells["due_day"].to_numpy()
    row = hazards.rows_of(cells["payer_key"].to_numpy())
    hazard = axis.shut(expit(hazards.scores[row[:, None], bin_of(axis.lateness(due))]), due)
    billed = cells["bill_on"].to_numpy().astype("datetime64[D]")
    hazard[axis.dates[None, :] <= billed[:, None]] = 0.0
    return cash_days(settlement_days(hazard), due, hazards, axis)
