"""Draws of cash: sums of distributions that move together, never of point dates.

Belongs here: seeded draws of settlement days and of billings, and sums of the same draws for any level. Does not:
calibration of their width (`conformal`).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from models.forecasts.settings import ForecastSettings

LEVELS = (0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975)
QUANTILES = ("p025", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "p975")
BREAKS_PER_WEEK = 1 / 26
BREAK_SIZE = 0.35


def generator(settings: ForecastSettings, as_of_ordinal: int, purpose: int) -> np.random.Generator:
    """Random numbers that depend on seed, day and purpose alone."""
    return np.random.default_rng([settings.seed, as_of_ordinal, purpose])


def draw_settlement_days(
    cash: np.ndarray, payers: np.ndarray, rng: np.random.Generator, settings: ForecastSettings
) -> np.ndarray:
    """[draws, cells] of int16: on which day (0 the first) a cell's cash comes; the number of days where it does not
    within them.

    A cell (payer × due day) is a batch and is paid together. Cells hang together through a Gaussian copula: a shock
    that all
    share, one of the payer, and one of the cell, so that each keeps its own distribution exactly: `u = Φ(√a·g + √b·p
    + √(1-a-b)·e)`,
    `day = F⁻¹(u)` (Li 2000). A shared shock of that kind moves the log of the cumulated hazard of all cells one way.
    `cash`: [cells, days], probabilities; `payers`: [cells], numbered from 0.
    """
    count, size = settings.draws, len(cash)
    shared, own = settings.shared_correlation, settings.payer_correlation
    cumulative = np.cumsum(cash, axis=1).astype(np.float32)
    of_all = rng.standard_normal((count, 1), dtype=np.float32)
    of_payer = rng.standard_normal((count, int(payers.max(initial=-1)) + 1), dtype=np.float32)
    drawn = np.empty((count, size), dtype=np.int16)
    for start in range(0, size, 4096):
        part = slice(start, min(start + 4096, size))
        noise = rng.standard_normal((count, part.stop - part.start), dtype=np.float32)
        latent = np.sqrt(shared) * of_all + np.sqrt(own) * of_payer[:, payers[part]] + np.sqrt(1 - shared - own) * noise
        drawn[:, part] = _inverse(cumulative[part], ndtr(latent))
    return drawn


def _inverse(cumulative: np.ndarray, level: np.ndarray) -> np.ndarray:
    """First day by which each cell's [cells, days] distribution exceeds its level [draws, cells]."""
    found = np.empty(level.shape, dtype=np.int16)
    for cell, asked in enumerate(np.ascontiguousarray(level.T)):
        found[:, cell] = np.searchsorted(cumulative[cell], asked, "right")
    return found


def cash_by_period(
    drawn: np.ndarray, amounts: np.ndarray, labels: np.ndarray, size: int, period_of_day: np.ndarray, periods: int
) -> np.ndarray:
    """[draws, size, periods]: cash of each label by period in each draw; a label is any level's number for each cell.

    Sums of the same draws: labels of payers add up to those of segments, days to weeks. `period_of_day`: [days + 1],
    the period of each drawn day, `periods` or more where it is outside.
    """
    found = np.zeros((len(drawn), size, periods + 1))
    clipped = np.minimum(period_of_day, periods)
    for row, days in enumerate(drawn):
        place = labels * (periods + 1) + clipped[days]
        found[row] = np.bincount(place, amounts, size * (periods + 1)).reshape(size, periods + 1)
    return found[:, :, :periods]


def draw_billings(
    mean: np.ndarray, smoothing: float, residuals: np.ndarray, rng: np.random.Generator, settings: ForecastSettings
) -> np.ndarray:
    """[draws, weeks] of billings: a local level on the log with resampled residuals, and rare breaks of the level.

    `log y_h = log m_h + α·Σ_{j<h} e_j + e_h + Σ breaks`, centred so that the mean of draws is `mean` (Hyndman et al.
    2008, 6.1; breaks twice a year of a third: what a smoothing of calm weeks cannot know).
    """
    shape = (settings.draws, len(mean))
    noise = rng.choice(residuals, shape) if len(residuals) else np.zeros(shape)
    broken = (rng.random(shape) < BREAKS_PER_WEEK) * rng.standard_normal(shape) * BREAK_SIZE
    level = smoothing * (np.cumsum(noise, axis=1) - noise) + np.cumsum(broken, axis=1)
    path = np.exp(np.clip(level + noise, -3, 3))
    return mean * path / path.mean(axis=0)


def scale_draws(draws: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Draws [draws, weeks] pulled from or towards their mean, a factor a week: linear, so that levels still add up."""
    return mean + (draws - mean) * scale
