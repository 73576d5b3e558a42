"""Method C: loss rates by item-level, dollar-weighted roll rates, the absorption of a Markov chain of buckets.

With Q the shares of a month-end's balance that stand in each bucket a month later, and R the shares that are lost, by a
write-off or by age, `N = (I - Q)^-1` and `A = N R` (Kemeny and Snell, Finite Markov Chains, ch. III). Stays and skips
count where they happen; young items count as far as they have come. Where every item rolls on by one bucket or is
settled, A is the product of the roll rates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

AMOUNTS = ("opening", "stayed", "paid", "diluted", "written_off")


@dataclass(frozen=True)
class Chain:
    """The matrix of one pool: what the balance of each bucket became within a month, in shares of it.

    `moved` is [buckets, buckets]; `written_off`, `aged_out`, `paid` and `diluted` [buckets]; rows add up to one.
    `opening` is the money that each row rests on; a bucket in which nothing ever stood has a row of zeros.
    """

    buckets: tuple[str, ...]
    moved: np.ndarray
    written_off: np.ndarray
    aged_out: np.ndarray
    paid: np.ndarray
    diluted: np.ndarray
    opening: np.ndarray


def chain(flows: pl.DataFrame, buckets: Sequence[str], given_up: str) -> Chain:
    """The matrix of `flows`: `aging_bucket`, `next_bucket` and the amounts of `AMOUNTS`, any number of rows of each.

    What reaches the bucket `given_up` has aged out, and what is in it is not looked at.
    """
    transient = tuple(name for name in buckets if name != given_up)
    place = {name: number for number, name in enumerate(transient)}
    size = len(transient)
    moved, sums = np.zeros((size, size)), {name: np.zeros(size) for name in ("aged_out", *AMOUNTS)}
    summed = (
        flows.group_by("aging_bucket", "next_bucket").agg(pl.col(AMOUNTS).sum()).sort("aging_bucket", "next_bucket")
    )
    for row in summed.iter_rows(named=True):
        if row["aging_bucket"] not in place:
            continue
        here = place[row["aging_bucket"]]
        if row["next_bucket"] in place:
            moved[here, place[row["next_bucket"]]] += row["stayed"]
        if row["next_bucket"] == given_up:
            sums["aged_out"][here] += row["stayed"]
        for name in AMOUNTS:
            sums[name][here] += row[name]
    whole = np.where(sums["opening"] > 0, sums["opening"], 1.0)
    shares = {name: sums[name] / whole for name in ("written_off", "aged_out", "paid", "diluted")}
    return Chain(transient, moved / whole[:, None], **shares, opening=sums["opening"])


def absorbed(found: Chain, lost: np.ndarray, elsewhere: Mapping[str, float]) -> dict[str, float]:
    """The share of each bucket's balance that is lost in the end, where `lost` is the share lost within a month.

    A bucket in which nothing ever stood has the share that `elsewhere` (a parent's) says, else no entry; what rolls
    into it is lost by that share, or by none.
    """
    seen = found.opening > 0
    unseen = np.array([0.0 if seen[here] else elsewhere.get(name, 0.0) for here, name in enumerate(found.buckets)])
    direct = lost + found.moved @ unseen
    system = np.eye(len(found.buckets)) - found.moved * seen[None, :]
    share = np.where(seen, np.clip(_solved(system, direct), 0.0, 1.0), unseen)
    return {name: float(share[here]) for here, name in enumerate(found.buckets) if seen[here] or name in elsewhere}


def remaining_months(found: Chain) -> np.ndarray:
    """[buckets]: months until a balance is settled or lost, counted from the middle of the first."""
    return np.maximum(_solved(np.eye(len(found.buckets)) - found.moved, np.ones(len(found.buckets))) - 0.5, 0.5)


def _solved(system: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution, by least squares where a bucket is never left (its items only stay): it is then lost by none."""
    try:
        return np.linalg.solve(system, right)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(system, right, rcond=None)[0]
