"""Goals: how likely each is met by the end of its period, and which open items move that chance most.

Belongs here: a goal's figure in every draw, from the same draws as the forecast. Does not: where it stands so far
(`features.goals`), or the draws (`outlook`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from models.forecasts.axis import DAYS_OF_WEEK
from models.forecasts.outlook import Level, LevelDraws, Outlook, level_draws
from models.forecasts.simulation import scale_draws

CANDIDATES = 200
"""Open items of a goal's scope, the largest first, that are tried one by one."""

Scales = dict[str, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Figure:
    """A goal's figure in every draw: `numerator` over `denominator` [draws], times `factor`.

    `in_numerator` and `in_denominator` [parts] say what each part of an open item takes off either when it is paid by
    the end of the period; cash is what is paid, so there it is negative.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    factor: float
    in_numerator: np.ndarray
    in_denominator: np.ndarray

    def values(self, top: float | np.ndarray = 0.0, bottom: float | np.ndarray = 0.0) -> np.ndarray:
        """[draws] of the figure, with so much taken off both sides; nothing over nothing is nothing."""
        below = self.denominator - bottom
        return self.factor * (self.numerator - top) / np.where(below > 0, below, np.inf)


@dataclass(frozen=True)
class Goals:
    """What goals are weighed with. `receivables`: of `features.open_receivables`; `billed`: of
    `features.recent_billings`."""

    found: Outlook
    receivables: pl.DataFrame
    billed: pl.DataFrame
    scales: Scales
    as_of: date

    def judged(self, goals: pl.DataFrame, swings: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """`forecasts.goals` and `forecasts.swing_items` of goals (`features.goals`), the best `swings` items each."""
        judged, items = [], []
        for goal in goals.sort("goal_key").iter_rows(named=True):
            reason = self._not_forecast(goal)
            if reason:
                judged.append(verdict(goal, None, None, reason))
                continue
            figure, parts, paid = self._figure(goal)
            values = figure.values()
            judged.append(verdict(goal, float(values.mean()), float(is_met(goal, values).mean())))
            items += swing_items(goal, figure, parts, paid, swings)
        return pl.DataFrame(judged, infer_schema_length=None), pl.DataFrame(items, infer_schema_length=None)

    def _not_forecast(self, goal: dict[str, Any]) -> str:
        """Why a goal has no forecast; empty where it has one."""
        days, metric = (goal["period_end"] - self.as_of).days, goal["metric"]
        reasons = (
            (days <= 0, "its period is over"),
            (days > DAYS_OF_WEEK * len(self.found.origin.billing_mean), "its period ends beyond the thirteen weeks"),
            (metric == "cash" and goal["rate"] is None, "no rate to the base currency"),
            (metric != "cash" and goal["receivables"] is None, "nothing of it is open"),
            (metric == "dso" and goal["sales_days"] is None, "forecast for simple_30, simple_90 and simple_365 only"),
            (metric == "dso" and goal["collector"], "a collector's sales are not told apart"),
        )
        return next((reason for is_so, reason in reasons if is_so), "")

    def _figure(self, goal: dict[str, Any]) -> tuple[Figure, pl.DataFrame, np.ndarray]:
        """The figure of a goal, the parts of open items in its scope, and [draws, parts] of whether each is paid."""
        days = (goal["period_end"] - self.as_of).days
        is_cash = goal["metric"] == "cash"
        parts, inside = self._parts(goal, related=is_cash)
        share, bills = self._billing_share(goal), self._bills(goal, related=is_cash)
        level = Level(
            "goal", pl.DataFrame({"label": [0]}), np.where(inside, 0, 1), np.where(bills, 0, 1), share[:, None, :]
        )
        drawn = level_draws(self.found, level, self.as_of)
        cash = self._cash(drawn, days)
        offset = (self.found.origin.axis.dates - np.datetime64(self.as_of)).astype(int)
        is_paid = np.append(offset <= days, False)
        paid = is_paid[self.found.drawn_days[:, parts["cell"].to_numpy()]]
        amount = parts["amount"].to_numpy()
        if is_cash:
            so_far = float(goal["collected_amount"])
            figure = Figure(so_far + cash, np.full(len(cash), float(goal["rate"])), 1.0, -amount, np.zeros(len(amount)))
        elif goal["metric"] == "dso":
            owed = float(goal["receivables"]) + self._billed(share, bills, 0, days) - cash
            sales = float(goal["sales"]) + self._billed(share, bills, max(days - goal["sales_days"], 0), days)
            figure = Figure(owed, sales, float(goal["sales_days"]), amount, np.zeros(len(amount)))
        else:
            figure = self._past_due(goal, parts, drawn, paid, bills)
        return figure, parts, paid

    def _past_due(
        self, goal: dict[str, Any], parts: pl.DataFrame, drawn: LevelDraws, paid: np.ndarray, bills: np.ndarray
    ) -> Figure:
        """Percentages of what is owed at the period's end that is then past due, or more than ninety days."""
        days, least = (goal["period_end"] - self.as_of).days, 90 if goal["metric"] == "percent_over_90" else 0
        amount, share = parts["amount"].to_numpy(), drawn.level.billing_share[:, 0]
        age = (pl.lit(goal["period_end"]) - pl.col("due_date")).dt.total_days()
        late = amount * parts.select((age > least).fill_null(value=False)).to_series().to_numpy()
        came = drawn.future_draws[:, 0, :days].sum(axis=1)
        unpaid = np.maximum(self._billed(share, bills, 0, days) - came, 0.0)
        whole_weeks = days // DAYS_OF_WEEK
        overdue = np.zeros(len(paid))
        if not least and whole_weeks:
            origin = self.found.origin
            for of_calendar, own in zip(share, origin.collections, strict=True):
                overdue = overdue + (of_calendar * origin.billing_draws) @ own.overdue[:, whole_weeks - 1]
        overdue = overdue + self._scheduled_late(bills, age > least, days)
        return Figure((~paid) @ late + overdue, (~paid) @ amount + unpaid, 100.0, late, amount)

    def _scheduled_late(self, bills: np.ndarray, is_late: pl.Expr, days: int) -> np.ndarray:
        """[draws] of announced billings that are late and unpaid at the end of the period."""
        told = self.found.scheduled
        late = told.bills.filter(pl.Series(bills) & told.bills.select(is_late).to_series())
        offset = (self.found.origin.axis.dates - np.datetime64(self.as_of)).astype(int)
        paid = np.append(offset <= days, False)[told.drawn_days[:, late["cell"].to_numpy()]]
        return (~paid) @ late["amount"].to_numpy()

    def _parts(self, goal: dict[str, Any], related: bool) -> tuple[pl.DataFrame, np.ndarray]:
        """The parts of open items in a goal's scope, and a mask over all parts."""
        told = self.receivables.select("spell_key", "collector", "related_party", "due_date")
        parts = self.found.parts.join(told, on="spell_key", how="left", maintain_order="left")
        # what pending payments will bring on account is its entity's cash, and no collector's
        parts = parts.with_columns(pl.col("collector").fill_null(""), pl.col("related_party").fill_null(value=False))
        scope = pl.col("entity_id") == goal["entity_id"]
        scope = scope if not goal["collector"] else scope & (pl.col("collector") == goal["collector"])
        inside = parts.select(scope if related else scope & ~pl.col("related_party")).to_series()
        return parts.filter(inside), inside.to_numpy()

    def _billing_share(self, goal: dict[str, Any]) -> np.ndarray:
        """[calendars, weeks]: the share of the trend of billings that falls in a goal's scope: that of the last
        thirteen weeks, less what schedules stand for."""
        whole = float(self.billed["billed_amount"].sum() or 0)
        own = self.billed.filter(pl.col("entity_id") == goal["entity_id"])
        own = own if not goal["collector"] else own.filter(pl.col("collector") == goal["collector"])
        money, number = own["billed_amount"].cast(pl.Float64).to_numpy(), own["calendar_number"].to_numpy()
        left = self.found.scheduled.left_of(own)
        calendars = range(len(self.found.origin.collections))
        return np.stack([(money * (number == each)) @ left for each in calendars]) / (whole or 1.0)

    def _bills(self, goal: dict[str, Any], related: bool) -> np.ndarray:
        """A mask over announced billings: those in a goal's scope."""
        scope = pl.col("entity_id") == goal["entity_id"]
        scope = scope if not goal["collector"] else scope & (pl.col("collector") == goal["collector"])
        return (
            self.found.scheduled.bills.select(scope if related else scope & ~pl.col("related_party"))
            .to_series()
            .to_numpy()
        )

    def _cash(self, drawn: LevelDraws, days: int) -> np.ndarray:
        """[draws] of cash by the end of the period, as wide as the total's intervals are."""
        week = np.arange(days) // DAYS_OF_WEEK
        draws = (drawn.open_draws + drawn.future_draws)[:, 0, :days]
        mean = (drawn.open_mean + drawn.future_mean)[0, :days]
        return scale_draws(draws, mean, self.scales["total"][0][week]).sum(axis=1)

    def _billed(self, share: np.ndarray, bills: np.ndarray, after: int, days: int) -> np.ndarray:
        """[draws] of what is billed from the day after `after` to `days` ahead: a share [calendars, weeks] of the
        trend, spread evenly over weeks, and the announced billings of a mask."""
        starts = DAYS_OF_WEEK * np.arange(share.shape[1])
        inside = np.clip(days - starts, 0, DAYS_OF_WEEK) - np.clip(after - starts, 0, DAYS_OF_WEEK)
        ahead = (pl.col("bill_on") - pl.lit(self.as_of)).dt.total_days()
        told = self.found.scheduled.bills.filter(pl.Series(bills) & ahead.is_between(after + 1, days))
        return self.found.origin.billing_draws @ (share.sum(axis=0) * inside / DAYS_OF_WEEK) + float(
            told["amount"].sum()
        )


def verdict(goal: dict[str, Any], forecast: float | None, chance: float | None, reason: str = "") -> dict[str, Any]:
    """A row of `forecasts.goals`."""
    return {"goal_key": goal["goal_key"], "forecast": forecast, "probability_met": chance, "reason": reason}


def is_met(goal: dict[str, Any], values: np.ndarray) -> np.ndarray:
    """[draws]: whether the goal is met. Cash is to be reached, every other figure not to be exceeded."""
    target = float(goal["target"])
    return values >= target if goal["metric"] == "cash" else values <= target


def swing_items(
    goal: dict[str, Any], figure: Figure, parts: pl.DataFrame, paid: np.ndarray, count: int
) -> Iterator[dict[str, Any]]:
    """The items whose payment by the period's end raises the chance of the goal most.

    The change is the chance when the item is paid in every draw less the chance when it is paid in none, all else as
    drawn.
    """
    largest = (
        parts.with_row_index("place")
        .filter(pl.col("spell_key") > 0)
        .sort("amount", "spell_key", descending=[True, False])
        .head(CANDIDATES)
    )
    changes: dict[int, float] = {}
    for place, key in largest.select("place", "spell_key").iter_rows():
        top, bottom, drawn = figure.in_numerator[place], figure.in_denominator[place], paid[:, place]
        always = is_met(goal, figure.values(top * ~drawn, bottom * ~drawn)).mean()
        never = is_met(goal, figure.values(-top * drawn, -bottom * drawn)).mean()
        changes[key] = max(changes.get(key, 0.0), float(always - never))
    best = sorted((-change, key) for key, change in changes.items() if change > 0)[:count]
    for rank, (change, key) in enumerate(best, start=1):
        yield {"goal_key": goal["goal_key"], "spell_key": key, "change_in_probability_met": -change, "rank": rank}
