"""The register, what rates rest on, and the sensitivities, as rows. What any of it means belongs to its module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from models.allowance.adjustments import Applied
from models.allowance.rates import Rates

SHOCKS = (("rates", "+10 %", 1.1), ("rates", "-10 %", 0.9))
LOOK_BACKS = (12, 24)
SCHEMA = {
    "adjustment": pl.String,
    "purpose": pl.String,
    "form": pl.String,
    "direction": pl.String,
    "size": pl.Float64,
    "applied_size": pl.Float64,
    "pool": pl.String,
    "aging_bucket": pl.String,
    "evidence": pl.String,
    "owner": pl.String,
    "approved_by": pl.String,
    "approved_on": pl.Date,
    "expires_on": pl.Date,
    "is_applied": pl.Boolean,
    "reason": pl.String,
}


MATRIX = {
    "pool": pl.String,
    "aging_bucket": pl.String,
    "months_in_bucket": pl.Int32,
    "becomes": pl.String,
    "opening": pl.Float64,
    "share": pl.Float64,
}
RECOVERIES = {
    "pool": pl.String,
    "aging_bucket": pl.String,
    "kind": pl.String,
    "lost": pl.Float64,
    "recovered": pl.Float64,
    "loss_events": pl.Int64,
    "credibility": pl.Float64,
    "basis": pl.String,
    "loss_given_default": pl.Float64,
}


def matrix_rows(rates: Rates) -> pl.DataFrame:
    """What each state of each pool's matrix becomes within a month, as `allowance.matrix`; none where nothing stood."""
    rows = [
        (pool, *state, becomes, float(found.opening[here]), share)
        for pool, found in rates.chains.items()
        for here, state in enumerate(found.states)
        for becomes, share in found.becomes(here, rates.history.given_up).items()
        if found.opening[here] > 0
    ]
    return pl.DataFrame(rows, schema=MATRIX, orient="row")


def recovery_rows(rates: Rates) -> pl.DataFrame:
    """The loss given default of each pool and bucket as `allowance.recoveries`."""
    rows = [
        (pool, bucket, kind, one.lost, one.recovered, one.loss_events, one.weight, one.basis, one.share)
        for pool, kinds in rates.defaults.items()
        for kind, defaults in kinds.items()
        for bucket, one in defaults.items()
    ]
    return pl.DataFrame(rows, schema=RECOVERIES, orient="row")


def adjustment_rows(applied: Iterable[Applied]) -> pl.DataFrame:
    """The register as `allowance.adjustments`."""
    return pl.DataFrame([_row(one) for one in applied], schema=SCHEMA)


def shocks(rates: Rates, applied: Sequence[Applied]) -> pl.DataFrame:
    """The rates under other assumptions: higher and lower, by closed snapshots, and from shorter histories."""
    history, chosen, own = rates.history, rates.settings, rates.schedule(applied)
    found = [
        own.select(
            pl.lit(assumption).alias("assumption"),
            pl.lit(shock).alias("shock"),
            "pool",
            "aging_bucket",
            (pl.col("rate") * factor).clip(0.0, 1.0).alias("rate"),
        )
        for assumption, shock, factor in SHOCKS
    ]
    others = [("method", "snapshots", history, chosen.model_copy(update={"method": "snapshots"}))]
    others += [
        ("look_back", f"{months} months", history.of_last(months), chosen)
        for months in LOOK_BACKS
        if months < chosen.look_back_months
    ]
    for assumption, shock, past, settings in others:
        other = Rates(past, settings).schedule(applied)
        labels = (pl.lit(assumption).alias("assumption"), pl.lit(shock).alias("shock"))
        found.append(other.select(*labels, "pool", "aging_bucket", "rate"))
    return pl.concat(found)


def _row(one: Applied) -> dict[str, Any]:
    entry = one.entry
    shared = ("purpose", "form", "direction", "pool", "aging_bucket", "evidence", "owner", "approved_by", "approved_on")
    return {
        "adjustment": entry.name,
        **{name: getattr(entry, name) for name in shared},
        "size": float(entry.size),
        "applied_size": one.size if one.counts else 0.0,
        "expires_on": entry.expires_on,
        "is_applied": one.counts,
        "reason": one.reason,
    }
