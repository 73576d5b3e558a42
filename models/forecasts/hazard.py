"""Hazard of settlement by payer and lateness, by empirical Bayes from counts.

Belongs here: decay of weights, shrinkage global → group → payer. Does not: multipliers of the calendar
(`multipliers`), or what follows for an item (`settlement`).

Measured and left out: a payer's frailty over its last 20 business days (items CRPS 1 to 4 % worse on both real
ledgers, days MAE up to 7 %), and a payer's weekdays (mixed, within 2 %).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.forecasts.lateness import BINS
from models.forecasts.payer_groups import GROUPS, UNKNOWN, group_payers, payer_delays
from models.forecasts.settings import ForecastSettings
from models.forecasts.shrinkage import logit, shrink, strength

DAYS_OF_WEEK = 5.0


COUNT_ORDER = ("age_week", "payer_key", "lateness_bin")
"""The order in which `hazard_counts` are read: once, where several origins are fitted on them. What an origin knows is
then one slice, and the same rows have the same sums to the last bit."""


@dataclass(frozen=True)
class Hazards:
    """What was learned by an origin. Rows are payers of `payer_keys` (ascending) and a last one for payers never
    seen."""

    payer_keys: np.ndarray
    scores: np.ndarray
    """[payers + 1, bins]: logit of the hazard by business day."""
    book: np.ndarray
    """[bins]: hazard of the whole book."""
    cash_share: np.ndarray
    """[bins]: share of exits that are cash."""
    delays: pl.DataFrame
    """As of `payer_groups.payer_delays`."""

    def rows_of(self, payer_keys: np.ndarray) -> np.ndarray:
        """The row of each payer; the last one where it was never seen."""
        if not len(self.payer_keys):
            return np.zeros(len(payer_keys), dtype=int)
        place = np.clip(np.searchsorted(self.payer_keys, payer_keys), 0, len(self.payer_keys) - 1)
        return np.where(self.payer_keys[place] == payer_keys, place, len(self.payer_keys))


@dataclass(frozen=True)
class WeightedCounts:
    """Sums of `hazard_counts`, [payers, bins] by `payer_keys` (ascending): at risk, exits, and exits that are cash."""

    payer_keys: np.ndarray
    at_risk: np.ndarray
    exits: np.ndarray
    cash: np.ndarray


def weighted_counts(counts: pl.DataFrame, origin_week: int, settings: ForecastSettings) -> WeightedCounts:
    """Sums of `hazard_counts` by payer and bin with weights that halve every `half_life_days`.

    An item weighs `(1 - a) + a·amount / mean amount`, a = `amount_weight`: money is what is asked, items are what is
    certain. Weeks younger than `origin_week` are not known and not read. `counts` come in COUNT_ORDER; a group-by over
    the millions of rows of a large book took twice as long.
    """
    known = counts[int(counts["age_week"].search_sorted(origin_week, side="left")) :]
    payer, age = known["payer_key"].to_numpy(), known["age_week"].to_numpy() - origin_week
    keys = known["payer_key"].unique().sort().to_numpy()
    row = np.zeros(int(keys[-1]) + 1 if len(keys) else 0, dtype=np.int64)
    row[keys] = np.arange(len(keys))
    cell = row[payer] * BINS + known["lateness_bin"].to_numpy()
    days, money = float(known["at_risk_count"].sum() or 1), float(known["at_risk_amount"].sum() or 1)
    share, decay = settings.amount_weight, 0.5 ** (DAYS_OF_WEEK / settings.half_life_days)
    weight = (decay ** np.arange(age[-1] + 1.0 if len(age) else 0.0))[age]

    def mixed(what: str, rows: slice | np.ndarray) -> np.ndarray:
        count, amount = known[f"{what}_count"].to_numpy()[rows], known[f"{what}_amount"].to_numpy()[rows]
        summed = weight[rows] * ((1.0 - share) * count + share * (days / money) * amount)
        return np.bincount(cell[rows], summed, len(keys) * BINS).reshape(-1, BINS)

    ended = np.flatnonzero(known["exit_count"].to_numpy())  # few rows: most weeks at risk end as they began
    return WeightedCounts(keys, mixed("at_risk", slice(None)), mixed("exit", ended), mixed("cash_exit", ended))


def fit_hazards(counts: pl.DataFrame, delays: pl.DataFrame, origin_week: int, settings: ForecastSettings) -> Hazards:
    """Hazards as of the end of week `origin_week` (0 is the newest counted) from `hazard_counts` and `delay_counts`.

    `h = (d + K·h_parent) / (n + K)` from the book to groups (K about 40) to payers (K about 6).
    """
    sums = weighted_counts(counts, origin_week, settings)
    keys, never_seen = sums.payer_keys, np.zeros((1, BINS))
    at_risk, exits = np.vstack([sums.at_risk, never_seen]), np.vstack([sums.exits, never_seen])
    cash = sums.cash.sum(0)
    book = shrink(exits.sum(0), at_risk.sum(0), np.array(0.01), 5.0)
    known = payer_delays(delays, origin_week, settings.half_life_days / DAYS_OF_WEEK)
    group = np.full(len(keys) + 1, UNKNOWN)
    place = np.searchsorted(keys, known["payer_key"].to_numpy())
    found = (
        (place < len(keys)) & (keys[np.clip(place, 0, len(keys) - 1)] == known["payer_key"].to_numpy())
        if len(keys)
        else np.zeros(0, bool)
    )
    group[place[found]] = group_payers(known)[found]
    n_group, d_group = np.zeros((GROUPS, BINS)), np.zeros((GROUPS, BINS))
    np.add.at(n_group, group, at_risk)
    np.add.at(d_group, group, exits)
    parent = shrink(d_group, n_group, book, strength(book, settings.group_strength, settings.group_exits))[group]
    scores = logit(shrink(exits, at_risk, parent, strength(parent, settings.payer_strength, settings.payer_exits)))
    cash_share = (cash + 1.0 * _share(cash.sum(), exits.sum())) / (exits.sum(0) + 1.0)
    return Hazards(keys, scores, book, cash_share, known)


def _share(part: float, whole: float) -> float:
    """The part of a whole; all of it where there is none."""
    return part / whole if whole > 0 else 1.0
