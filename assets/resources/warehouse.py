"""The one seam through which SQL is executed, and the only module that imports duckdb.

It opens and closes the working file, creates tables from contracts, compares types instead of
casting them, adds `as_of` and `run_id` to what is built for a day, and shows the SQL when it fails.
What a table means does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

import duckdb
import polars as pl

from models.contract import WORDS, Contract

FOREVER = datetime(9999, 12, 31)
"""The end of knowledge of a version that nothing has replaced yet."""

EVERYTHING = datetime(9999, 12, 30)
"""The knowledge time of a run that asks for all that is loaded."""


class WarehouseError(RuntimeError):
    """SQL that failed, or a table that is not what its contract says; carries the SQL."""

    def __init__(self, what: str, sql: str = "") -> None:
        super().__init__(f"{what}\n\n{sql}".rstrip())
        self.sql = sql


class Warehouse:
    """A DuckDB file opened for one piece of work; use as a context manager.

    `path` None opens an empty database in memory, for tests. `memory_limit` is DuckDB's own,
    such as `3GB`; what does not fit is spilled to `spill`.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        memory_limit: str = "3GB",
        read_only: bool = False,
        spill: Path | None = None,
        schemas: tuple[str, ...] = WORDS[:-1],
    ) -> None:
        self.path = path
        settings: dict[str, Any] = {"memory_limit": memory_limit, "preserve_insertion_order": False}
        if spill is not None:
            settings["temp_directory"] = str(spill)
        try:
            self.connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=settings)
        except duckdb.Error as error:
            raise WarehouseError(f"the working file cannot be opened: {error}") from error
        self.connection.execute("set timezone = 'UTC'")
        if not read_only:
            for schema in schemas:
                self.connection.execute(f"create schema if not exists {schema}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one statement for its effect."""
        with _shown(sql):
            self.connection.execute(sql, dict(parameters or {}))

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a small result."""
        with _shown(sql):
            return self.connection.execute(sql, dict(parameters or {})).fetchall()

    def value(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The one value of a one-row, one-column result."""
        return self.rows(sql, parameters)[0][0]

    def frame(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """A result as a Polars frame, decimals kept."""
        with _shown(sql):
            return self.connection.sql(sql, params=dict(parameters or {})).pl()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Another cursor on the same open file, for a library that brings its own SQL."""
        return self.connection.cursor()

    def exists(self, table: str) -> bool:
        """Whether a table or view of this name is there."""
        schema, name = table.split(".")
        found = "select count(*) from information_schema.tables where table_schema = $schema and table_name = $name"
        return bool(self.value(found, {"schema": schema, "name": name}))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done inside, or none of it."""
        self.connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    @contextmanager
    def reading(self, **frames: pl.DataFrame) -> Iterator[None]:
        """Let SQL inside see Polars frames under these names."""
        for name, frame in frames.items():
            self.connection.register(name, frame.to_arrow())
        try:
            yield
        finally:
            for name in frames:
                self.connection.unregister(name)

    def export(self, sql: str, path: Path, **parameters: Any) -> None:
        """Write an ordered result as Parquet: the same rows give the same bytes.

        The rows go through a table of their own, since DuckDB writes other bytes for a column without nulls where the
        table that it was read from has nulls in other rows, such as those of another day.
        """
        self.execute("set preserve_insertion_order = true")
        try:
            self.execute(f"create or replace temp table exported as {sql}", _named_in(sql, parameters))
            self.execute(f"copy exported to '{path}' (format parquet, compression zstd, row_group_size 122880)")
        finally:
            self.execute("drop table if exists temp.exported")
            self.execute("set preserve_insertion_order = false")

    def export_csv(self, sql: str, path: Path) -> None:
        """Write a result as CSV without a header; nothing is an empty field, an empty text a quoted one."""
        self.execute(f"copy ({sql}) to '{path}' (format csv, header false, force_quote *, nullstr '')")

    def create_empty(self, contract: Contract) -> None:
        """The contract's table without rows, unless it is there already."""
        columns = ", ".join(f"{name} {kind}" for name, kind in contract.column_types().items())
        self.execute(f"create table if not exists {contract.name} ({columns})")

    def replace(self, contract: Contract, sql: str, days: Mapping[date, str] | None = None, **parameters: Any) -> None:
        """Make the contract's table (or view) anew from `sql`, in one transaction.

        `days` gives, for a table that is built per day, each as-of with its run id; `sql` is run
        once for each with `$as_of`. Raises WarehouseError when names or types differ from the contract.
        """
        with self.transaction():
            if contract.kind == "view":
                self._drop(contract.name)
                self.execute(f"create view {contract.name} as {sql}")
            elif contract.per_day:
                self._replace_days(contract, sql, days or {}, parameters)
            else:
                self._replace_table(contract, sql, parameters)
            self._compare_with(contract, sql)

    def replace_with_frame(self, contract: Contract, frame: pl.DataFrame) -> None:
        """Make the contract's table anew from a frame that has its columns, in any order, or none and no rows."""
        if not frame.width:
            frame = pl.DataFrame(schema=dict.fromkeys(contract.column_types(), pl.Null))
        names = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in contract.column_types().items())
        with self.reading(given=frame), self.transaction():
            self._replace_table(contract, f"select {names} from given", {})
            self._compare_with(contract, names)

    def replace_days_with_frames(
        self, contract: Contract, frames: Mapping[date, pl.DataFrame], days: Mapping[date, str]
    ) -> None:
        """Make the contract's table anew from a frame a day, to which `as_of` and the day's run id are added.

        A frame without columns is a day without rows. Raises WarehouseError as `replace_with_frame` does.
        """
        seam = {"as_of": pl.Date, "run_id": pl.Utf8}
        stamped = [
            frame.with_columns(as_of=pl.lit(as_of), run_id=pl.lit(days[as_of]))
            for as_of, frame in sorted(frames.items())
            if frame.width
        ]
        nothing = pl.DataFrame(schema={name: seam.get(name, pl.Null) for name in contract.column_types()})
        self.replace_with_frame(contract, pl.concat([nothing, *stamped], how="diagonal_relaxed"))

    def _drop(self, name: str) -> None:
        """Drop what goes by this name: a release before may have made a table of what is now a view, or a view."""
        schema, table = name.split(".")
        views = "select count(*) from duckdb_views() where schema_name = $schema and view_name = $name"
        is_view = self.value(views, {"schema": schema, "name": table})
        self.execute(f"drop {'view' if is_view else 'table'} if exists {name}")

    def _replace_table(self, contract: Contract, sql: str, parameters: Mapping[str, Any]) -> None:
        self._drop(contract.name)
        self.execute(f"create table {contract.name} as {sql}", _named_in(sql, parameters))

    def _replace_days(
        self, contract: Contract, sql: str, days: Mapping[date, str], parameters: Mapping[str, Any]
    ) -> None:
        self._drop(contract.name)
        for number, (as_of, run_id) in enumerate(sorted(days.items())):
            verb = f"insert into {contract.name}" if number else f"create table {contract.name} as"
            seam = (
                f"select cast($seam_day as date) as as_of, cast($seam_run as text) as run_id, made.* from ({sql}) made"
            )
            given = {**_named_in(sql, {"as_of": as_of, **parameters}), "seam_day": as_of, "seam_run": run_id}
            self.execute(f"{verb} {seam}", given)

    def _compare_with(self, contract: Contract, sql: str) -> None:
        found = [(row[0], row[1]) for row in self.rows(f"describe {contract.name}")]
        promised = [(name, _duckdb_type(kind)) for name, kind in contract.column_types().items()]
        if found == promised:
            return
        wrong = [f"{name} {kind}" for name, kind in found if (name, kind) not in promised]
        missing = [f"{name} {kind}" for name, kind in promised if (name, kind) not in found]
        what = f"is {', '.join(wrong) or 'in another order'}; the contract says {', '.join(missing) or promised}"
        raise WarehouseError(f"{contract.name} is not what its contract says: {what}", sql)


_DAMAGED = re.compile(r"Corrupt database file|Could not read enough bytes|not a valid DuckDB database|replaying WAL")


def damage_of(path: Path, memory_limit: str = "3GB") -> str:
    """What DuckDB says of a file that is not as it was written, in its first words; nothing of one that is, or is none.

    Each table is read whole, since each block is held against its checksum only when it is read. A file that another
    process has open, or that may not be read, is not damaged.
    """
    if not path.is_file():
        return ""
    tables = "select concat(schema_name, '.', table_name) from duckdb_tables() order by 1"
    try:
        with Warehouse(path, memory_limit=memory_limit, read_only=True) as warehouse:
            for (name,) in warehouse.rows(tables):
                warehouse.rows(f"select bit_xor(hash(held)) from {name} as held")
    except WarehouseError as error:
        found = _DAMAGED.search(str(error))
        return found[0] if found else ""
    return ""


def _duckdb_type(kind: str) -> str:
    return "VARCHAR" if kind == "TEXT" else kind


def _named_in(sql: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if f"${name}" in sql}


@contextmanager
def _shown(sql: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise WarehouseError(f"{type(error).__name__}: {error}", sql) from error
