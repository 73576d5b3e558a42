"""Method C: loss rates by item-level, dollar-weighted roll rates, the absorption of a Markov chain.

A state is a bucket and the month-ends that a balance has stood in it. With Q the shares of a month-end's balance that
stand in each state a month later, and R the shares that are lost for good within that month, `N = (I - Q)^-1` and
`A = N R` (Kemeny and Snell, Finite Markov Chains, ch. III); a bucket has the mean of its states' `A`, weighed by what
stood in them. Stays and skips count where they happen; young items count as far as they have come. Where every item
rolls on by one bucket or is settled, A is the product of the roll rates.

Months are told apart because what has stood in a bucket for long is not like what has just come. A chain of buckets
alone gives what stands in one at a month-end the loss of what comes into it (tests/allowance_bench/MEASURED.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

AMOUNTS = ("opening", "stayed", "paid", "diluted", "written_off")
State = tuple[str, int]


@dataclass(frozen=True)
class Chain:
    """The matrix of one pool: what the balance of each state became within a month, in shares of it.

    `moved` is [states, states]; `written_off`, `aged_out`, `paid` and `diluted` [states]; rows add up to one.
    `opening` is the money that each row rests on. A bucket in which nothing ever stood has one state, a row of zeros.
    """

    states: tuple[State, ...]
    moved: np.ndarray
    written_off: np.ndarray
    aged_out: np.ndarray
    paid: np.ndarray
    diluted: np.ndarray
    opening: np.ndarray

    def by_bucket(self, values: np.ndarray) -> dict[str, float]:
        """The mean of values of states in each bucket in which anything stood, weighed by what did."""
        sums: dict[str, float] = {}
        held: dict[str, float] = {}
        for (bucket, _), opening, value in zip(self.states, self.opening, values, strict=True):
            held[bucket] = held.get(bucket, 0.0) + opening
            sums[bucket] = sums.get(bucket, 0.0) + opening * value
        return {bucket: float(sums[bucket] / held[bucket]) for bucket in sums if held[bucket] > 0}

    def becomes(self, here: int, given_up: str) -> dict[str, float]:
        """Of one state, the share of each that its balance becomes within a month; all of them add up to one."""
        found: dict[str, float] = {}
        for (bucket, _), share in zip(self.states, self.moved[here], strict=True):
            found[bucket] = found.get(bucket, 0.0) + float(share)
        found[given_up] = float(self.aged_out[here])
        ends = {name: float(getattr(self, name)[here]) for name in ("written_off", "diluted", "paid")}
        return {name: share for name, share in {**found, **ends}.items() if share}

    def of_state(self, values: Mapping[str, float]) -> np.ndarray:
        """[states]: values of buckets, for each of their states."""
        return np.array([values[bucket] for bucket, _ in self.states])


def chain(flows: pl.DataFrame, buckets: Sequence[str], given_up: str) -> Chain:
    """The matrix of `flows`: `aging_bucket`, `months_in_bucket`, `next_bucket` and the amounts of `AMOUNTS`.

    There may be any number of rows of each. What reaches the bucket `given_up` has aged out, and what is in it is not
    looked at. What moves to a month in which nothing ever stood is taken as in the last one before it in which it did.
    """
    summed = (
        flows.filter(pl.col("aging_bucket") != given_up)
        .group_by("aging_bucket", "months_in_bucket", "next_bucket")
        .agg(pl.col(AMOUNTS).sum())
        .sort("aging_bucket", "months_in_bucket", "next_bucket")
    )
    places = _places(summed, [name for name in buckets if name != given_up])
    states = tuple((bucket, month) for bucket, months in places.items() for month in months)
    place = {state: number for number, state in enumerate(states)}
    moved = np.zeros((len(states), len(states)))
    sums = {name: np.zeros(len(states)) for name in ("aged_out", *AMOUNTS)}
    for row in summed.iter_rows(named=True):
        here = place[row["aging_bucket"], row["months_in_bucket"]]
        if row["next_bucket"] in places:
            moved[here, place[_next(row, places)]] += row["stayed"]
        if row["next_bucket"] == given_up:
            sums["aged_out"][here] += row["stayed"]
        for name in AMOUNTS:
            sums[name][here] += row[name]
    whole = np.where(sums["opening"] > 0, sums["opening"], 1.0)
    shares = {name: sums[name] / whole for name in ("written_off", "aged_out", "paid", "diluted")}
    return Chain(states, moved / whole[:, None], **shares, opening=sums["opening"])


def absorbed(found: Chain, lost: np.ndarray, elsewhere: Mapping[str, float]) -> dict[str, float]:
    """The share of each bucket's balance that is lost in the end, where `lost` [states] is lost within a month.

    A bucket in which nothing ever stood has the share that `elsewhere` (a parent's) says, else no entry; what rolls
    into it is lost by that share, or by none.
    """
    seen = found.opening > 0
    unseen = np.where(seen, 0.0, [elsewhere.get(bucket, 0.0) for bucket, _ in found.states])
    system = np.eye(len(found.states)) - found.moved * seen[None, :]
    share = np.clip(_solved(system, lost + found.moved @ unseen), 0.0, 1.0)
    own = found.by_bucket(share)
    names = dict.fromkeys(bucket for bucket, _ in found.states)
    return {name: own[name] if name in own else elsewhere[name] for name in names if name in own or name in elsewhere}


def remaining_months(found: Chain) -> np.ndarray:
    """[states]: months until a balance is settled or lost, counted from the middle of the first."""
    return np.maximum(_solved(np.eye(len(found.states)) - found.moved, np.ones(len(found.states))) - 0.5, 0.5)


def _places(summed: pl.DataFrame, buckets: Sequence[str]) -> dict[str, list[int]]:
    """The months of each bucket in which anything ever stood, in order; the first where nothing did."""
    held = summed.filter(pl.col("opening") > 0).select("aging_bucket", "months_in_bucket").unique().sort(pl.all())
    found = held.group_by("aging_bucket", maintain_order=True).agg("months_in_bucket")
    months = dict(found.rows())
    return {bucket: months.get(bucket, [1]) for bucket in buckets}


def _next(row: Mapping[str, Any], places: Mapping[str, list[int]]) -> State:
    """The state into which what is still owed moves."""
    bucket = row["next_bucket"]
    wanted = row["months_in_bucket"] + 1 if bucket == row["aging_bucket"] else 1
    before = [month for month in places[bucket] if month <= wanted]
    return bucket, before[-1] if before else places[bucket][0]


def _solved(system: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution, by least squares where a state is never left (its items only stay): it is then lost by none."""
    try:
        return np.linalg.solve(system, right)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(system, right, rcond=None)[0]
