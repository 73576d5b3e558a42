"""Whether a payer pays later or sooner than it used to: a CUSUM on the likelihood of its own hazard.

Belongs here: days at risk, likelihood ratios, and their cumulative sums. Does not: how large a sum must be
(`alarms`), or what is said of a change (`change_report`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.forecasts.axis import Axis, axis_at
from models.forecasts.calendar import APART
from models.forecasts.hazard import Hazards, fit_hazards
from models.forecasts.lateness import CLASS_OF_BIN, CLASSES, bin_of
from models.forecasts.multipliers import Multipliers, fit_multipliers
from models.forecasts.settings import ForecastSettings
from models.forecasts.shrinkage import expit, ridge_step

SHIFTS = {"slower": 7, "faster": -7}
"""Business days by which the alternative pays later. Mixtures of shifts (5, 7, 10; 4 to 10) were no sooner at finding
slowdowns of 4 to 10 days, and a day or two later at finding one of 7."""
WATCH_WEEKS = 13
YEAR_WEEKS = 52
FEWEST_SETTLED = 12
"""Receivables that a payer must have settled in the year before to be watched."""
LARGEST_RATIO = 6.0
"""What one due day may say on one day, in log-likelihood, either way."""
TELLING = 0.05
"""Log-likelihood from which on a due day is said to tell something of a day."""
RUN_POWER = 0.25
"""Several due days that tell something of one day are divided by this power of their number: one run pays them."""
DAY_STRENGTH = 5.0
"""Prior of a day's effect on the whole book, in due days' information."""
ACTIVITY_POWER = 0.1
"""Sums grow with what a payer settles; they are compared after division by this power of it."""


SPAN = ["payer_key", "due_business_day", "first_business_day", "last_business_day", "item_count", "exit_count"]


@dataclass(frozen=True)
class Watch:
    """Payers over the thirteen weeks that end on a day, against hazards as of the day before these began."""

    payer_keys: np.ndarray
    """[payers], ascending."""
    settled: np.ndarray
    """[payers]: receivables settled in the year before."""
    axis: Axis
    """The business days of the weeks."""
    hazards: Hazards
    sums: dict[str, np.ndarray]
    """[payers, days] by direction: cumulative sums, divided by the payer's activity."""

    day_effects: np.ndarray
    """As of `day_effects`."""

    def peaks(self, direction: str) -> np.ndarray:
        """[payers]: the largest sum of the thirteen weeks."""
        found = self.sums[direction]
        return found.max(axis=1) if found.size else np.zeros(len(found))


@dataclass(frozen=True)
class DaysAtRisk:
    """Rows of receivables of one payer and due day on one business day; `row` and `day` (of the axis) count from
    zero."""

    row: np.ndarray
    day: np.ndarray
    lateness: np.ndarray
    stays: np.ndarray
    """Receivables that stayed open."""
    exits: np.ndarray
    share: np.ndarray
    """One over the payer's receivables of this due day at risk on this day."""


def spans_known(spans: pl.DataFrame, last: int) -> pl.DataFrame:
    """Spans as they stood on business day `last`: what leaves later is at risk to it.

    `spans`: `payer_key`, `due_business_day`, `first_business_day`, `last_business_day`, `item_count`, `exit_count`
    (those that left on the last day).
    """
    left = pl.when(pl.col("last_business_day") > last).then(0).otherwise(pl.col("exit_count"))
    known = spans.filter(pl.col("first_business_day") <= last).with_columns(
        exit_count=left, last_business_day=pl.col("last_business_day").clip(upper_bound=last)
    )
    return known.group_by(SPAN[:4]).agg(pl.col("item_count").sum(), pl.col("exit_count").sum()).sort(SPAN[:4])


