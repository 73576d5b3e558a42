"""Invoices not yet raised: how much by week, and when they become cash.

Belongs here: the level of billings, and the profile of collection of what was billed lately. Does not: open items.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from models.forecasts.hazard import Hazards
from models.forecasts.lateness import bin_of
from models.forecasts.settings import ForecastSettings
from models.forecasts.shrinkage import expit

FIRST_PRIOR = 8
LEVEL_WEEKS = 8
FLOOR = 0.05
LONGEST_RESIDUAL = 0.7


@dataclass(frozen=True)
class Billings:
    """Billings of the weeks ahead: mean by week, smoothing and residuals of the log of the level."""

    mean: np.ndarray
    smoothing: float
    residuals: np.ndarray


def forecast_billings(amounts: np.ndarray, business_days: np.ndarray, ahead: np.ndarray) -> Billings:
    """Weekly billings ahead, by business days: geometric mean of exponential smoothing of the log and the last 8 weeks' mean.

    `amounts`: [weeks], oldest first, complete weeks; `business_days`: of those weeks; `ahead`: of the weeks ahead. The log of
    billings by business day is smoothed by ETS(A,N,N) (Hyndman et al. 2008; statsmodels). A week without business days is as
    the one before; a week below a twentieth of the median counts as that, so that a closed week does not carry the level off.
    """
    if not len(amounts) or amounts.sum() <= 0:
        return Billings(np.zeros(len(ahead)), 0.0, np.zeros(1))
    rate = amounts / np.maximum(business_days, 1)
    middle = np.median(rate[rate > 0])
    series = np.log(np.maximum(rate, FLOOR * middle))
    if len(series) < FIRST_PRIOR:
        return Billings(np.mean(rate) * ahead, 0.3, series - series.mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = ETSModel(series, error="add", trend=None).fit(disp=False, maxiter=200)
    smoothing = float(np.clip(fitted.params[0], 0.05, 0.6))
    level, residuals = smooth(series, smoothing)
    usual = np.exp(residuals).mean()
    lately = rate[-LEVEL_WEEKS:].mean()
    mean = np.sqrt(np.exp(level) * usual * max(lately, FLOOR * middle)) * ahead
    return Billings(mean, smoothing, np.clip(residuals, -LONGEST_RESIDUAL, LONGEST_RESIDUAL))


def smooth(series: np.ndarray, smoothing: float) -> tuple[float, np.ndarray]:
    """Last level of simple exponential smoothing `l += α·(y - l)` from the first weeks' mean, and its one-step errors."""
    level, errors = float(series[:FIRST_PRIOR].mean()), np.empty(len(series))
    for place, value in enumerate(series):
        errors[place] = value - level
        level += smoothing * errors[place]
    return level, errors


def collection_profile(
    payer_keys: np.ndarray, terms_days: np.ndarray, amounts: np.ndarray, paid_on_entry: float, hazards: Hazards, settings: ForecastSettings,
) -> np.ndarray:
    """[days + 1]: share of billed money that is cash on the n-th business day after its entry (0: on the entry).

    What was billed lately, `amounts` by payer and business days from entry to due, run through the hazards as they stand;
    `paid_on_entry`: share of money that was paid by its entry and never was open.
    """
    step = np.arange(1, settings.longest_days + 1)
    profile = np.zeros(len(step) + 1)
    total = amounts.sum()
    if total <= 0:
        return profile
    row = hazards.rows_of(payer_keys)
    for start in range(0, len(row), 8192):
        part = slice(start, start + 8192)
        bins = bin_of(step - terms_days[part][:, None])
        hazard = expit(hazards.scores[row[part][:, None], bins])
        survival = np.cumprod(1.0 - hazard, axis=1)
        settled = np.hstack([np.ones((len(survival), 1)), survival[:, :-1]]) * hazard * hazards.cash_share[bins]
        profile[1:] += amounts[part] @ settled
    profile *= (1.0 - paid_on_entry) / total
    profile[0] = paid_on_entry
    return profile


def receipts_by_billing_week(profile: np.ndarray, weekday_share: np.ndarray, week_of_day: np.ndarray, weekday: np.ndarray, weeks: int) -> np.ndarray:
    """[weeks, weeks]: share of the billings of a week (row) that is cash in each week (column).

    `week_of_day`, `weekday`: of the business days ahead; `weekday_share`: of billed money by weekday, which is spread over the
    business days that the week has.
    """
    found = np.zeros((weeks, weeks))
    for billed in range(weeks):
        days = np.flatnonzero(week_of_day == billed)
        share = weekday_share[weekday[days]] + 1e-6
        for day, part in zip(days, share / share.sum(), strict=True):
            reach = min(len(profile), len(week_of_day) - day)
            found[billed] += part * np.bincount(np.minimum(week_of_day[day:day + reach], weeks), profile[:reach], weeks + 1)[:weeks]
    return found
