"""`make soak`: many simulated nights on one home, with late, repeated, corrected and hostile files, and kills.

Belongs here: the nights, and what must hold after each and at the end. Does not belong here: what arrives (`traffic`).

    python -m tests.soak --nights 60 --seed 1
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

from assets.batches import take_in
from assets.publications import newest_publication
from assets.resources.failpoints import ERRORS, POINTS, SIGNALS, VARIABLE, WHEN
from assets.resources.home import Home
from assets.resources.outbox import Outbox
from pipelines.outcome import Exit
from pipelines.run import run_day
from pipelines.status import status_of
from tests.soak.traffic import Traffic

ROOT = Path(__file__).resolve().parents[2]
POLICY = "base_currency: USD\nforecast: {origins: 0, draws: 20}\n"
GOOD = (Exit.PUBLISHED, Exit.PUBLISHED_WITH_WARNINGS)
KILLED_SHARE = 0.25


class Broken(AssertionError):
    """Something that must hold after every night does not."""


def main() -> None:
    """Run the nights, or, as a process of its own that may be killed, one of them."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak", description="Many nights, with everything that happens."
    )
    parser.add_argument("--nights", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--night", nargs=2, metavar=("ROOT", "DAY"), help="run one night of a folder and end with its code"
    )
    given = parser.parse_args()
    if given.night:
        root, day = Path(given.night[0]), date.fromisoformat(given.night[1])
        sys.exit(int(run_day(home_of(root, day), day).exit))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak(Path(folder), Traffic(given.nights, given.seed), random.Random(given.seed + 1))


def home_of(root: Path, day: date) -> Home:
    """The home under a folder, on the morning after a day."""
    recorded = datetime.combine(day + timedelta(1), datetime.min.time()).replace(hour=6)
    return Home(
        path=str(root / "home"), sources=str(root / "landing"), policy_file=str(root / "policy.yml"),
        recorded_at=recorded.isoformat(),
    )  # fmt: skip


def soak(folder: Path, traffic: Traffic, chance: random.Random) -> None:
    """Every night of the traffic on one home; raises Broken where something does not hold."""
    seen: Counter[str] = Counter()
    root, calm = folder / "stormy", folder / "calm"
    for place in (root, calm):
        place.mkdir()
        (place / "policy.yml").write_text(POLICY, encoding="utf-8")
    for number, day in enumerate(traffic.days):
        hostile = traffic.put(number, root / "landing")
        if chance.random() < KILLED_SHARE:
            seen[f"killed at {_killed(root, day, chance)}"] += 1
        outcome = run_day(home_of(root, day), day)
        seen[outcome.exit.name] += 1
        _demand(
            outcome.exit in GOOD or (hostile and outcome.exit is Exit.BLOCKED), f"{day}: {outcome.exit} {outcome.error}"
        )
        _hold(home_of(root, day), day)
        _take_in_calmly(root, calm, day)
        for path in hostile:
            path.unlink()
            (calm / "landing" / path.name).unlink()
        print(f"{day} {outcome.exit.name:24} {len(list((root / 'landing').iterdir())):4} files", flush=True)
    last = traffic.days[-1]
    again = run_day(home_of(root, last), last)
    blocking = [f"{result.table_name} {result.check_name}" for result in again.results if result.blocks]
    _demand(
        again.exit in GOOD, f"the last night does not publish once its hostile file is gone: {again.error} {blocking}"
    )
    run_day(home_of(calm, last), last)
    compared = _compare(home_of(root, last), home_of(calm, last))
    print(
        f"\n{dict(sorted(seen.items()))}\n{compared} published tables equal those of a home on which nothing went wrong."
    )


def _killed(root: Path, day: date, chance: random.Random) -> str:
    """Run the night with a failpoint, in a process of its own; returns the failpoint."""
    failpoint = f"{chance.choice(POINTS)}:{chance.choice(WHEN)}:{chance.choice(sorted({*SIGNALS, *ERRORS}))}"
    subprocess.run(
        [sys.executable, "-m", "tests.soak", "--night", str(root), day.isoformat()],
        env={**os.environ, VARIABLE: failpoint}, cwd=ROOT, check=False, capture_output=True,
    )  # fmt: skip
    return failpoint


def _hold(home: Home, day: date) -> None:
    """What must hold after every night: one whole publication, nothing half written, nobody holding on, no alert twice."""
    said = [line for line in status_of(home).lines if line.startswith("tampered") or " is gone" in line]
    _demand(not said, f"{day}: {said}")
    _demand(not home.owner(), f"{day}: the home is still held by {home.owner()}")
    parts = [path for path in home.root.rglob("*.part") if "work" not in path.relative_to(home.root).parts]
    _demand(not parts, f"{day}: half written: {parts}")
    with home.state() as state:
        told = Counter(alert.title for alert in Outbox(state.connection).alerts(datetime(2000, 1, 1)))
    twice = [title for title, times in told.items() if "nothing was published" in title and times > 1]
    _demand(not twice, f"told twice: {twice}")


def _take_in_calmly(root: Path, calm: Path, day: date) -> None:
    """The same files, taken in on the same morning by a home that nothing happens to."""
    shutil.copytree(root / "landing", calm / "landing", dirs_exist_ok=True)
    home = home_of(calm, day)
    with home.locked():
        take_in(home.raw, home.work, Path(home.sources), home.now)


def _compare(home: Home, other: Home) -> int:
    """Demand the same tables of two homes, byte by byte; returns how many."""
    ours, theirs = newest_publication(home).folder, newest_publication(other).folder
    names = sorted(path.name for path in (ours / "tables").iterdir())
    _demand(ours.name == theirs.name, f"run {ours.name} is not run {theirs.name}: other batches, or other parameters")
    differing = [
        name for name in names if (ours / "tables" / name).read_bytes() != (theirs / "tables" / name).read_bytes()
    ]
    _demand(not differing, f"other bytes than on a home on which nothing went wrong: {differing}")
    return len(names)


def _demand(holds: object, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


if __name__ == "__main__":
    main()
