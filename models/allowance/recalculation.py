"""The schedule again in plain Python, item by item with decimals: an auditor's re-performance of what SQL published.

Belongs here: what must hold between the published tables of a close, and which rows break it. Does not: how rates came
about, or whether anything was changed after approval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = Mapping[str, Any]
Rows = Iterable[Row]
NOTHING = Decimal(0)


def differences(tables: Mapping[str, Sequence[Row]], smallest: Mapping[str, Decimal]) -> list[str]:
    """What does not hold in a close; `tables` are its published tables, `smallest` the minor unit of each currency."""
    return [
        *_schedule(tables["allowance_schedule"], tables["allowance_items"], smallest),
        *_specific(tables["allowance_specific"], smallest),
        *_rollforward(tables["allowance_rollforward"], tables["allowance_items"]),
        *_journal(tables["allowance_journal"]),
    ]


def line_of(exposure: Decimal, rate: Decimal, smallest: Decimal) -> Decimal:
    """Exposure by rate, rounded half up, away from nothing, to the minor unit."""
    return (exposure * rate / smallest).quantize(Decimal(1), ROUND_HALF_UP) * smallest


def _schedule(schedule: Rows, items: Rows, smallest: Mapping[str, Decimal]) -> list[str]:
    exposures: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    allowances: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for item in items:
        if item["treatment"] == "pool":
            exposures[_line(item)] += item["exposure"]
            allowances[_line(item)] += item["allowance"] or NOTHING
    found = []
    for line in schedule:
        key = _line(line)
        if exposures.pop(key, NOTHING) != line["exposure"]:
            found.append(f"schedule {' '.join(key)}: its items do not add up to its exposure of {line['exposure']}")
        if line["rate"] is None:
            continue
        ours = line_of(line["exposure"], line["rate"], smallest[line["currency"]])
        if ours != line["allowance"]:
            found.append(f"schedule {' '.join(key)}: {line['allowance']} is published, {ours} recalculated")
        if allowances[key] != line["allowance"]:
            found.append(f"schedule {' '.join(key)}: its items have {allowances[key]}, it {line['allowance']}")
    return found + [f"schedule {' '.join(key)}: items without a line" for key, sum_ in exposures.items() if sum_]


def _specific(reserves: Rows, smallest: Mapping[str, Decimal]) -> list[str]:
    found = []
    for row in reserves:
        ours = line_of(row["exposure"], row["expected_loss_rate"], smallest[row["currency"]])
        if ours != row["allowance"]:
            found.append(f"specific {row['document_id']}: {row['allowance']} is published, {ours} recalculated")
    return found


def _rollforward(lines: Rows, items: Rows) -> list[str]:
    moved: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    closing: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in lines:
        key = (row["entity_id"], row["currency"], row["pool"])
        (closing if row["line"] == "closing" else moved)[key] += row["amount"]
    held: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for item in items:
        pool = "specific" if item["treatment"] == "specific" else item["pool"]
        held[item["entity_id"], item["currency"], pool] += item["allowance"] or NOTHING
    found = [f"roll-forward {' '.join(key)}: it does not foot" for key in closing if moved[key] != closing[key]]
    keys = sorted(closing.keys() | held.keys())
    return found + [
        f"roll-forward {' '.join(key)}: it closes at {closing[key]}, the items at {held[key]}"
        for key in keys
        if closing[key] != held[key]
    ]


def _journal(entries: Rows) -> list[str]:
    sides: dict[str, Decimal] = defaultdict(Decimal)
    for row in entries:
        sides[row["journal_id"]] += row["debit"] - row["credit"]
    return [f"journal {name}: debits and credits differ by {left}" for name, left in sides.items() if left]


def _line(row: Row) -> tuple[str, ...]:
    return row["entity_id"], row["currency"], row["pool"], row["aging_bucket"]
