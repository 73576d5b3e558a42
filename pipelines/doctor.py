"""Whether a home is well: its folders, files and settings, each in a line that says what to do where it is not.

It mends nothing. Whether figures can be believed belongs to `checks`; how the last run ended to `status`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import dagster as dg

from assets.resources.home import Home
from assets.resources.outbox import Outbox
from assets.resources.warehouse import WarehouseError
from assets.runs import engine_versions, locked_versions
from checks.asset_checks import days_of_tags
from models.policy import Policy
from pipelines import holdings
from pipelines.channels import HEARTBEAT, URLS, Channels
from pipelines.days import yesterday
from pipelines.dispatch import KEPT
from pipelines.ending import dead_runs
from pipelines.finding import Finding

LEAST_FREE = 10**9
"""Bytes of disk below which a run may not end, however small the book."""


def exit_code(found: list[Finding]) -> int:
    """0 all is well, 2 something may go wrong, 1 something is broken."""
    levels = {one.level for one in found}
    return 1 if "error" in levels else 2 if "warning" in levels else 0


def examine(home: Home, stale_after: int | None = None) -> list[Finding]:
    """Look at everything; what cannot be looked at is an error of its own, and the rest is looked at all the same.

    `stale_after` is how many days the last publication's day may lie before today; None: not judged.
    """
    now = home.now.replace(tzinfo=UTC)
    found = [*_tried("versions", _versions), *_tried("policy", lambda: _policy(home, now))]
    if not home.root.is_dir():
        return [*found, Finding("error", "home", f"no folder {home.root}", "`receivables run` makes it")]
    looks: dict[str, Callable[[], Iterator[Finding]]] = {
        "home": lambda: _folders(home),
        "disk": lambda: _disk(home),
        "lock": lambda: _lock(home),
        "working file": lambda: holdings.working_file(home),
        "record": lambda: holdings.record(home),
        "raw": lambda: holdings.raw(home),
        "publications": lambda: holdings.publications(home),
        "age": lambda: holdings.age(home, stale_after, now),
        "closes": lambda: holdings.closes(home),
        "sources": lambda: holdings.sources(home),
        "alerts": lambda: _alerts(home, now),
    }
    return [*found, *(one for subject, look in looks.items() for one in _tried(subject, look))]


def _tried(subject: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except (OSError, ValueError, KeyError, sqlite3.Error, WarehouseError) as error:
        said = " ".join(str(error).split())[:300]
        return [Finding("error", subject, f"cannot be looked at: {said}")]


def _versions() -> Iterator[Finding]:
    held, locked = engine_versions(), locked_versions()
    shown = ", ".join(f"{name} {release}" for name, release in held.items())
    other = [f"{name} {locked[name]}" for name in held if locked.get(name, held[name]) != held[name]]
    own = metadata.version("receivables")
    if other:
        yield Finding("warning", "versions", f"{shown}; the lock says {', '.join(other)}", "Run `make setup`")
    else:
        yield Finding("ok", "versions", f"receivables {own}, {shown}")


def _policy(home: Home, now: datetime) -> Iterator[Finding]:
    policy: Policy = home.policy
    named = Path(home.policy_file).name if home.policy_file else "the defaults"
    yield Finding("ok", "policy", f"{named}, {policy.fingerprint()[:16]}")
    yield Finding(
        "ok", "time zone", f"{policy.time_zone}: a run without --as-of is for {yesterday(policy.time_zone, now)}"
    )


def _folders(home: Home) -> Iterator[Finding]:
    lacking = [path.name for path in (home.raw, home.work, home.publications) if not path.is_dir()]
    if lacking:
        yield Finding(
            "warning",
            "home",
            f"{home.root} lacks {', '.join(lacking)}",
            "The next run makes them; if they were there, restore them first",
        )
    closed = [
        path
        for path in (home.root, *home.folders())
        if path.is_dir() and not os.access(path, os.R_OK | os.W_OK | os.X_OK)
    ]
    if closed:
        yield Finding(
            "error",
            "permissions",
            f"{', '.join(map(str, closed))} cannot be written",
            "Run as the owner, or give the user the folder",
        )
    opened = [path for path in (home.root, *home.folders()) if path.is_dir() and path.stat().st_mode & stat.S_IRWXO]
    if opened:
        yield Finding(
            "warning",
            "permissions",
            f"everybody on this machine can look into {', '.join(map(str, opened))}",
            f"chmod -R o-rwx {home.root}",
        )
    if not (lacking or closed or opened):
        yield Finding("ok", "home", str(home.root))


def _disk(home: Home) -> Iterator[Finding]:
    free = shutil.disk_usage(home.root).free
    held = home.warehouse_file.stat().st_size if home.warehouse_file.is_file() else 0
    needed = max(LEAST_FREE, 2 * held)
    said = f"{free / 1e9:,.1f} GB free; the working file has {held / 1e9:,.1f} GB"
    if free < needed:
        yield Finding("warning", "disk", said, f"Make room: a run may need {needed / 1e9:,.1f} GB")
    else:
        yield Finding("ok", "disk", said)


def _lock(home: Home) -> Iterator[Finding]:
    owner = home.owner()
    if owner:
        yield Finding("ok", "lock", f"a run is at work (process {owner})")
        return
    died = []
    if (home.dagster_home / "history").is_dir():
        with dg.DagsterInstance.from_config(str(home.dagster_home)) as record:
            died = dead_runs(record)
    if died:
        days = ", ".join(sorted({day.isoformat() for run in died for day in days_of_tags(run.tags)}))
        said = f"free, but the process of a run for {days} died"
        yield Finding("warning", "lock", said, "Nothing of it was published: run again, which also writes its end down")
    else:
        yield Finding("ok", "lock", "free")


def _alerts(home: Home, now: datetime) -> Iterator[Finding]:
    channels = Channels.from_environment()
    if not channels.main:
        yield Finding(
            "warning",
            "alerts",
            "no channel: nobody hears of a failed night",
            f"Name one in {URLS}, and try `receivables alert test`",
        )
    waiting = []
    if (home.root / "state.db").is_file():
        with home.state() as state:
            waiting = Outbox(state.connection).waiting(now.astimezone(UTC).replace(tzinfo=None) - KEPT)
    if waiting:
        yield Finding(
            "warning",
            "alerts",
            f"{len(waiting):,} not sent, the oldest of {waiting[0].created_at:%Y-%m-%d %H:%M}",
            "`receivables alert dispatch` sends them",
        )
    if channels.main and not waiting:
        yield Finding("ok", "alerts", ", ".join(one.name for one in (*channels.main, *channels.fallback)))
    if not channels.heartbeat:
        yield Finding(
            "warning", "heartbeat", "none: a machine that is down is noticed by nobody", f"Name a URL in {HEARTBEAT}"
        )
