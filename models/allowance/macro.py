"""The reasonable and supportable forecast: the monthly loss rate, regressed on a macro series some months before.

Ordinary least squares with errors that allow for heteroscedasticity and autocorrelation (Newey and West 1987). It is
refused, with the reason, where there are too few points or the slope is not told from nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from models.allowance.adjustments import Applied
from models.allowance.settings import Adjustment, Macro


@dataclass(frozen=True)
class Overlay:
    """What the regression says: by how much the rates should be multiplied, less one; or why it says nothing."""

    factor: float
    slope: float | None
    p_value: float | None
    points: int
    reason: str


def overlay(losses: pl.DataFrame, series: pl.DataFrame, chosen: Macro) -> Overlay:
    """The overlay by the newest value of a series against its values behind the history.

    `losses` has `month_number` and `loss_rate`, `series` `month_number` and `value`. The loss rate of a month is
    explained by the value `lag_months` before; the forecast is that of the newest value.
    """
    import statsmodels.api as sm

    moved = series.with_columns(pl.col("month_number") + chosen.lag_months)
    joined = losses.join(moved, on="month_number").sort("month_number")
    if joined.height < chosen.fewest_points:
        return Overlay(
            0.0, None, None, joined.height, f"{joined.height} months of both; {chosen.fewest_points} are needed"
        )
    rates, values = joined["loss_rate"].to_numpy(), joined["value"].cast(pl.Float64).to_numpy()
    if np.ptp(values) == 0 or rates.mean() <= 0:
        return Overlay(0.0, None, None, joined.height, "the series, or the loss rate, never moves")
    lags = int(np.floor(4 * (len(rates) / 100) ** (2 / 9)))
    fitted = sm.OLS(rates, sm.add_constant(values)).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    slope, p_value = float(fitted.params[1]), float(fitted.pvalues[1])
    if not p_value <= chosen.largest_p:
        said = f"p = {p_value:.3f}, more than {chosen.largest_p}"
        return Overlay(0.0, slope, p_value, joined.height, said)
    newest = float(series.sort("month_number")["value"][-1])
    expected = max(0.0, float(fitted.params[0]) + slope * newest)
    return Overlay(expected / float(rates.mean()) - 1.0, slope, p_value, joined.height, "")


def forecast_entry(found: Overlay, chosen: Macro, as_of: date, expects_persistence: bool) -> Applied:
    """The overlay as an entry of the register: applied on the day alone, or refused with the reason."""
    said = "" if found.p_value is None else f", slope {found.slope:.6f}, p {found.p_value:.3f} (HAC)"
    entry = Adjustment(
        name=f"macro: {chosen.series}",
        purpose="forecast",
        form="multiplicative",
        size=Decimal(f"{found.factor:.10f}"),
        direction="up" if found.factor > 0 else "down",
        evidence=f"{found.points} months, lag {chosen.lag_months}{said}",
        owner="policy",
        expires_on=as_of + timedelta(1),
        approved_by="allowance.macro",
        approved_on=as_of,
    )
    reason = found.reason or ("conditions are assumed to persist (ASU 2025-05)" if expects_persistence else "")
    return Applied(entry, found.factor, reason)
