"""Payers alike in how late and how regularly they pay.

Belongs here: means and spreads of delays, and the groups cut from them. Does not: hazards.
"""

from __future__ import annotations

import numpy as np
import polars as pl

MEAN_CUTS = (0.2, 0.4, 0.6, 0.8)
SPREAD_CUTS = (0.33, 0.67)
GROUPS = (len(MEAN_CUTS) + 1) * (len(SPREAD_CUTS) + 1) + 1
UNKNOWN = GROUPS - 1
PRIOR_ITEMS = 3.0
SHORTEST, LONGEST = -30, 60


def payer_delays(delays: pl.DataFrame, origin_week: int, half_life_weeks: float) -> pl.DataFrame:
    """Mean and spread of each payer's delays, shrunken to the book's: `(Σ w·x + 3·book) / (Σ w + 3)`.

    `delays`: `payer_key`, `age_week`, `delay_days`, `item_count`; weeks younger than `origin_week` are not known and
    not read.
    Returns `payer_key`, `items` (weighted), `mean_days`, `variance_days`, `median_days` (unweighted), by payer.
    Delays count between -30 and 60 days.
    """
    known = delays.filter(pl.col("age_week") >= origin_week).with_columns(
        w=pl.col("item_count") * 0.5 ** ((pl.col("age_week") - origin_week) / half_life_weeks),
        x=pl.col("delay_days").clip(SHORTEST, LONGEST).cast(pl.Float64),
    )
    total = known.select(w=pl.col("w").sum(), wx=(pl.col("w") * pl.col("x")).sum()).row(0)
    mean = total[1] / total[0] if total[0] else 0.0
    spread = known.select((pl.col("w") * (pl.col("x") - mean) ** 2).sum()).item() / total[0] if total[0] else 1.0
    sums = known.group_by("payer_key").agg(items=pl.col("w").sum(), wx=(pl.col("w") * pl.col("x")).sum())
    means = sums.with_columns(mean_days=(pl.col("wx") + PRIOR_ITEMS * mean) / (pl.col("items") + PRIOR_ITEMS))
    squares = (
        known.join(means.select("payer_key", "mean_days"), on="payer_key")
        .group_by("payer_key")
        .agg(
            ss=(pl.col("w") * (pl.col("x") - pl.col("mean_days")) ** 2).sum(),
        )
    )
    found = (
        means.join(squares, on="payer_key")
        .join(_medians(known), on="payer_key")
        .with_columns(
            variance_days=(pl.col("ss") + PRIOR_ITEMS * spread) / (pl.col("items") + PRIOR_ITEMS),
        )
    )
    return found.select("payer_key", "items", "mean_days", "variance_days", "median_days").sort("payer_key")


def _medians(known: pl.DataFrame) -> pl.DataFrame:
    """`payer_key`, `median_days` of counted delays."""
    return (
        known.sort("payer_key", "delay_days")
        .select(
            pl.col("payer_key").repeat_by("item_count").explode(),
            pl.col("delay_days").repeat_by("item_count").explode(),
        )
        .group_by("payer_key")
        .agg(median_days=pl.col("delay_days").median())
    )


def group_payers(known: pl.DataFrame) -> np.ndarray:
    """The group of each row of `payer_delays`: fifths of mean delay, each cut in thirds of spread.

    A payer with less than half a (weighted) settled item is of the group of the unknown.
    """
    mean, spread = known["mean_days"].to_numpy(), known["variance_days"].to_numpy()
    seen = known["items"].to_numpy() > 0.5
    if not seen.any():
        return np.full(known.height, UNKNOWN)
    fifth = np.searchsorted(np.quantile(mean[seen], MEAN_CUTS), mean)
    third = np.zeros(known.height, dtype=int)
    for each in range(len(MEAN_CUTS) + 1):
        mask = fifth == each
        if (mask & seen).any():
            third[mask] = np.searchsorted(np.quantile(spread[mask & seen], SPREAD_CUTS), spread[mask])
    return np.where(seen, fifth * (len(SPREAD_CUTS) + 1) + third, UNKNOWN)