def of_calendar(spans: pl.DataFrame, number: int) -> pl.DataFrame:
    """Spans of one calendar."""
    return spans.filter(pl.col("due_business_day") // APART == number)


def days_at_risk(spans: pl.DataFrame, payer_keys: np.ndarray, axis: Axis) -> DaysAtRisk:
    """The days of an axis of spans (as of `spans_known`), of the payers."""
    parts = []
    for number, is_open in enumerate(axis.is_open):
        first = int(axis.origin_days[number]) + 1
        found = _days_at_risk(of_calendar(spans, number), payer_keys, first, first + int(is_open.sum()) - 1)
        parts.append(replace(found, day=np.flatnonzero(is_open)[found.day]))
    names = [field.name for field in fields(DaysAtRisk)]
    return DaysAtRisk(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _days_at_risk(spans: pl.DataFrame, payer_keys: np.ndarray, first: int, last: int) -> DaysAtRisk:
    """The same of one calendar, from its business day `first`, which is day zero, to `last`."""
    own = pl.DataFrame({"payer_key": payer_keys}, schema={"payer_key": pl.Int64})
    asked = spans.filter((pl.col("last_business_day") >= first) & (pl.col("first_business_day") <= last))
    known = spans_known(asked.join(own, on="payer_key", how="semi"), last)
    key, due, begins, ends, items, exits = (known[name].to_numpy().astype(np.int64) for name in SPAN)
    begin, end = np.maximum(begins, first), ends
    length = end - begin + 1
    which = np.repeat(np.arange(len(key)), length)
    day = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + begin[which]
    left = np.where(day == ends[which], exits[which], 0)
    row = np.searchsorted(payer_keys, key)[which]
    span = last - first + 1
    lateness = day - due[which]
    cluster = (row * 2000 + np.clip(lateness, -999, 999) + 999) * span + day - first
    _, place = np.unique(cluster, return_inverse=True)
    share = 1.0 / np.bincount(place, items[which])[place] if len(place) else np.zeros(0)
    return DaysAtRisk(row, day - first, lateness, items[which] - left, left, share)


def watch(
    spans: pl.DataFrame,
    counts: dict[str, pl.DataFrame],
    days: pl.DataFrame,
    as_of: date,
    origin_week: int,
    settings: ForecastSettings,
    most_payers: int | None = None,
    of_day: np.ndarray | None = None,
) -> Watch:
    """Cumulative sums of the thirteen weeks to `as_of`, which ends week `origin_week` of the counts.

    `counts`: `hazard_counts`, `delay_counts`, `calendar_counts`; `days`: of `calendar.business_days`. Hazards weigh
    receivables alike, whatever their amount. `most_payers`: watch no more, evenly over their keys. `of_day`: what the
    days did to the book, where it is to be taken from another watch.
    """
    start, before = origin_week + WATCH_WEEKS, as_of - timedelta(weeks=WATCH_WEEKS)
    axis = axis_at(days.filter(pl.col("date") <= as_of), before, settings)
    settled = settled_before(counts["hazard_counts"], start, most_payers)
    keys = settled["payer_key"].to_numpy()
    alike = replace(settings, amount_weight=0.0)
    hazards = fit_hazards(counts["hazard_counts"], counts["delay_counts"], start, alike)
    effects = fit_multipliers(counts["calendar_counts"], days, axis.origin_days, alike)
    risk = days_at_risk(spans, keys, axis)
    count = settled["exit_count"].to_numpy().astype(float)
    ratios, of_day = likelihood_ratios(risk, hazards, effects, axis, keys, of_day)
    sums = {name: cusum(found) / count[:, None] ** ACTIVITY_POWER for name, found in ratios.items()}
    return Watch(keys, count, axis, hazards, sums, of_day)


def settled_before(hazard_counts: pl.DataFrame, start: int, most_payers: int | None) -> pl.DataFrame:
    """`payer_key`, `exit_count`: what payers settled in the year before week `start`, of those that are watched."""
    settled = (
        hazard_counts.filter(pl.col("age_week").is_between(start, start + YEAR_WEEKS - 1))
        .group_by("payer_key")
        .agg(pl.col("exit_count").sum())
        .filter(pl.col("exit_count") >= FEWEST_SETTLED)
        .sort("payer_key")
    )
    return settled if most_payers is None else settled.gather_every(max(1, -(-settled.height // most_payers)))


def likelihood_ratios(
    risk: DaysAtRisk,
    hazards: Hazards,
    effects: Multipliers,
    axis: Axis,
    payer_keys: np.ndarray,
    of_day: np.ndarray | None = None,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """[payers, days] by direction: Σ of log-likelihood ratios of each day, those of one due day averaged.

    With h₀ the payer's own hazard at lateness l and h₁ its hazard at l − 7 (slower) or l + 7 (faster), a receivable
    that leaves gives log h₁/h₀ and one that stays log (1 − h₁)/(1 − h₀): a missing payment tells at once. Receivables
    due on one day are paid together and averaged (a composite likelihood; Varin, Reid and Firth 2011). Both hazards
    have the effects of the calendar, and of the day on all other payers.
    """
    size, width = len(payer_keys), len(axis.dates)
    score = hazards.scores[hazards.rows_of(payer_keys)]

    def scores(lateness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lateness_bin = bin_of(lateness)
        place = CLASS_OF_BIN[lateness_bin]
        weekday, position = axis.weekday[risk.day], axis.month_position[risk.day]
        shared = effects.weekday[place, weekday] + effects.month_position[place, position]
        return score[risk.row, lateness_bin] + shared, place

    plain, place = scores(risk.lateness)
    cell = risk.row * width + risk.day
    of_day = day_effects(risk, expit(plain), place, size, width) if of_day is None else of_day
    usual = expit(plain + of_day[cell, place])
    found = {}
    for name, shift in SHIFTS.items():
        other, place = scores(risk.lateness - shift)
        changed = expit(other + of_day[cell, place])
        held = (-LARGEST_RATIO, LARGEST_RATIO)
        leaves, stays = np.log(changed / usual).clip(*held), np.log((1.0 - changed) / (1.0 - usual)).clip(*held)
        found[name] = by_day(risk, risk.share * (risk.exits * leaves + risk.stays * stays), stays, size, width)
    return found, of_day


def by_day(risk: DaysAtRisk, ratio: np.ndarray, stays: np.ndarray, size: int, width: int) -> np.ndarray:
    """[payers, days]: sums of ratios, divided by the `RUN_POWER` of the due days that tell something."""
    cell = risk.row * width + risk.day
    tells = risk.share * (risk.exits + risk.stays) * (np.abs(stays) > TELLING)
    due_days = np.bincount(cell, tells, size * width).reshape(size, width)
    return np.bincount(cell, ratio, size * width).reshape(size, width) / np.maximum(due_days, 1.0) ** RUN_POWER


def day_effects(risk: DaysAtRisk, hazard: np.ndarray, place: np.ndarray, size: int, width: int) -> np.ndarray:
    """[payers × days, classes]: what each day did to the logit of all payers but the one, by class of lateness.

    A ridge step from the expected exits: a day on which the banks are closed, or the book is posted late, is no
    payer's behaviour.
    """
    at = (risk.row * width + risk.day) * CLASSES + place
    whole = risk.share * (risk.exits + risk.stays)
    parts = (risk.share * risk.exits, whole * hazard, whole * hazard * (1.0 - hazard))
    others = []
    for part in parts:
        own = np.bincount(at, part, size * width * CLASSES).reshape(size, width, CLASSES)
        others.append((own.sum(axis=0) - own).reshape(size * width, CLASSES))
    seen, expected, information = others
    return ridge_step(seen, expected, information, DAY_STRENGTH)


def cusum(ratios: np.ndarray) -> np.ndarray:
    """`S_t = max(0, S_{t-1} + ratio_t)` along days (Page 1954), rows apart."""
    found, running = np.zeros_like(ratios), np.zeros(len(ratios))
    for day in range(ratios.shape[1]):
        running = np.maximum(0.0, running + ratios[:, day])
        found[:, day] = running
    return found
