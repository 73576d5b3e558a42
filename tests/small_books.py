"""Small books for tests: a controller's table becomes landing files, and files become a book in a home.

What a test expects of a book belongs to the test.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from assets.allowance import AFTER_RATES, BEFORE_RATES, RATES, make_rates
from assets.allowance import READ as READ_BY_RATES
from assets.approvals import Closes
from assets.batches import read_manifests, take_in
from assets.discovery import FileNote
from assets.features import AFTER_CALENDAR, BEFORE_CALENDAR, CALENDAR, calendar_frames
from assets.ledger import TABLES as LEDGER
from assets.marts import ALLOWANCE_TABLES, SQL_TABLES
from assets.raw import list_batches
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.sql_asset import tables_in
from assets.staging import load_batches, load_policy_tables
from models.contract import contract, sql
from models.policy import Policy
from pipelines.outcome import Outcome
from pipelines.run import run_day

ALLOWANCE = (*BEFORE_RATES, *RATES, *AFTER_RATES, *ALLOWANCE_TABLES)
BUILT_BY_SQL = (*LEDGER, *BEFORE_CALENDAR, *AFTER_CALENDAR, *SQL_TABLES)
BUILT = frozenset((*BUILT_BY_SQL, *CALENDAR, *ALLOWANCE))


def cells_of(table: str) -> list[list[str]]:
    """The cells of a table drawn with `|`; lines of dashes are drawing."""
    lines = [line.strip().strip("|") for line in table.strip().splitlines() if set(line.strip()) - set("|-+ ")]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def as_cell(value: Any) -> str:
    """A value as a controller would write it into a table: money with its cents, nothing as a dot."""
    if value is None or value == "":
        return "."
    if isinstance(value, Decimal):
        return f"{value:.2f}" if value == round(value, 2) else str(value)
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value)


def write_feed(folder: Path, name: str, table: str) -> Path:
    """Write `table`, lines of cells between `|` under a header, as `<folder>/<name>.csv`; `.` is an empty cell."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(",".join("" if cell == "." else cell for cell in row) for row in cells_of(table))
    path = folder / f"{name}.csv"
    path.write_text(text + "\n", encoding="utf-8")
    return path


