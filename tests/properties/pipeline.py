"""A drawn book through the real pipeline: landing files, batches, versions and every SQL table, without Dagster.

Belongs here: writing a book as canonical files, taking them in at given times, building the tables. Does not:
what is drawn, or what must hold of the result. A home lives in memory where the machine has a place for it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from assets.batches import Landed, read_manifests, take_in
from assets.raw import list_batches
from assets.resources.warehouse import EVERYTHING, Warehouse
from assets.staging import load_batches, load_policy_tables
from models.contract import contract
from models.policy import Policy, load_policy
from tests.oracle.books import book_rows_by_batch
from tests.oracle.settlement import Book
from tests.small_books import BUILT_BY_SQL, build_tables

Files = dict[str, str]
Deliveries = list[tuple[datetime, Files]]
Frames = dict[str, pl.DataFrame]

MEMORY = Path("/dev/shm")
DEFAULT_POLICY = load_policy()
PER_DAY = tuple(name for name in BUILT_BY_SQL if contract(name).per_day)
PLACES = ("marts.rejected_rows",)  # tells files and lines: those differ where the same rows are sent in another way


class Pipeline:
    """A home in a temporary folder: files are delivered into its inbox, taken in, and loaded."""

    def __init__(self, root: Path, sources: str | None = None) -> None:
        self.inbox, self.raw, self.work = (root / name for name in ("inbox", "raw", "work"))
        for folder in (self.inbox, self.raw, self.work):
            folder.mkdir()
        self.location = self.inbox
        if sources is not None:
            self.location = root / "sources.yml"
            self.location.write_text(sources, encoding="utf-8")

    def deliver(self, files: Mapping[str, str], now: datetime) -> Landed:
        """Put files into the inbox, beside those that are there already, and take in what is new."""
        for name, text in files.items():
            (self.inbox / name).write_text(text, encoding="utf-8")
        return take_in(self.raw, self.work, self.location, now)

    def load(self, warehouse: Warehouse, policy: Policy = DEFAULT_POLICY) -> None:
        """Load what was taken in and is not loaded yet."""
        list_batches(warehouse, read_manifests(self.raw), [])
        load_batches(warehouse, self.raw, policy)


@contextmanager
def pipeline(sources: str | None = None) -> Iterator[Pipeline]:
    """An empty home that is gone afterwards."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as root:
        yield Pipeline(Path(root), sources)


@contextmanager
def loaded(deliveries: Deliveries, sources: str | None = None) -> Iterator[Warehouse]:
    """The warehouse of everything delivered, loaded at once."""
    with pipeline(sources) as line, Warehouse(None) as warehouse:
        for time, files in deliveries:
            landed = line.deliver(files, time)
            assert not [note for note in landed.notes if note.kind == "stopped"], landed.notes
        line.load(warehouse)
        yield warehouse


def frames(
    warehouse: Warehouse, days: Iterable[date], known_at: datetime = EVERYTHING, policy: Policy = DEFAULT_POLICY
) -> Frames:
    """Every table that is built for a day, for these days: table -> rows by key, without the run's id."""
    build(warehouse, days, known_at, policy)
    return {name: in_order(warehouse, name) for name in PER_DAY}


def build(warehouse: Warehouse, days: Iterable[date], known_at: datetime, policy: Policy) -> None:
    """Make every SQL table of the ledger and the marts, in order."""
    load_policy_tables(warehouse, policy)
    build_tables(warehouse, {day: f"run of {day}" for day in days}, known_at)


def in_order(warehouse: Warehouse, table: str) -> pl.DataFrame:
    """A table's rows in the order of its key, or of all its columns where it has none, without `run_id`."""
    promised = contract(table)
    names = [name for name in promised.column_types() if name != "run_id"]
    order = ", ".join(promised.key or names)
    return warehouse.frame(f"select {', '.join(names)} from {table} order by {order}")


def bytes_of(found: Frames, *, places: bool = False) -> dict[str, bytes]:
    """The exact content of tables, types and nulls included; tables that name files and lines only with `places`."""
    return {
        name: f"{frame.schema}\n{frame.write_csv(null_value='NULL', quote_style='non_numeric')}".encode()
        for name, frame in found.items()
        if places or name not in PLACES
    }


def deliveries_of(book: Book) -> Deliveries:
    """The files that an increment source would have sent: one for each feed and batch."""
    return [
        (time, {file_name(feed, time): csv_text(rows, time) for feed, rows in feeds.items()})
        for time, feeds in book_rows_by_batch(book)
    ]


def file_name(feed: str, time: datetime, part: str = "") -> str:
    """The name of a feed's file in a batch."""
    return f"{feed}_{time:%Y%m%d}{part}.csv"


def csv_text(rows: list[dict[str, Any]], time: datetime, part: str = "") -> str:
    """Rows as a canonical file. Its last column, which no feed knows, tells exports apart.

    For files are known by their bytes alone: an export that happens to equal an older one would be a no-op.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*rows[0], "exported"])
    writer.writerows([*map(cell, row.values()), f"{time:%Y-%m-%d}{part}"] for row in rows)
    return written.getvalue()


def cell(value: object) -> str:
    """A value as canonical files write it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
