"""Method E: the additive vintage triangle, net loss per unit of billings by age in months.

Increments by age are averaged over the vintages that have reached it, weighed by billings, and added up over the ages
still to come (the additive method; Mack 1997, sec. 3.1.1, with billings as the volume). Never multiplicative: the young
ages of write-offs are nothing, and a factor of them is nothing over nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Triangle:
    """Net losses to come on what was billed, and what is uncollected of it today."""

    to_come: float
    uncollected: float
    loss_per_billed: dict[int, float]

    @property
    def rate(self) -> float | None:
        """Losses to come per unit uncollected."""
        return max(0.0, self.to_come) / self.uncollected if self.uncollected > 0 else None


def triangle(vintages: pl.DataFrame) -> Triangle:
    """The triangle of `vintages`: `billing_month`, `age_months`, `billed`, `uncollected`, `written_off`, `recovered`.

    Losses are cumulative by age; every vintage has every age from 0 to that of the last month.
    """
    net = (pl.col("written_off") - pl.col("recovered")).alias("net")
    cells = vintages.select("billing_month", "age_months", "billed", "uncollected", net).sort(
        "billing_month", "age_months"
    )
    step = pl.col("net") - pl.col("net").shift(1, fill_value=0.0).over("billing_month")
    by_age = (
        cells.with_columns(step.alias("step"))
        .group_by("age_months")
        .agg(pl.col("step").sum(), pl.col("billed").sum())
        .filter(pl.col("billed") > 0)
        .sort("age_months")
    )
    factors = dict(by_age.select("age_months", pl.col("step") / pl.col("billed")).rows())
    newest = cells.group_by("billing_month", maintain_order=True).last()
    to_come = sum(
        billed * sum(factor for later, factor in factors.items() if later > age)
        for age, billed in newest.select("age_months", "billed").iter_rows()
    )
    return Triangle(float(to_come), float(newest["uncollected"].sum()), factors)
