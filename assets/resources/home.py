"""The home folder of one book: where raw evidence, the working file, the record and the publications live.

A deployment setting, not a policy: it says where things are and which run this is, never what a figure means.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO

import dagster as dg

from assets.resources.state import State
from assets.resources.warehouse import EVERYTHING, Warehouse, WarehouseError
from models.policy import Policy, load_policy

QUIET = "telemetry:\n  enabled: false\n"
ONE_AT_A_TIME = "concurrency:\n  runs:\n    max_concurrent_runs: 1\n"
"""Dagster's own settings of a home: nothing is sent out, and one run writes at a time, so that a backfill of month-ends
waits its turn instead of failing on the working file."""

PRIVATE = 0o027
"""What a process that writes to a home takes from its files' permissions: others may do nothing, the group may read."""


ALERTING = "alerting"
"""The job that only reads a home and its outbox, whoever is at work there."""


class HomeBusy(RuntimeError):
    """Another run is writing to this home."""


class HomeGone(RuntimeError):
    """The home was taken away while a run was at work in it."""


class Home(dg.ConfigurableResource):
    """The folders of one book, and the parameters of one run on it.

    `sources` is a `sources.yml` or a folder of canonical files; `known_at` an ISO time in UTC, empty
    for everything that is loaded; `recorded_at` stands in for the clock where a test needs one.
    """

    path: str = "home"
    sources: str = ""
    policy_file: str = ""
    known_at: str = ""
    recorded_at: str = ""
    memory_limit: str = "3GB"

    @classmethod
    def from_environment(cls) -> Home:
        """The home that `RECEIVABLES_HOME`, `_SOURCES` and `_POLICY` name."""
        return cls(
            path=os.environ.get("RECEIVABLES_HOME", "home"),
            sources=os.environ.get("RECEIVABLES_SOURCES", ""),
            policy_file=os.environ.get("RECEIVABLES_POLICY", ""),
            memory_limit=os.environ.get("RECEIVABLES_MEMORY_LIMIT", "3GB"),
        )

    @property
    def root(self) -> Path:
        """The home folder itself."""
        return Path(self.path).expanduser().resolve()

    @property
    def raw(self) -> Path:
        """Batches exactly as sent: the evidence."""
        return self.root / "raw"

    @property
    def work(self) -> Path:
        """Whatever is being written and is not yet true."""
        return self.root / "work"

    @property
    def publications(self) -> Path:
        """What readers read."""
        return self.root / "publications"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own record of runs and assets."""
        return self.root / "dagster"

    @property
    def warehouse_file(self) -> Path:
        """The working file: a cache that can always be rebuilt from raw."""
        return self.root / "warehouse.duckdb"

    @property
    def as_known_at(self) -> datetime:
        """The knowledge time of this run, naive UTC; a time after all others when all that is loaded counts."""
        if not self.known_at:
            return EVERYTHING
        moment = datetime.fromisoformat(self.known_at)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

    @property
    def now(self) -> datetime:
        """The time at which a batch is recorded, naive UTC."""
        return datetime.fromisoformat(self.recorded_at) if self.recorded_at else datetime.now(UTC).replace(tzinfo=None)

    @cached_property
    def policy(self) -> Policy:
        """The policy of this run: the defaults under the file that overlays them."""
        return load_policy(Path(self.policy_file).read_text(encoding="utf-8") if self.policy_file else None)

    def folders(self) -> tuple[Path, ...]:
        """The home folder and what every run finds in it."""
        return (self.root, self.raw, self.work, self.publications, self.dagster_home)

    def create(self) -> None:
        """Make the folders that are not there yet, for the owner and group only."""
        with only_for_us():
            for folder in self.folders():
                folder.mkdir(parents=True, exist_ok=True)
            settings = self.dagster_home / "dagster.yaml"
            if not settings.exists() or settings.read_text(encoding="utf-8") == QUIET:
                settings.write_text(QUIET + ONE_AT_A_TIME, encoding="utf-8")

    def warehouse(self, *, read_only: bool = False) -> Warehouse:
        """The working file, to be used as a context manager."""
        return Warehouse(
            self.warehouse_file,
            memory_limit=self.memory_limit,
            read_only=read_only,
            spill=self.work / "spill",
        )

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """Keep the working file open, so that the steps of a run inside do not each open, check and close it anew.

        A file that cannot be opened is left to the step that needs it first.
        """
        try:
            kept = self.warehouse()
        except WarehouseError:
            yield
            return
        with kept:
            yield

    def state(self) -> State:
        """The record of check results, to be used as a context manager."""
        with only_for_us():
            return State(self.root / "state.db")

    def owner(self) -> str:
        """The process that holds the home for writing; empty where none does, whatever a dead one left in the file."""
        lock = self.root / "lock"
        if not lock.is_file():
            return ""
        with lock.open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return handle.read().strip() or "unknown"
            return ""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home for writing; HomeBusy when another process does. A dead process holds nothing.

        What is written meanwhile, by whichever library, is for the owner and group only.
        """
        with only_for_us(), self._locked():
            yield

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Home]:
        """Hold the home for a run that Dagster starts by itself; the command line holds it already."""
        own_run = context.run is not None and context.run.job_name != ALERTING
        with self.locked() if own_run and self.owner() != str(os.getpid()) else nullcontext():
            yield self

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.create()
        with (self.root / "lock").open("a+") as handle:
            if not _taken(handle):
                handle.seek(0)
                owner = handle.read().strip() or "unknown"
                raise HomeBusy(f"another run (process {owner}) is at work in this home; wait for it to end")
            handle.seek(0)
            handle.truncate()
            handle.write(str(os.getpid()))
            handle.flush()
            try:
                yield
            finally:
                handle.truncate(0)  # so that who holds it next is never taken for this process


@contextmanager
def only_for_us() -> Iterator[None]:
    """Let this process make files that others can neither read nor write."""
    before = os.umask(PRIVATE)
    try:
        yield
    finally:
        os.umask(before)


def _taken(handle: IO[str]) -> bool:
    """Take the lock, if no other process has it; one that only looks at it has it for a moment."""
    for _ in range(3):
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.02)
    return False
