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


COUNT_ORDER = ("payer_key", "lateness_bin", "age_week")
"""The order in which `hazard_counts` are read: once, where several origins are fitted on them."""


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


def weighted_counts(counts: pl.DataFrame, origin_week: int, settings: ForecastSettings) -> pl.DataFrame:
    """Sums of `hazard_counts` by payer and bin with weights that halve every `half_life_days`.

    An item weighs `(1 - a) + a·amount / mean amount`, a = `amount_weight`: money is what is asked, items are what is
    certain.
    Weeks younger than `origin_week` are not known and not read. `counts` come in the order of COUNT_ORDER, so that the
    same rows have the same sums to the last bit. Returns `payer_key`, `lateness_bin`, `n`, `d`, `cash`.
    """
    known = counts.filter(pl.col("age_week") >= origin_week)
    days, money = float(known["at_risk_count"].sum() or 1), float(known["at_risk_amount"].sum() or 1)
    share, decay = settings.amount_weight, 0.5 ** (DAYS_OF_WEEK / settings.half_life_days)
    weight = decay ** (pl.col("age_week") - origin_week).cast(pl.Float64)

    def mixed(what: str) -> pl.Expr:
        amount = pl.col(f"{what}_amount").cast(pl.Float64) * (days / money)
        return (weight * ((1.0 - share) * pl.col(f"{what}_count").cast(pl.Float64) + share * amount)).sum()

    sums = known.group_by("payer_key", "lateness_bin", maintain_order=True)
    return sums.agg(n=mixed("at_risk"), d=mixed("exit"), cash=mixed("cash_exit"))


def fit_hazards(counts: pl.DataFrame, delays: pl.DataFrame, origin_week: int, settings: ForecastSettings) -> Hazards:
    """Hazards as of the end of week `origin_week` (0 is the newest counted) from `hazard_counts` and `delay_counts`.

    `h = (d + K·h_parent) / (n + K)` from the book to groups (K about 40) to payers (K about 6).
    """
    sums = weighted_counts(counts, origin_week, settings)
    keys = np.unique(sums["payer_key"].to_numpy())
    at_risk, exits = np.zeros((len(keys) + 1, BINS)), np.zeros((len(keys) + 1, BINS))
    row, column = np.searchsorted(keys, sums["payer_key"].to_numpy()), sums["lateness_bin"].to_numpy()
    at_risk[row, column], exits[row, column] = sums["n"].to_numpy(), sums["d"].to_numpy()
    cash = np.bincount(column, sums["cash"].to_numpy(), BINS)
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
