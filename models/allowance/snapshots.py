"""Method B, the independent check of C: closed snapshots, every item open at a past month-end followed to its end."""

from __future__ import annotations

import polars as pl


def snapshot_rates(snapshots: pl.DataFrame) -> dict[str, float]:
    """The net loss of each bucket's closed snapshots over their exposure; what is still open and young is left out.

    `snapshots` has `aging_bucket`, `is_closed` and the amounts `exposure`, `written_off`, `recovered`, `aged_out` and
    `unresolved`.
    """
    net = pl.col("written_off") - pl.col("recovered") + pl.col("aged_out")
    summed = (
        snapshots.filter("is_closed")
        .group_by("aging_bucket")
        .agg(net.sum().alias("lost"), (pl.col("exposure") - pl.col("unresolved")).sum().alias("followed"))
        .filter(pl.col("followed") > 0)
        .sort("aging_bucket")
    )
    rows = summed.select("aging_bucket", (pl.col("lost") / pl.col("followed")).clip(0.0, 1.0)).rows()
    return dict(rows)
