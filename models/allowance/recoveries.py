"""Loss given default: what is not made good of what was written off, and of what was given up for its age, by bucket.

By bucket, because it differs: a write-off soon after the due date is often reversed when the cash comes after all, one
of a year later hardly ever. One share for all ages gives the old what belongs to the young.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from models.allowance.credibility import credibility

KINDS = ("written_off", "aged_out")
"""The two ways in which a receivable is lost."""


@dataclass(frozen=True)
class Default:
    """What was lost from one bucket and made good of it, where there was time for it, and the share that counts.

    `basis` says what the share rests on: the bucket's own record (`history`), that and the parent's (`credibility`),
    all buckets of the book together (`all_buckets`), the policy (`given`), or no record, so that all is lost (`none`).
    """

    lost: float
    recovered: float
    loss_events: int
    weight: float
    share: float
    basis: str


Defaults = Mapping[str, Default]


def losses_given_default(
    losses: pl.DataFrame, buckets: Sequence[str], above: Defaults | None, half_at: int, given: float | None = None
) -> dict[str, Default]:
    """The share lost for good of losses of one kind, from each bucket.

    `losses` has `aging_bucket`, `lost`, `recovered`, `loss_events` and `is_seasoned`, in one currency. `above` is the
    parent's, from which a pool borrows as far as its own record is not credible; None for the whole book, which borrows
    from nobody, only from its other buckets where one has no record at all. Shrinking buckets of the book towards their
    mean would move losses from the old to the young.
    """
    seasoned = losses.filter("is_seasoned")
    by_bucket = seasoned.group_by("aging_bucket").agg(pl.col("lost", "recovered", "loss_events").sum())
    records = {bucket: (lost, recovered, int(count)) for bucket, lost, recovered, count in by_bucket.iter_rows()}
    whole = tuple(float(seasoned[name].sum()) for name in ("lost", "recovered"))
    found = {}
    for bucket in buckets:
        lost, recovered, count = records.get(bucket, (0.0, 0.0, 0))
        weight, share, basis = _share((lost, recovered), whole, count, above[bucket] if above else None, half_at)
        if given is not None:
            weight, share, basis = 1.0, given, "given"
        found[bucket] = Default(lost, recovered, count, weight, share, basis)
    return found


def _share(
    own: tuple[float, ...], whole: tuple[float, ...], count: int, above: Default | None, half_at: int
) -> tuple[float, float, str]:
    """Weight of a bucket's own record, the share that counts, and what it rests on."""
    if above is None:
        if own[0] > 0:
            return 1.0, _kept(own), "history"
        return (0.0, _kept(whole), "all_buckets") if whole[0] > 0 else (0.0, 1.0, "none")
    if not own[0] > 0:
        return 0.0, above.share, above.basis
    weight = credibility(count, half_at)
    return weight, weight * _kept(own) + (1.0 - weight) * above.share, "credibility"


def _kept(amounts: tuple[float, ...]) -> float:
    """What is not recovered of each unit lost, from 0 to 1."""
    lost, recovered = amounts
    return min(1.0, max(0.0, 1.0 - recovered / lost))
