"""What weekdays, the month and the last weeks do to the whole book's hazards, by class of lateness.

Belongs here: effects on the logit that all payers share. Does not: hazards of payers (`hazard`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.forecasts.calendar import APART, MONTH_POSITIONS
from models.forecasts.lateness import BINS, CLASS_OF_BIN, CLASSES
from models.forecasts.settings import ForecastSettings
from models.forecasts.shrinkage import expit, logit, ridge_step, shrink

WEEKDAYS = 7
LOOK_BACK_DAYS = 520


@dataclass(frozen=True)
class Multipliers:
    """Added to the logit: [classes, 7] by weekday, [classes, 6] by month position, [classes] for the last weeks
    (fading)."""

    weekday: np.ndarray
    month_position: np.ndarray
    recent: np.ndarray


def dense_counts(calendar_counts: pl.DataFrame, origin_days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At risk and exits as [bins, days] over the business days to the origin, one calendar after the other."""
    parts = [_dense_counts(calendar_counts, int(origin_day)) for origin_day in origin_days]
    at_risk, exits = zip(*parts, strict=True)
    return np.concatenate(at_risk, axis=1), np.concatenate(exits, axis=1)


def _dense_counts(calendar_counts: pl.DataFrame, origin_day: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of the calendar that `origin_day` is of; days that follow it are not known and not read.

    Between the rows of `calendar_counts` what is at risk stands still.
    """
    first = origin_day - LOOK_BACK_DAYS
    at_risk, exits = np.zeros((BINS, LOOK_BACK_DAYS + 1)), np.zeros((BINS, LOOK_BACK_DAYS + 1))
    own = pl.col("business_day").is_between(origin_day // APART * APART, origin_day)
    rows = calendar_counts.filter(own).sort("lateness_bin", "business_day")
    for (lateness_bin,), part in rows.partition_by("lateness_bin", as_dict=True).items():
        day, running = part["business_day"].to_numpy() - first, part["at_risk_count"].to_numpy()
        place = np.searchsorted(day, np.arange(LOOK_BACK_DAYS + 1), "right") - 1
        at_risk[lateness_bin] = np.where(place >= 0, running[np.clip(place, 0, None)], 0)
        inside = day >= 0
        exits[lateness_bin, day[inside]] = part["exit_count"].to_numpy()[inside]
    return at_risk, exits


def fit_multipliers(
    calendar_counts: pl.DataFrame, days: pl.DataFrame, origin_days: np.ndarray, settings: ForecastSettings
) -> Multipliers:
    """Effects as of an origin, the business days `origin_days` of the calendars, each a ridge step from what the
    book's hazards and the effects before it expect.

    `calendar_counts`: `lateness_bin`, `business_day`, `at_risk_count`, `exit_count`; `days` as of
    `calendar.business_days`.
    """
    at_risk, exits = dense_counts(calendar_counts, origin_days)
    back = np.arange(LOOK_BACK_DAYS, -1, -1)
    weekday, position = places(days, (origin_days[:, None] - back).ravel())
    age = np.tile(back, len(origin_days))
    weight = 0.5 ** (age / settings.half_life_days)
    book = shrink((weight * exits).sum(1), (weight * at_risk).sum(1), np.array(0.01), 5.0)
    score = np.repeat(logit(book)[:, None], len(age), 1)
    by_weekday = _effect(score, at_risk, exits, weight, weekday, WEEKDAYS, settings.weekday_strength)
    score = score + by_weekday[CLASS_OF_BIN][:, weekday]
    by_position = _effect(score, at_risk, exits, weight, position, MONTH_POSITIONS, settings.month_position_strength)
    score = score + by_position[CLASS_OF_BIN][:, position]
    fresh = 0.5 ** (age / settings.recent_half_life_days)
    recent = _effect(score, at_risk, exits, fresh, np.zeros(len(age), dtype=int), 1, settings.recent_strength)[:, 0]
    return Multipliers(by_weekday, by_position, recent)


def places(days: pl.DataFrame, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weekday and month position of business days by their index; of those before the first known, another's."""
    business = days.filter(pl.col("is_business_day")).sort("business_day")
    known, weekday, position = (business[name].to_numpy() for name in ("business_day", "weekday", "month_position"))
    held = np.maximum(np.searchsorted(known, index, "right") - 1, 0)
    return weekday[held], position[held]


def _effect(
    score: np.ndarray,
    at_risk: np.ndarray,
    exits: np.ndarray,
    weight: np.ndarray,
    place: np.ndarray,
    size: int,
    strength: float,
) -> np.ndarray:
    """[classes, size]: ridge steps of the classes of lateness at each place, from scores [bins, days]."""
    hazard = expit(score)
    found = np.zeros((CLASSES, size))
    for each in range(CLASSES):
        rows = each == CLASS_OF_BIN
        seen = np.bincount(place, (weight * exits[rows]).sum(0), size)
        expected = np.bincount(place, (weight * at_risk[rows] * hazard[rows]).sum(0), size)
        information = np.bincount(place, (weight * at_risk[rows] * hazard[rows] * (1 - hazard[rows])).sum(0), size)
        found[each] = ridge_step(seen, expected, information, strength)
    return found
