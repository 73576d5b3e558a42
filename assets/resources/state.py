"""The record beside the warehouse: what every check of a run said, how each run ended, and the outbox of alerts.

It is SQLite and not DuckDB so that it survives a lost working file and can be read while a run writes.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Self

from assets.resources import outbox

_TABLES = """
create table if not exists check_results (
    execution_id text not null,
    as_of text not null,
    layer text not null,
    table_name text not null,
    check_name text not null,
    description text not null,
    severity text not null,
    passed integer not null,
    failing_rows integer not null,
    failing_amount text,
    primary key (execution_id, as_of, table_name, check_name)
) strict;
create table if not exists runs (
    execution_id text primary key,
    as_of text not null,
    run_id text not null,
    exit integer not null,
    error text not null
) strict;
create index if not exists check_results_by_execution on check_results (execution_id);
"""

EVERY_DAY = ""
"""The as-of of a check on a table that is not built for a day."""


@dataclass(frozen=True)
class CheckResult:
    """What one check said of one table: `severity` is `error` (blocks publication) or `warn`."""

    layer: str
    table_name: str
    check_name: str
    description: str
    severity: str
    passed: bool
    failing_rows: int = 0
    failing_amount: Decimal | None = None
    as_of: date | None = None

    @property
    def blocks(self) -> bool:
        """Whether this result keeps a publication from appearing."""
        return not self.passed and self.severity == "error"


def of_the_book(results: list[CheckResult]) -> list[CheckResult]:
    """The results that depend on the book alone, and not on which files lay in the folder on the night of the run."""
    return [result for result in results if result.table_name != "raw.file_notes"]


@dataclass(frozen=True)
class RunEnd:
    """How one run ended, by the exit code of the command line."""

    execution_id: str
    as_of: str
    run_id: str
    exit: int
    error: str


class State:
    """The SQLite file of one home; use as a context manager, which commits."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, timeout=30)
        self.connection.executescript(_TABLES + outbox.TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.connection.commit()
        self.connection.close()

    def begin(self) -> None:
        """Keep other writers out until the end, so that what is read now still holds when something is written."""
        self.connection.execute("begin immediate")

    def record(self, execution_id: str, result: CheckResult) -> None:
        """Write down what a check said; the last word of one execution counts."""
        self.connection.execute(
            "insert or replace into check_results values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                execution_id,
                result.as_of.isoformat() if result.as_of else EVERY_DAY,
                result.layer,
                result.table_name,
                result.check_name,
                result.description,
                result.severity,
                int(result.passed),
                result.failing_rows,
                None if result.failing_amount is None else str(result.failing_amount),
            ),
        )

    def results(self, execution_id: str, as_of: date) -> list[CheckResult]:
        """What the checks of one execution said of one day, and of the tables of every day."""
        found = self.connection.execute(
            "select layer, table_name, check_name, description, severity, passed, failing_rows, failing_amount, as_of"
            " from check_results where execution_id = ? and as_of in (?, ?) order by layer, table_name, check_name",
            (execution_id, EVERY_DAY, as_of.isoformat()),
        )
        return [
            CheckResult(*row[:5], bool(row[5]), row[6], Decimal(row[7]) if row[7] else None, as_of if row[8] else None)
            for row in found
        ]

    def record_end(self, end: RunEnd) -> None:
        """Write down how a run ended."""
        row = (end.execution_id, end.as_of, end.run_id, end.exit, end.error)
        self.connection.execute("insert or replace into runs values (?, ?, ?, ?, ?)", row)

    def has_ended(self, execution_id: str) -> bool:
        """Whether it is written down how a run ended."""
        found = self.connection.execute("select 1 from runs where execution_id = ?", (execution_id,))
        return found.fetchone() is not None

    def newest_day(self) -> str:
        """The latest day that a run was for, as ISO text; empty before the first."""
        return self.connection.execute("select coalesce(max(as_of), '') from runs").fetchone()[0]

    def last_run(self) -> RunEnd | None:
        """How the last run ended; None before the first."""
        row = self.connection.execute(
            "select execution_id, as_of, run_id, exit, error from runs order by rowid desc limit 1"
        ).fetchone()
        return RunEnd(*row) if row else None
