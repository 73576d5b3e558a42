"""How large a cumulative sum must be: the book's own history says how large it gets without reason.

Belongs here: the distribution of peaks, thresholds, and the rate of false discoveries. Does not: the sums
(`behaviour_change`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ALARMS_PER_YEAR = 0.05
"""Share of unchanged payers on which one direction raises an alarm within a year."""
FEWEST_PEAKS = 100
"""Peaks of earlier weeks without which nothing can be said."""
TAIL = 0.1
"""Share of peaks from which on an exponential tail is laid through them."""


@dataclass(frozen=True)
class Peaks:
    """Peaks of the cumulative sums of one direction in earlier stretches of the same length, over all payers."""

    values: np.ndarray
    """Ascending."""

    def tail(self) -> tuple[float, float]:
        """Where the largest tenth begins, and its mean excess."""
        edge = float(np.quantile(self.values, 1.0 - TAIL))
        return edge, max(float((self.values[self.values >= edge] - edge).mean()), 1e-9)

    def chance(self, peak: np.ndarray) -> np.ndarray:
        """Probability of a peak as large without a change.

        Its share in history; above the largest tenth by an exponential tail with its mean excess, which the maximum of
        a CUSUM has (Siegmund 1985, 2.6). Real changes of the past are among its peaks and make it cautious.
        """
        count = len(self.values)
        share = (count - np.searchsorted(self.values, peak, "left") + 1.0) / (count + 1.0)
        edge, excess = self.tail()
        return np.where(peak > edge, TAIL * np.exp(-np.maximum(peak - edge, 0.0) / excess), np.maximum(share, TAIL))

    def threshold(self, stretches_per_year: float) -> float:
        """The peak that `ALARMS_PER_YEAR` of payers pass within a year of stretches, by the same tail."""
        of_stretch = 1.0 - (1.0 - ALARMS_PER_YEAR) ** (1.0 / stretches_per_year)
        edge, excess = self.tail()
        return edge + excess * float(np.log(TAIL / of_stretch))


def false_discovery_rates(chances: np.ndarray) -> np.ndarray:
    """Smallest rate of false discoveries at which each is one: `min over j ≥ i of m·p_(j) / j`, at most one.

    Benjamini and Hochberg (1995), as adjusted p-values.
    """
    count = len(chances)
    order = np.argsort(-chances, kind="stable")
    scaled = chances[order] * count / np.arange(count, 0, -1)
    found = np.empty(count)
    found[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return found
