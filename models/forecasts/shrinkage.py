"""Empirical Bayes for rates: what was seen, and the parent for what was not.

Belongs here: one formula. Does not: what is counted.
"""

from __future__ import annotations

import numpy as np


def shrink(exits: np.ndarray, at_risk: np.ndarray, parent: np.ndarray, strength: float | np.ndarray) -> np.ndarray:
    """`h = (d + K·h_parent) / (n + K)`: the mean of a beta posterior whose prior is worth K trials at the parent's
    rate.

    Shapes broadcast; `exits` and `at_risk` in (weighted) trials. Efron and Morris (1975); Gelman et al., BDA, 5.3.
    """
    return (exits + strength * parent) / (at_risk + strength)


def strength(parent: np.ndarray, trials: float, exits: float) -> np.ndarray:
    """`K = max(trials, exits / h_parent)`: a prior worth so many trials, and so many exits.

    Where hardly anyone leaves (early, or months late), six days at risk say nothing: six trials at .01 would let one
    exit raise the hazard fourteenfold. There the prior is counted in exits, as a gamma's is.
    """
    return np.maximum(trials, exits / np.maximum(parent, 1e-6))


def logit(rate: np.ndarray) -> np.ndarray:
    """`log(p / (1 - p))`, of rates held between 1e-4 and .995."""
    held = np.clip(rate, 1e-4, 0.995)
    return np.log(held / (1.0 - held))


def expit(score: np.ndarray) -> np.ndarray:
    """`1 / (1 + exp(-z))`."""
    return 1.0 / (1.0 + np.exp(-score))


def ridge_step(observed: np.ndarray, expected: np.ndarray, information: np.ndarray, strength: float) -> np.ndarray:
    """`δ = (observed - expected) / (Σ h(1-h) + k)`: one Newton step of a ridge logit from the expected rate, within ±2.

    It is `log((observed + k) / (expected + k))` to first order where hazards are small, and keeps them below one where
    they are not (at the due date 9 of 10 pay: a factor would carry past one).
    """
    return np.clip((observed - expected) / (information + strength), -2.0, 2.0)
