"""`make bench`: books of several sizes through every layer, measured against a bare scan and against pandas.

Belongs here: what is run, in what order, and that both versions agree to the cent. Does not belong here: what a stage
does (`stages`), or the table (`report`).

    python -m tests.bench --sizes 1000000 10000000 --folder /scratch
    python -m tests.bench --through ledger
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.measured import Measured, measure
from tests.bench.report import NIGHT, Run, slowest, table, targets

TIGHT = "1GB"
LARGEST_FOR_PANDAS = 1_000_000
NEAR = 1e-6


class Disagreement(RuntimeError):
    """The pandas version says something else than the marts."""


def main() -> None:
    """Measure every size, then print the tables."""
    given = _arguments()
    runs: dict[int, Run] = {}
    for size in given.sizes:
        folder = Path(tempfile.mkdtemp(prefix=f"bench-{size}-", dir=given.folder))
        try:
            with_pandas = size <= LARGEST_FOR_PANDAS if given.pandas is None else given.pandas
            runs[size] = _run(size, folder, given.through, with_pandas, given.memory_limit)
        finally:
            shutil.rmtree(folder)
        print(f"\n{table(size, runs[size])}\n\nSlowest: {slowest(runs[size])}\n", flush=True)
    print(targets(runs))
    print(f"\n{os.cpu_count()} processors; load over the last 15 minutes {os.getloadavg()[2]:.1f}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure every layer on large books.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000], help="invoices of each book")
    parser.add_argument("--folder", type=Path, help="where the books are made; a temporary folder when not given")
    parser.add_argument("--through", choices=NIGHT, default=NIGHT[-1], help="the last layer of the night to measure")
    parser.add_argument("--memory-limit", default="3GB", help="DuckDB's own, as a run would have it")
    parser.add_argument(
        "--pandas",
        action=argparse.BooleanOptionalAction,
        help=f"compare with the pandas version; without a word, up to {LARGEST_FOR_PANDAS:,} invoices",
    )
    given = parser.parse_args()
    if given.folder is not None:
        given.folder.mkdir(parents=True, exist_ok=True)
    return given


def _run(size: int, folder: Path, through: str, with_pandas: bool, memory_limit: str) -> Run:
    _say(measure("book", folder, size))
    layers = NIGHT[: NIGHT.index(through) + 1]
    run = {stage: _say(measure(stage, folder, size, memory_limit)) for stage in ("scan", *layers)}
    run["compared"] = _say(measure("compared", folder, size, memory_limit))
    if with_pandas:
        run["pandas"] = _say(measure("pandas", folder, size))
        ours = measure("figures", folder, size).said
        _compare(ours, run["pandas"].said["figures"])
    run["tight"] = _say(measure("ledger_and_marts" if "marts" in layers else "compared", folder, size, TIGHT))
    return run


def _say(found: Measured) -> Measured:
    print(f"{found.stage:18} {found.seconds:8.2f} s {found.peak_mb:8,.0f} MB", flush=True)
    return found


def _compare(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """The open total, every bucket of every view and month, and DSO: to the cent, and as near as a double can be."""
    if ours["open"] != theirs["open"]:
        raise Disagreement(f"open items and cents: the marts say {ours['open']}, pandas {theirs['open']}")
    for name in ("aging", "aging_monthly"):
        keys = ours[name].keys() | theirs[name].keys()
        wrong = [(key, ours[name].get(key), theirs[name].get(key)) for key in sorted(keys)]
        _refuse(name, [found for found in wrong if found[1] != found[2]])
    days, other = ours["dso"], theirs["dso"]
    pairs = [(key, days.get(key), other.get(key)) for key in sorted(days.keys() | other.keys())]
    _refuse("dso", [pair for pair in pairs if not _are_near(pair[1], pair[2])])


def _are_near(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= NEAR * max(1.0, abs(one))


def _refuse(name: str, wrong: list[tuple[str, Any, Any]]) -> None:
    if wrong:
        raise Disagreement(f"{name}: {len(wrong)} figures differ, first (key, marts, pandas): {wrong[:3]}")


if __name__ == "__main__":
    main()
