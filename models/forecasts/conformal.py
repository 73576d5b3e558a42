"""How wide intervals must be to cover what they say: by what those of past origins missed.

Belongs here: factors on the width, by horizon. Does not: the draws themselves (`simulation`).
"""

from __future__ import annotations

import numpy as np

FEWEST = 8
HALF_LIFE = 26.0
PRIOR = 1.0
NARROWEST = {"open_items": 0.4, "total": 0.9}
"""Billings break rarely: a calm past is no evidence that they will not, so the total is hardly narrowed."""
WIDEST = 6.0


def scores(actual: np.ndarray, mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Distance of what came from the mean, in half-widths of that side of the interval: above one it was missed."""
    side = np.where(actual >= mean, high - mean, mean - low)
    return np.abs(actual - mean) / np.maximum(side, 1e-9 + 1e-6 * np.abs(mean))


def width_factor(past: np.ndarray, ages: np.ndarray, level: float, neighbours: np.ndarray, narrowest: float) -> float:
    """The factor that would have covered `level` of past origins whose horizon has wholly passed.

    `past`: their scores; `ages`: in weeks. The `⌈(n+1)·level⌉`-th smallest as in split conformal prediction (Vovk et
    al. 2005),
    with weights that halve in half a year (Barber et al. 2023). With fewer than eight, the root mean square of
    `neighbours`
    (scores of other horizons, divided by the normal half-width of the level) shrunken to one: variance components.
    """
    if len(past) < FEWEST:
        return _variance_factor(neighbours, level, narrowest)
    weight = 0.5 ** (ages / HALF_LIFE)
    order = np.argsort(past, kind="stable")
    covered = np.cumsum(weight[order]) / (weight.sum() + 1.0)
    place = min(int(np.searchsorted(covered, level)), len(past) - 1)
    return float(np.clip(past[order][place], narrowest, WIDEST))


def _variance_factor(found: np.ndarray, level: float, narrowest: float) -> float:
    """Root mean square of scores in normal half-widths, eight scores of one being known beforehand."""
    half = 1.2816 if level < 0.9 else 1.96
    square = (np.sum((found * half) ** 2) + FEWEST * PRIOR) / (len(found) + FEWEST)
    return float(np.clip(np.sqrt(square), narrowest, WIDEST))
