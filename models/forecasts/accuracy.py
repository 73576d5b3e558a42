"""How good forecasts were: the measures, one formula each.

Belongs here: formulas over arrays. Does not: which forecasts are measured (`backtest`), or actual ÷ forecast, ever.
"""

from __future__ import annotations

import numpy as np


def wape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """`Σ|a - f| / Σ|a|` (Hyndman and Koehler 2006)."""
    return float(np.abs(actual - forecast).sum() / max(np.abs(actual).sum(), 1e-12))


def net_error(actual: np.ndarray, forecast: np.ndarray) -> float:
    """`|Σf - Σa| / Σ|a|`: what is left when misses of single periods cancel."""
    return float(abs(forecast.sum() - actual.sum()) / max(np.abs(actual).sum(), 1e-12))


def bias(actual: np.ndarray, forecast: np.ndarray) -> float:
    """`(Σf - Σa) / Σ|a|`: above zero, too much was promised."""
    return float((forecast.sum() - actual.sum()) / max(np.abs(actual).sum(), 1e-12))


def mase(actual: np.ndarray, forecast: np.ndarray, history: np.ndarray) -> float:
    """Mean absolute error over that of the one-step naive forecast of the history (Hyndman and Koehler 2006).

    Not a number where the history has no step.
    """
    if len(history) < 2:
        return float("nan")
    return float(np.abs(actual - forecast).mean() / max(np.abs(np.diff(history)).mean(), 1e-12))


def crps_of_quantiles(actual: np.ndarray, quantiles: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """`2·∫ pinball dτ` by the trapezoid over the given levels (Gneiting and Raftery 2007). `quantiles`: [rows,
    levels]."""
    miss = actual[:, None] - quantiles
    pinball = np.maximum(levels * miss, (levels - 1.0) * miss)
    inner = np.trapezoid(pinball, levels, axis=1)
    ends = pinball[:, 0] * levels[0] / 2 + pinball[:, -1] * (1 - levels[-1]) / 2
    return 2.0 * (inner + ends)


def crps_of_days(cumulative: np.ndarray, days: np.ndarray) -> np.ndarray:
    """`Σ_t (F(t) - 1{y ≤ t})²` over calendar days 1 to the last of `cumulative` [items, days]: CRPS in days, cut at
    the last.

    `days`: when each was settled, anything beyond the last where it was not. Gneiting and Raftery (2007).
    """
    step = np.arange(1, cumulative.shape[1] + 1)
    return ((cumulative - (days[:, None] <= step)) ** 2).sum(axis=1)


def median_day(cumulative: np.ndarray) -> np.ndarray:
    """First calendar day by which half of the probability has come; one past the last where it never does."""
    return (cumulative < 0.5).sum(axis=1) + 1


def brier(probability: np.ndarray, happened: np.ndarray) -> float:
    """Mean of `(p - y)²` (Brier 1950)."""
    return float(((probability - happened) ** 2).mean())


def winkler(actual: np.ndarray, low: np.ndarray, high: np.ndarray, level: float) -> float:
    """Mean width plus `2/α` times what fell outside (Winkler 1972)."""
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return float((high - low + 2.0 / (1.0 - level) * outside).mean())


def coverage(actual: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Share of actuals within the interval, ends included."""
    return float(((actual >= low) & (actual <= high)).mean())


def ratio_interval(
    ours: np.ndarray, theirs: np.ndarray, seed: int, draws: int = 1000, block: int = 4
) -> tuple[float, float, float]:
    """`Σ ours / Σ theirs` over origins with its 95 % interval, by a moving-block bootstrap of origins (Künsch 1989).

    Origins overlap, so they are drawn in blocks of four in a row.
    """
    count = len(ours)
    point = float(ours.sum() / max(theirs.sum(), 1e-12))
    if count < 2:
        return point, point, point
    rng, block = np.random.default_rng(seed), min(block, count)
    starts = rng.integers(0, count - block + 1, (draws, -(-count // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :count]
    ratios = ours[rows].sum(axis=1) / np.maximum(theirs[rows].sum(axis=1), 1e-12)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return point, float(low), float(high)


def noise_floor(probability: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """[weeks]: the model's own expected absolute error were it exactly right, batches paying together: `√(2/π · Σ
    a²·q·(1-q))`.

    `probability`: [batches, weeks] of paying in that week; `amounts`: [batches].
    """
    variance = (amounts[:, None] ** 2 * probability * (1.0 - probability)).sum(axis=0)
    return np.sqrt(2.0 / np.pi * variance)
