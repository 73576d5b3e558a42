"""Whether what a home holds is whole: working file, record, raw, publications, closes; and whether sources are there.

Each function looks at one part and yields lines about it. Settings and the machine belong to `doctor`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyarrow import ArrowException

from assets.approvals import approvals
from assets.batches import batch_folder, read_manifests
from assets.discovery import declared_sources
from assets.publications import LATEST, MANIFEST, differences, last_published
from assets.resources.files import sha256_of
from assets.resources.home import Home
from assets.resources.warehouse import WarehouseError, damage_of
from pipelines.days import days_old
from pipelines.finding import Finding


def working_file(home: Home) -> Iterator[Finding]:
    """Whether the working file can be read, and what to do where it cannot."""
    subject = "working file"
    if not home.warehouse_file.is_file():
        yield Finding("ok", subject, "none yet; a run makes it from raw")
    elif home.owner():
        yield Finding("ok", subject, "in use by the run")
    else:
        yield _read_of(home, subject)


def _read_of(home: Home, subject: str) -> Finding:
    if damage := damage_of(home.warehouse_file, home.memory_limit):
        return Finding("error", subject, f"damaged: {damage}", "The next run sets it aside and makes it anew from raw")
    try:
        with home.warehouse(read_only=True) as warehouse:
            batches = warehouse.value("select count(*) from raw.batches") if warehouse.exists("raw.batches") else 0
        return Finding("ok", subject, f"can be read whole; {batches:,} batches listed")
    except WarehouseError as error:
        advice = f"Close what has it open, or move {home.warehouse_file.name} away: the next run makes it anew from raw"
        return Finding("error", subject, str(error).splitlines()[0], advice)


def record(home: Home) -> Iterator[Finding]:
    """Whether `state.db` is whole."""
    path = home.root / "state.db"
    if not path.is_file():
        yield Finding("ok", "record", "none yet")
        return
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (said,) = connection.execute("pragma quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    finally:
        connection.close()
    if said == "ok":
        yield Finding("ok", "record", "state.db is whole")
    else:
        yield Finding(
            "error",
            "record",
            f"state.db: {said}",
            "Move it away: what checks said before, and alerts not sent, are lost; runs are not",
        )


def raw(home: Home) -> Iterator[Finding]:
    """Whether each file of each batch has the bytes that were sent, and the rows that were read of it."""
    manifests = read_manifests(home.raw)
    kept = {path.stem: path for path in (home.raw / "files").glob("*") if path.suffix != ".part"}
    wanted = {
        sha256: name
        for manifest in manifests
        for file in manifest["files"]
        for sha256, name in [(file["file_sha256"], file["file_name"])]
        + [(lookup["file_sha256"], lookup["file_name"]) for lookup in file["lookups"]]
    }
    lost = [f"{name} ({sha256[:16]}) is missing" for sha256, name in wanted.items() if sha256 not in kept]
    changed = [
        f"{wanted.get(sha256, path.name)} ({sha256[:16]}) has other bytes"
        for sha256, path in sorted(kept.items())
        if sha256_of(path) != sha256
    ]
    unread = [said for manifest in manifests for file in manifest["files"] if (said := _text_of(home, manifest, file))]
    for said in (*lost, *changed, *unread):
        yield Finding("error", "raw", said, "Restore it from a backup: it is the evidence of what was sent")
    if not (lost or changed or unread):
        size = sum(path.stat().st_size for path in kept.values())
        yield Finding(
            "ok",
            "raw",
            f"{len(manifests):,} batches, {len(kept):,} files, {size / 1e6:,.1f} MB, each as it was sent",
        )


def _text_of(home: Home, manifest: dict[str, Any], file: dict[str, Any]) -> str:
    """What is wrong with the text that was read of a file; nothing where it has its rows."""
    path = batch_folder(home.raw, manifest) / file["text"]
    try:
        rows = pq.read_metadata(path).num_rows
    except (OSError, ArrowException):
        return f"the text of {file['file_name']} in batch {manifest['batch_number']} cannot be read"
    return (
        ""
        if rows == file["row_count"]
        else f"the text of {file['file_name']} has {rows:,} rows, not {file['row_count']:,}"
    )


def publications(home: Home) -> Iterator[Finding]:
    """Whether each publication is what its manifest says, and `latest.json` names one that is there."""
    places = sorted(path.parent for path in home.publications.glob(f"*/*/{MANIFEST}"))
    spoiled = 0
    for place in places:
        changed = differences(json.loads((place / MANIFEST).read_text(encoding="utf-8")), place)
        if changed:
            spoiled += 1
            yield Finding(
                "error",
                "publications",
                f"{place}: {', '.join(changed)} not as published",
                "Move it away and run that day again",
            )
    bare = sorted(str(path) for path in home.publications.glob("*/*") if not (path / MANIFEST).is_file())
    if bare:
        yield Finding("error", "publications", f"{', '.join(bare)} has no manifest", "Move it away: no run made it so")
    pointer = home.publications / LATEST
    if places and not pointer.is_file():
        yield Finding("warning", "publications", f"{LATEST} is gone", "The next run for the newest day writes it")
    elif (
        pointer.is_file() and not (home.publications / json.loads(pointer.read_text(encoding="utf-8"))["path"]).is_dir()
    ):
        yield Finding("error", "publications", f"{LATEST} names what is not there", "Run that day again")
    if not (spoiled or bare):
        yield Finding("ok", "publications", f"{len(places):,}, each as its manifest says")


def age(home: Home, stale_after: int | None, now: datetime) -> Iterator[Finding]:
    """How old the newest publication's day is."""
    as_of = last_published(home)
    if as_of is None:
        yield Finding("warning", "age", "nothing is published yet", "`receivables run`")
        return
    age = days_old(as_of, home.policy.time_zone, now)
    said = f"the newest publication is as of {as_of}, {age:,} days ago"
    if stale_after is not None and age > stale_after:
        yield Finding(
            "warning",
            "age",
            said,
            f"More than {stale_after} are too old: see how the last run ended with `receivables status`",
        )
    else:
        yield Finding("ok", "age", said)


def closes(home: Home) -> Iterator[Finding]:
    """Whether each approved close is what was approved."""
    found = approvals(home)
    for close in found:
        if changed := close.differences():
            yield Finding(
                "error",
                "closes",
                f"{close.as_of}: {'; '.join(changed)}",
                "Restore it: later closes open from it, and do not run",
            )
    if not any(close.differences() for close in found):
        yield Finding("ok", "closes", f"{len(found):,} approved, each as approved")


def sources(home: Home) -> Iterator[Finding]:
    """Whether the sources' folders can be read, and of when their newest file is."""
    if not home.sources:
        yield Finding("ok", "sources", "not named; `--sources` looks at them")
        return
    declared, folder = declared_sources(Path(home.sources))
    for source in declared.sources:
        place = folder / source.path
        if not place.is_dir() or not os.access(place, os.R_OK | os.X_OK):
            yield Finding("error", "sources", f"{source.name}: {place} cannot be read", "Mount it, or mend `path`")
            continue
        times = [path.stat().st_mtime for path in place.rglob("*") if path.is_file()]
        newest = f", the newest of {datetime.fromtimestamp(max(times), UTC):%Y-%m-%d %H:%M} UTC" if times else ""
        level = "ok" if times else "warning"
        yield Finding(level, "sources", f"{source.name}: {len(times):,} files{newest}")
