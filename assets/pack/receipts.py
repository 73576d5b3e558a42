"""The receipts block of a treasury's thirteen-week template: lines down, weeks across, what came left of what is
expected.

There is no closing balance of cash: payments are not in a receivables book. The rows come from `figures.WEEKS`.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from assets.pack.blocks import Block, Shown

LINES = {
    "actual": "Actual receipts",
    "expected": "Expected receipts",
    "p10": "P10: not reached with a chance of 10 %",
    "p50": "P50: as likely more as less",
    "p90": "P90: not reached with a chance of 90 %",
    "forecast_week_before": "Forecast of a week before",
    "change_in_forecast": "Change: expected less the forecast of a week before",
    "variance": "Variance: actual less the forecast of a week before",
}


def across(weeks: Shown, base: str) -> Shown:
    """The weeks of `receipts_by_week` as columns, a line each of what is said of them; each column's total is its
    own."""
    columns = [f"{row['week_end']} {row['kind']}" for row in weeks.frame.iter_rows(named=True)]
    lines = {f"receipts in {base or 'base currency'}": list(LINES.values())}
    values = {
        name: pl.Series([row[line] for line in LINES], dtype=pl.Decimal(38, 4))
        for name, row in zip(columns, weeks.frame.iter_rows(named=True), strict=True)
    }
    frame = pl.DataFrame({**lines, **values})
    block = Block(
        "receipts_13_weeks",
        "Receipts of the treasury's template: actual weeks left, forecast weeks right",
        "",
        note=weeks.block.note,
        plain_headings=True,
    )
    totals = {name: Decimal(frame[name].sum() or 0) for name in columns}
    return Shown(block, frame, frame.height, totals, {})
