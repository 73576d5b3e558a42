"""Widths of intervals at each origin, by what past origins missed.

Belongs here: which past misses an origin knows, and scaled quantiles. Does not: the width itself (`conformal`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from models.forecasts.conformal import NARROWEST, scores, width_factor
from models.forecasts.simulation import QUANTILES


def calibrate(rows: pl.DataFrame) -> pl.DataFrame:
    """`forecast_backtest` rows with quantiles scaled, at each origin, by what was known of past origins' misses by
    then.

    Adds `scale_80`, `scale_95`. A past origin counts for a horizon where that horizon had wholly passed by the
    origin; horizons next to each other (±1) are pooled.
    """
    with_quantiles = rows.filter(pl.col("p50").is_not_null())
    parts = [_calibrate_one(part) for part in with_quantiles.partition_by("scope", "model", maintain_order=True)]
    return pl.concat([*parts, rows.filter(pl.col("p50").is_null())], how="diagonal").sort(
        "scope", "model", "origin", "horizon_week"
    )


def _calibrate_one(rows: pl.DataFrame) -> pl.DataFrame:
    """Calibrated rows of one scope and model."""
    ordered = rows.sort("origin", "horizon_week")
    value = {name: ordered[name].to_numpy().astype(float) for name in ("actual", "mean", *QUANTILES)}
    day = ordered["origin"].to_numpy().astype("datetime64[D]").astype(int)
    week = ordered["horizon_week"].to_numpy()
    miss_80 = scores(value["actual"], value["mean"], value["p10"], value["p90"])
    miss_95 = scores(value["actual"], value["mean"], value["p025"], value["p975"])
    factors, narrowest = np.ones((2, len(day))), NARROWEST[ordered["scope"][0]]
    for place in range(len(day)):
        passed = (day + 7 * week <= day[place]) & ~np.isnan(value["actual"])
        near = passed & (np.abs(week - week[place]) <= 1) & (day > day[place] - 7 * 60)
        ages = (day[place] - day[near]) / 7 - week[near]
        for row, (miss, level) in enumerate(((miss_80, 0.8), (miss_95, 0.95))):
            factors[row, place] = width_factor(miss[near], ages, level, miss[passed], narrowest)
    outer = np.maximum(factors[1], factors[0])
    scaled = {}
    for name in QUANTILES:
        factor = (
            outer if name in ("p025", "p975") else (factors[0] + outer) / 2 if name in ("p05", "p95") else factors[0]
        )
        scaled[name] = np.maximum(value["mean"] + (value[name] - value["mean"]) * factor, 0.0)
    ranked = np.sort(np.stack([scaled[name] for name in QUANTILES]), axis=0)
    return ordered.with_columns(**dict(zip(QUANTILES, ranked, strict=True)), scale_80=factors[0], scale_95=outer)
