"""Loss rates by roll rates again, in plain Python from what is published beside them: the matrix and its recoveries.

Belongs here: walking money through the months until nothing is left of it, and which published rates that does not
bear out. Does not: how the matrix came about (`matrix`), or the schedule made of the rates (`recalculation`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
State = tuple[str, int]
MOST_MONTHS = 2400
LEAST_LEFT = 1e-12
NEAR = 1e-6
"""Rates are doubles, of a linear system there and of a sum over months here."""


def rate_differences(tables: Mapping[str, Sequence[Row]], given_up: str) -> list[str]:
    """Published rates of roll rates that the published matrix does not come to.

    `tables` are those of a close; `given_up` names the bucket in which items count as lost. A pool whose money moves
    to where none of its own ever stood borrows there from the pool above, and is left out.
    """
    published: dict[str, dict[str, float]] = defaultdict(dict)
    for row in tables["allowance_loss_rates"]:
        if row["method"] == "roll_rates" and row["historical_rate"] is not None and row["aging_bucket"] != given_up:
            published[row["pool"]][row["aging_bucket"]] = row["historical_rate"]
    found = []
    for pool, rates in sorted(published.items()):
        rows = [row for row in tables["allowance_matrix"] if row["pool"] == pool]
        lost = {
            (row["kind"], row["aging_bucket"]): row["loss_given_default"]
            for row in tables["allowance_recoveries"]
            if row["pool"] == pool
        }
        ours = rates_of(rows, lost, given_up)
        found += [
            f"rate of {pool} {bucket}: {rate:.10f} is published, {ours[bucket]:.10f} recalculated from its matrix"
            for bucket, rate in rates.items()
            if bucket in ours and abs(ours[bucket] - rate) > NEAR
        ]
    return found


def rates_of(rows: Iterable[Row], lost: Mapping[tuple[str, str], float], given_up: str) -> dict[str, float]:
    """The share of each bucket's balance that is lost in the end, by bucket in which anything stood.

    `rows` are those of one pool's matrix: `aging_bucket`, `months_in_bucket`, `becomes`, `opening`, `share`; `lost`
    says by kind and bucket what is lost for good of what is lost. Empty where money moves to where none ever stood.
    """
    ways: dict[State, list[tuple[str, float]]] = defaultdict(list)
    opening: dict[State, float] = {}
    for row in rows:
        state = row["aging_bucket"], row["months_in_bucket"]
        ways[state].append((row["becomes"], row["share"]))
        opening[state] = row["opening"]
    months = defaultdict(list)
    for bucket, month in sorted(ways):
        months[bucket].append(month)
    ends = {given_up, "written_off", "paid", "diluted"}
    if any(name not in months for told in ways.values() for name, _ in told if name not in ends):
        return {}
    shares = {state: _lost_of(state, ways, months, lost, given_up) for state in ways}
    held: dict[str, float] = defaultdict(float)
    sums: dict[str, float] = defaultdict(float)
    for state, share in shares.items():
        held[state[0]] += opening[state]
        sums[state[0]] += opening[state] * min(1.0, share)
    return {bucket: sums[bucket] / held[bucket] for bucket in held if held[bucket] > 0}


def _lost_of(
    state: State,
    ways: Mapping[State, Sequence[tuple[str, float]]],
    months: Mapping[str, Sequence[int]],
    lost: Mapping[tuple[str, str], float],
    given_up: str,
) -> float:
    """What is lost for good of one unit that stands in a state, month by month."""
    standing, total = {state: 1.0}, 0.0
    for _ in range(MOST_MONTHS):
        after: dict[State, float] = defaultdict(float)
        for (bucket, month), held in standing.items():
            for becomes, share in ways[bucket, month]:
                if becomes == "written_off":
                    total += held * share * lost["written_off", bucket]
                elif becomes == given_up:
                    total += held * share * lost["aged_out", bucket]
                elif becomes not in ("paid", "diluted"):
                    after[becomes, _month(months[becomes], month + 1 if becomes == bucket else 1)] += held * share
        standing = after
        if sum(standing.values()) < LEAST_LEFT:
            break
    return total


def _month(told: Sequence[int], wanted: int) -> int:
    """The month in which it then stands: the last in which anything ever did, up to the one wanted."""
    before = [month for month in told if month <= wanted]
    return before[-1] if before else told[0]
