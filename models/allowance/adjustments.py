"""Adjustments of historical rates, each from the register: current conditions, forecasts, qualitative, overrides.

Belongs here: which entries of the register count on a day, with what size, and what they do to a rate. Does not: who
may enter one (`settings`), or what the macro regression says (`macro`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.allowance.settings import Adjustment

PURPOSES = ("current", "forecast", "qualitative", "override")
"""In the order in which they are laid over a rate."""
NEAR_NOTHING = 1e-9


@dataclass(frozen=True)
class Applied:
    """An entry of the register on a day: the size that counts, and why it does not where `reason` says something."""

    entry: Adjustment
    size: float
    reason: str

    @property
    def counts(self) -> bool:
        """Whether it changes rates."""
        return not self.reason


def register(entries: Iterable[Adjustment], as_of: date, with_forecasts: bool) -> list[Applied]:
    """Every entry as it stands on the day; `with_forecasts` False where conditions are assumed to persist."""
    return [Applied(entry, _size_on(entry, as_of), _why_not(entry, as_of, with_forecasts)) for entry in entries]


def laid_over(rate: float, pool: str, aging_bucket: str, applied: Iterable[Applied]) -> dict[str, float]:
    """What each purpose adds to a rate, in order; the rate after them is their sum and `rate`, from 0 to 1."""
    counting = [one for one in applied if one.counts and _is_for(one.entry, pool, aging_bucket)]
    added = {}
    for purpose in PURPOSES:
        changed = rate
        for one in counting:
            if one.entry.purpose == purpose:
                changed = min(1.0, max(0.0, _changed(changed, one.entry.form, one.size)))
        added[purpose] = changed - rate
        rate = changed
    return added


def _is_for(entry: Adjustment, pool: str, aging_bucket: str) -> bool:
    return entry.pool in (None, pool) and entry.aging_bucket in (None, aging_bucket)


def _changed(rate: float, form: str, size: float) -> float:
    if form == "multiplicative":
        return rate * (1.0 + size)
    if form == "additive":
        return rate + size
    if form == "override":
        return size
    held = min(1.0 - NEAR_NOTHING, max(NEAR_NOTHING, rate))
    return 1.0 / (1.0 + math.exp(-(math.log(held / (1.0 - held)) + size)))


def _size_on(entry: Adjustment, as_of: date) -> float:
    """An adjustment that reverts fades in a straight line from the day on which that begins."""
    whole = float(entry.size)
    if entry.reverts_from is None or as_of <= entry.reverts_from or entry.form == "override":
        return whole
    left = (entry.expires_on - as_of).days / (entry.expires_on - entry.reverts_from).days
    return whole * max(0.0, left)


def _why_not(entry: Adjustment, as_of: date, with_forecasts: bool) -> str:
    reasons = (
        (entry.approved_on is None, "not approved"),
        (entry.approved_on is not None and entry.approved_on > as_of, "approved later"),
        (entry.expires_on <= as_of, "expired"),
        (entry.purpose == "forecast" and not with_forecasts, "conditions are assumed to persist (ASU 2025-05)"),
    )
    return next((reason for is_so, reason in reasons if is_so), "")
