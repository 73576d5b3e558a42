"""What was published last, whether it is whole and not too old, and how the last run ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from assets.publications import LATEST, MANIFEST, differences
from assets.resources.home import Home
from pipelines.days import days_old


@dataclass(frozen=True)
class Status:
    """The lines to print and the exit code: 0 good, 2 good with warnings, 3 last run blocked, 1 none, not whole or
    too old."""

    lines: list[str]
    exit: int


def status_of(home: Home, stale_after: int | None = None) -> Status:
    """Read the home's newest publication and its last run; never writes.

    `stale_after` is how many days the publication's day may lie before today; None: it is not judged.
    """
    pointer = home.publications / LATEST
    last = _last_run(home)
    if not pointer.is_file():
        return Status([f"no publication in {home.root}", *last[0]], last[1] or 1)
    place = home.publications / json.loads(pointer.read_text(encoding="utf-8"))["path"]
    if not (place / MANIFEST).is_file():
        return Status([f"{place} is gone, though {LATEST} names it"], 1)
    manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    lines = [
        f"published  {place}",
        f"as of      {manifest['as_of']}, knowing {_known(manifest)}; vintage {manifest['vintage']}",
        f"status     {manifest['status'].replace('_', ' ')}",
        *[
            f"warning    {check['table']}: {check['check'].replace('_', ' ')} ({check['failing_rows']:,} rows)"
            for check in manifest["checks"]
            if not check["passed"]
        ],
        *[f"table      {output['table']}: {output['row_count']:,} rows" for output in manifest["outputs"]],
    ]
    changed = differences(manifest, place)
    if changed:
        return Status([*lines, f"tampered   {', '.join(changed)}: not the bytes that were published"], 1)
    age = days_old(manifest["as_of"], home.policy.time_zone, home.now.replace(tzinfo=UTC))
    if stale_after is not None and age > stale_after:
        return Status([*lines, f"too old    as of {age:,} days ago, more than {stale_after}", *last[0]], last[1] or 1)
    code = 2 if manifest["status"] == "passed_with_warnings" else 0
    return Status([*lines, *last[0]], last[1] or code)


def _known(manifest: dict[str, Any]) -> str:
    known_at = manifest["parameters"]["known_at"]
    return f"what was known at {known_at}" if known_at != "all" else _counted(len(manifest["inputs"]))


def _counted(batches: int) -> str:
    return "its one batch whole" if batches == 1 else f"{batches:,} batches whole"


def _last_run(home: Home) -> tuple[list[str], int]:
    if not (home.root / "state.db").is_file():
        return [], 0
    with home.state() as state:
        last = state.last_run()
    if last is None or last.exit in (0, 2):
        return [], 0
    said = "was blocked by a failed check" if last.exit == 3 else "ended with an error"
    return [
        f"last run   for {last.as_of} {said}: nothing was published",
        *([last.error] if last.error else []),
    ], last.exit
