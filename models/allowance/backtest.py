"""Hindsight: what the rates of past month-ends would have set aside, beside what was lost of the items open then.

At each closed month-end the rates are made anew from the month-ends before it, by the policy's method without
adjustments, from losses that had had time for recoveries and from snapshots that were closed by then. What an item came
to is known to the day of the book.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from models.allowance.history import History
from models.allowance.rates import Rates
from models.allowance.settings import AllowanceSettings

WARM_UP_MONTHS = 12
"""So many month-ends of history stand behind the first tested one."""
FEWEST_POINTS = 8
SIGNIFICANT = 1.96
SCHEMA = {
    "month_number": pl.Int32,
    "pool": pl.String,
    "aging_bucket": pl.String,
    "predicted": pl.Float64,
    "actual": pl.Float64,
    "is_biased": pl.Boolean,
}


def backtest(history: History, settings: AllowanceSettings) -> pl.DataFrame:
    """Predicted and actual loss of each pool's buckets at every closed month-end, in the history's one currency.

    `is_biased` is the same for all month-ends of a pool's bucket: whether the mean of their errors is other than
    nothing at 95 %, with errors that allow for their overlap (Newey and West 1987).
    """
    rows = pl.DataFrame(list(_tested(history, settings)), schema={**SCHEMA, "is_biased": pl.Boolean})
    biased = [
        {"pool": pool, "aging_bucket": bucket, "is_biased": is_biased(group["predicted"] - group["actual"])}
        for (pool, bucket), group in rows.sort("month_number").group_by("pool", "aging_bucket", maintain_order=True)
    ]
    flags = pl.DataFrame(biased, schema={name: SCHEMA[name] for name in ("pool", "aging_bucket", "is_biased")})
    found = rows.drop("is_biased").join(flags, on=["pool", "aging_bucket"], how="left")
    return found.select(list(SCHEMA)).sort("month_number", "pool", "aging_bucket")


def _tested(history: History, settings: AllowanceSettings) -> Iterator[dict[str, Any]]:
    closed = history.frames["snapshots"].filter("is_closed")
    if not closed.height:
        return
    first = history.frames["transitions"]["month_number"].min()
    for month in sorted(closed["month_number"].unique()):
        if month - first < WARM_UP_MONTHS:  # type: ignore[operator]
            continue
        known = history.known_at(month)
        if settings.method == "snapshots" and not known.frames["snapshots"]["is_closed"].any():
            continue
        estimates = Rates(known, settings).estimates
        at_month = closed.filter(pl.col("month_number") == month)
        summed = at_month.group_by("pool", "aging_bucket").agg(
            (pl.col("exposure") - pl.col("unresolved")).sum().alias("followed"),
            (pl.col("written_off") - pl.col("recovered") + pl.col("aged_out")).sum().alias("actual"),
        )
        for row in summed.sort("pool", "aging_bucket").iter_rows(named=True):
            estimate = estimates[row["pool"]].get(row["aging_bucket"])
            if estimate is not None:
                yield {
                    "month_number": month,
                    "pool": row["pool"],
                    "aging_bucket": row["aging_bucket"],
                    "predicted": row["followed"] * estimate.rate,
                    "actual": row["actual"],
                }


def is_biased(errors: pl.Series) -> bool:
    """Whether the mean of errors in order of time is other than nothing; never of a few, nor where all are the same."""
    values = errors.to_numpy()
    if len(values) < FEWEST_POINTS or np.ptp(values) == 0:
        return False
    import statsmodels.api as sm

    lags = min(len(values) - 2, 12)
    fitted = sm.OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    return bool(abs(float(fitted.tvalues[0])) > SIGNIFICANT)