@dataclass
class SmallBook:
    """A book in a temporary home: files are put into its landing folder, and it is loaded or run."""

    root: Path
    policy: str = ""
    sources: Path | None = None
    notes: list[FileNote] = field(default_factory=list)
    built: tuple[date, datetime] | None = None
    made: set[str] = field(default_factory=set)

    @property
    def landing(self) -> Path:
        """The folder of canonical files."""
        folder = self.root / "landing"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def put(self, **feeds: str) -> None:
        """Write feeds, each from a table; `invoices_2` is a second file of invoices."""
        for name, table in feeds.items():
            write_feed(self.landing, name, table)

    def home(self, known_at: str = "", recorded_at: str = "") -> Home:
        """The home of this book, for a run with these parameters."""
        policy = self.root / "policy.yml"
        if self.policy:
            policy.write_text(self.policy, encoding="utf-8")
        return Home(
            path=str(self.root / "home"),
            sources=str(self.sources or self.landing),
            policy_file=str(policy) if self.policy else "",
            known_at=known_at,
            recorded_at=recorded_at,
        )

    def load(self, recorded_at: str = "2026-01-31T00:00:00") -> Home:
        """Take in what is new and load it, without Dagster."""
        home = self.home(recorded_at=recorded_at)
        home.create()
        landed = take_in(home.raw, home.work, Path(home.sources), home.now)
        self.notes = landed.notes
        with home.warehouse() as warehouse:
            list_batches(warehouse, read_manifests(home.raw), landed.notes)
            load_batches(warehouse, home.raw, home.policy)
            load_policy_tables(warehouse, home.policy)
        return home

    def build(self, as_of: str, known_at: str = "") -> None:
        """Build ledger, features and marts of what is loaded, for a day: each table when it is first asked for."""
        self.built, self.made = (date.fromisoformat(as_of), self.home(known_at=known_at).as_known_at), set()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query on the working file."""
        self._make(behind(*tables_in(query)) - self.made)
        with self.home().warehouse(read_only=True) as warehouse:
            return warehouse.rows(query)

    def _make(self, wanted: set[str]) -> None:
        if self.built and wanted:
            as_of, known_at = self.built
            with self.home().warehouse() as warehouse:
                calendars = self.home().policy.forecast.calendars()
                build_tables(warehouse, {as_of: "test"}, known_at, wanted, calendars)
                build_allowance(warehouse, {as_of: "test"}, known_at, self.home().policy, wanted)
            self.made |= wanted

    def expect(self, source: str, table: str) -> None:
        """Demand that a table (or `table where …`) has exactly these rows in these columns, in any order."""
        header, *wanted = cells_of(table)
        found = [[as_cell(value) for value in row] for row in self.rows(f"select {', '.join(header)} from {source}")]
        assert sorted(found) == sorted(wanted)

    def expect_open(self, as_of: str, table: str, known_at: str = "") -> None:
        """Build the book for a day, and demand exactly these open items."""
        self.build(as_of, known_at)
        self.expect("ledger.open_items", table)

    def run(self, as_of: str, known_at: str = "", recorded_at: str = "") -> Outcome:
        """Run the nightly job for a day, as the command line does."""
        return run_day(self.home(known_at, recorded_at), date.fromisoformat(as_of))

    def copied(self, to: Path) -> SmallBook:
        """The same book in another folder, with all that was run of it: a copy costs less than a night."""
        root = shutil.copytree(self.root, to / self.root.name, symlinks=True)
        return replace(self, root=root, made=set(self.made))


def behind(*tables: str) -> set[str]:
    """These tables, and all that they are made from, as far as the ledger, the features and the marts hold them."""
    found: set[str] = set()
    left = {table for table in tables if table in BUILT}
    while left:
        table = left.pop()
        found.add(table)
        left |= read_by(table) - found
    return found


@cache
def read_by(table: str) -> frozenset[str]:
    """The other tables of those layers that one is made from."""
    read = {**dict.fromkeys(CALENDAR, BEFORE_CALENDAR), **dict.fromkeys(RATES, READ_BY_RATES)}
    return BUILT.intersection(read.get(table) or tables_in(sql(table))) - {table}


def build_tables(
    warehouse: Warehouse,
    days: Mapping[date, str],
    known_at: datetime,
    wanted: Collection[str] | None = None,
    calendars: Sequence[str | None] = (None,),
) -> None:
    """Make every table that SQL makes, or those wanted, for days with their run ids, and the calendars between them."""
    for table in BUILT_BY_SQL:
        if table == AFTER_CALENDAR[0] and (wanted is None or not set(CALENDAR).isdisjoint(wanted)):
            first = warehouse.rows("select as_of, min(entry_date) from features.receivable_spells group by as_of")
            for name, frame in calendar_frames(days, dict(first), calendars).items():
                warehouse.replace_days_with_frames(contract(name), frame, days)
        if wanted is not None and table not in wanted:
            continue
        promised = contract(table)
        warehouse.replace(promised, sql(table), days if promised.per_day else None, known_at=known_at)


def build_allowance(
    warehouse: Warehouse, days: Mapping[date, str], known_at: datetime, policy: Policy, wanted: Collection[str]
) -> None:
    """Make those tables of the allowance that are wanted, for days with their run ids."""
    for table in ALLOWANCE:
        if table == RATES[0] and not set(RATES).isdisjoint(wanted):
            make_rates(warehouse, days, policy.allowance, known_at, dict.fromkeys(days, Closes()))
        if table in wanted and table not in RATES:
            warehouse.replace(contract(table), sql(table), days, known_at=known_at)


def published(outcome: Outcome) -> dict[str, bytes]:
    """The bytes of every published Parquet file of an outcome."""
    assert outcome.publication is not None, outcome.error
    return {path.name: path.read_bytes() for path in sorted((outcome.publication / "tables").glob("*.parquet"))}


def table_of(outcome: Outcome, name: str) -> pl.DataFrame:
    """One published table of an outcome."""
    assert outcome.publication is not None, outcome.error
    return pl.read_parquet(outcome.publication / "tables" / f"{name}.parquet")
