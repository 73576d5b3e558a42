"""Loss given default: what is not made good of what was written off, and of what was given up for its age."""

from __future__ import annotations

import polars as pl

from models.allowance.credibility import credibility


def loss_given_default(losses: pl.DataFrame, above: float | None, half_at: int) -> float:
    """One less the share recovered of the losses that have had time for it, as far as that record is credible.

    `losses` of one kind has `lost`, `recovered`, `loss_events` and `is_seasoned`, in one currency; `above` is the
    parent's, None for the whole book, which borrows from nobody: without a record, all is lost.
    """
    seasoned = losses.filter("is_seasoned")
    lost, events = float(seasoned["lost"].sum()), int(seasoned["loss_events"].sum())
    if not lost:
        return 1.0 if above is None else above
    own = min(1.0, max(0.0, 1.0 - float(seasoned["recovered"].sum()) / lost))
    if above is None:
        return own
    weight = credibility(events, half_at)
    return weight * own + (1.0 - weight) * above
