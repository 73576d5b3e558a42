"""How much a thin pool's own record counts, what stands in for it, and how uncertain a rate is.

Credibility by events: `z = n / (n + k)` with n credit losses (Buehlmann's form, k from the policy). Where nobody ever
lost anything, the rate is bounded by what such a record cannot rule out: `1 - .05^(1/n)` with n customers (Clopper
and Pearson 1934, at no event).
"""

from __future__ import annotations

from scipy.stats import chi2

UNLIKELY = 0.05


def credibility(loss_events: int, half_at: int) -> float:
    """The weight of a pool's own rate beside its parent's: one half at `half_at` losses."""
    return loss_events / (loss_events + half_at)


def floor_rate(customers: int) -> float:
    """The highest rate of which a record of so many customers without a loss is not unlikely; 1 without customers."""
    return 1.0 - UNLIKELY ** (1.0 / customers) if customers else 1.0


def interval(rate: float, loss_events: int, customers: int) -> tuple[float, float]:
    """The 95 % interval of a rate that rests on so many losses, as of a Poisson count (Garwood 1936).

    Without a loss, from nothing to the floor.
    """
    if not loss_events:
        return 0.0, floor_rate(customers)
    low = float(chi2.ppf(0.025, 2 * loss_events)) / 2
    high = float(chi2.ppf(0.975, 2 * loss_events + 2)) / 2
    return rate * low / loss_events, min(1.0, rate * high / loss_events)
