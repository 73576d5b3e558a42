"""Invoices not yet raised: how much by week, and when they become cash.

Belongs here: the level of billings, and the profile of collection of what was billed lately. Does not: open items.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from models.forecasts.hazard import Hazards
from models.forecasts.lateness import bin_of
from models.forecasts.settings import ForecastSettings
from models.forecasts.shrinkage import expit

FIRST_PRIOR = 8
LEVEL_WEEKS = 8
LONG_WEEKS = 52
MOST_REVERSION = 0.8
REVERSION_WEEKS = 6.0
USUAL_DAYS = 5.0
HOLIDAY_PRIOR = 0.15
FLOOR = 0.05
LONGEST_RESIDUAL = 0.7


@dataclass(frozen=True)
class Billings:
    """Billings of the weeks ahead: mean by week, smoothing and residuals of the log of the level."""

    mean: np.ndarray
    smoothing: float
    residuals: np.ndarray


@dataclass(frozen=True)
class Ahead:
    """Calendar days after an origin: business-day indexes (counted from the origin's), weekdays, holidays, weeks."""

    business_day: np.ndarray
    next_business_day: np.ndarray
    weekday: np.ndarray
    holiday: np.ndarray
    week_of_business_day: np.ndarray
    """By business day counted from the origin (0): the week ahead that it lies in."""


def days_ahead(days: pl.DataFrame, as_of: date, origin_day: int, span: int = 400) -> Ahead:
    """The calendar days after `as_of`, from `calendar.business_days` of one calendar."""
    part = days.filter(pl.col("date") > as_of).sort("date").head(span)
    weekday, is_open = part["weekday"].to_numpy(), part["is_business_day"].to_numpy()
    week = np.append(0, np.flatnonzero(is_open) // 7)
    index, following = part["business_day"].to_numpy() - origin_day, part["next_business_day"].to_numpy() - origin_day
    return Ahead(index, following, weekday, ~is_open & (weekday < 5), week)


def forecast_billings(amounts: np.ndarray, business_days: np.ndarray, ahead: np.ndarray) -> Billings:
    """Weekly billings ahead: exponential smoothing of the log and the last 8 weeks' mean, going back to the year's
    mean.

    `amounts`: [weeks], oldest first, complete weeks; `business_days`: of those weeks; `ahead`: of the weeks ahead.
    The log of billings, less the holidays' part of it (`holiday_elasticity`), is smoothed by ETS(A,N,N) (Hyndman et al.
    2008; statsmodels). Its level and the last 8 weeks' mean are averaged (as logs), and go back, by four fifths at
    most,
    to the last 52 weeks' mean. A week below a twentieth of the median counts as that, so that a closed week does not
    carry the level off.
    """
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    if not len(amounts) or amounts.sum() <= 0:
        return Billings(np.zeros(len(ahead)), 0.0, np.zeros(1))
    elasticity = holiday_elasticity(amounts, business_days)
    rate = amounts / (np.maximum(business_days, 1) / USUAL_DAYS) ** elasticity
    full = (ahead / USUAL_DAYS) ** elasticity
    middle = np.median(rate[rate > 0])
    series = np.log(np.maximum(rate, FLOOR * middle))
    if len(series) < FIRST_PRIOR:
        return Billings(np.mean(rate) * full, 0.3, series - series.mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted: Any = ETSModel(series, error="add", trend=None).fit(disp=False, maxiter=200)
    smoothing = float(np.clip(fitted.params[0], 0.05, 0.6))
    level, residuals = smooth(series, smoothing)
    usual = np.exp(residuals).mean()
    lately, usually = max(rate[-LEVEL_WEEKS:].mean(), FLOOR * middle), rate[-LONG_WEEKS:].mean()
    back = MOST_REVERSION * (1.0 - np.exp(-np.arange(1, len(ahead) + 1) / REVERSION_WEEKS))
    mean = np.sqrt(np.exp(level) * usual * lately) ** (1.0 - back) * usually**back * full
    return Billings(mean, smoothing, np.clip(residuals, -LONGEST_RESIDUAL, LONGEST_RESIDUAL))


def holiday_elasticity(amounts: np.ndarray, business_days: np.ndarray) -> float:
    """How billings follow the business days of a week: 0 not at all, 1 in proportion.

    Ridge regression of the log of billings, less the median of the four weeks on either side, on the log of business
    days:
    `β = (Σ x·y + λ·½) / (Σ x² + λ)`, λ worth three weeks with one holiday. Many books bill as much in a short week.
    """
    known = (amounts > 0) & (business_days > 0)
    level = np.array([np.median(amounts[max(place - 4, 0) : place + 5]) for place in range(len(amounts))])
    known &= level > 0
    days = np.log(np.maximum(business_days, 1) / USUAL_DAYS)[known]
    apart = np.clip(np.log(amounts[known] / level[known]), -1.0, 1.0)
    weight = HOLIDAY_PRIOR
    return float(np.clip((days @ apart + weight * 0.5) / (days @ days + weight), 0.0, 1.0))


def smooth(series: np.ndarray, smoothing: float) -> tuple[float, np.ndarray]:
    """Last level of simple exponential smoothing `l += α·(y - l)` from the first weeks' mean, and its one-step
    errors."""
    level, errors = float(series[:FIRST_PRIOR].mean()), np.empty(len(series))
    for place, value in enumerate(series):
        errors[place] = value - level
        level += smoothing * errors[place]
    return level, errors


def collection_curves(
    payer_keys: np.ndarray,
    terms: np.ndarray,
    amounts: np.ndarray,
    hazards: Hazards,
    settings: ForecastSettings,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cash by lateness of what was billed lately, for each length of terms, through the hazards as they stand.

    `terms`: calendar days from entry to due; `amounts`: billed lately by payer and terms. Returns the lengths of
    terms, their
    share of the money, and [terms, days]: share that is cash on the n-th business day after `entry_lateness` of its
    terms.
    """
    lengths, place = np.unique(terms, return_inverse=True)
    money = np.bincount(place, amounts, len(lengths))
    step = np.arange(1, settings.longest_days + 1)
    curves = np.zeros((len(lengths), len(step)))
    row = hazards.rows_of(payer_keys)
    for start in range(0, len(row), 8192):
        part = slice(start, start + 8192)
        bins = bin_of(entry_lateness(terms[part])[:, None] + step)
        hazard = expit(hazards.scores[row[part][:, None], bins])
        survival = np.cumprod(1.0 - hazard, axis=1)
        settled = np.hstack([np.ones((len(survival), 1)), survival[:, :-1]]) * hazard * hazards.cash_share[bins]
        np.add.at(curves, place[part], amounts[part][:, None] * settled)
    return lengths, money / max(money.sum(), 1e-12), curves / np.maximum(money, 1e-12)[:, None]


def entry_lateness(terms: np.ndarray) -> np.ndarray:
    """Business days after the due date at which an item of these terms (calendar days) enters the book, about five in
    seven."""
    return -np.round(terms * 5.0 / 7.0).astype(int)


@dataclass(frozen=True)
class Collections:
    """What becomes of a week's billings (rows), as shares of them, by week (columns)."""

    receipts: np.ndarray
    """[weeks, weeks]: cash in each week."""
    overdue: np.ndarray
    """[weeks, weeks]: past due and unpaid at each week's end."""


def collections_by_billing_week(
    curves: tuple[np.ndarray, np.ndarray, np.ndarray],
    paid_on_entry: float,
    weekday_share: np.ndarray,
    ahead: Ahead,
    weeks: int,
) -> Collections:
    """Shares of the billings of each week ahead that are cash in each week, and past due at its end.

    A week's billings are spread over its days as lately over weekdays (none on holidays); each day's due dates follow
    in calendar days by terms and roll to a business day, as those of real invoices do; cash follows by lateness.
    """
    lengths, money, curve = curves
    receipts, overdue = np.zeros((weeks, weeks + 1)), np.zeros((weeks, weeks))
    terms = np.arange(len(lengths))[:, None] * (weeks + 1)
    for billed in range(weeks):
        days = np.arange(7 * billed, 7 * billed + 7)
        share = weekday_share[ahead.weekday[days]] * ~ahead.holiday[days] + 1e-9
        for day, part in zip(days, share / share.sum(), strict=True):
            receipts[billed, billed] += part * paid_on_entry
            entered, owed = ahead.business_day[day], part * (1.0 - paid_on_entry) * money
            due = ahead.next_business_day[np.clip(day + lengths, 0, len(ahead.weekday) - 1)]
            cash_on = np.maximum(
                (due + entry_lateness(lengths))[:, None] + np.arange(1, curve.shape[1] + 1), entered + 1
            )
            week = ahead.week_of_business_day[np.clip(cash_on, 0, len(ahead.week_of_business_day) - 1)]
            place = (np.minimum(week, weeks) + terms).ravel()
            cash = np.bincount(place, (owed[:, None] * curve).ravel(), len(lengths) * (weeks + 1))
            cash = cash.reshape(len(lengths), weeks + 1)
            receipts[billed] += cash.sum(axis=0)
            # a week's last day is the seventh; what is due on that day is not past due
            is_late = (day + lengths)[:, None] < 7 * np.arange(weeks) + 6
            unpaid = owed[:, None] - np.cumsum(cash[:, :weeks], axis=1)
            overdue[billed, billed:] += (is_late * np.maximum(unpaid, 0.0)).sum(axis=0)[billed:]
    return Collections(receipts[:, :weeks], overdue)
