"""The published tables in a PostgreSQL database, for those who read with SQL or a BI tool.

A publication is loaded into a schema of its own, read back, and then shown through views in one schema with a stable
name, all in one transaction: readers see the publication before or this one, never a mix. What the tables mean belongs
to `models`; where the database is, to the environment.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from assets.marts import published_contracts
from assets.resources.warehouse import Warehouse
from models.contract import Contract

CHUNK = 1 << 20
TYPES = {"DOUBLE": "double precision", "DECIMAL": "numeric"}
RECORD = "publication"
"""The view that says which publication the others show."""
LOCK = 0x7265_6365_6976
"""The advisory lock that loaders take, so that two do not load at once."""
PATIENCE = "30s"
"""How long the swap waits for readers that hold the views; then nothing changes, and the command says so."""


class LoadError(RuntimeError):
    """A database that does not hold what was published; nothing of it is shown."""


@dataclass(frozen=True)
class Loaded:
    """What a load came to: where it is, how many tables and totals were read back, and whether it was there already."""

    schema: str
    version: str
    tables: int
    totals: int
    was_there: bool = False


def load(connection: Any, bundle: Warehouse, manifest: Mapping[str, Any], schema: str, reader: str) -> Loaded:
    """Load a publication, verify it and show it, in one transaction of an open psycopg connection.

    Raises LoadError when the database, read back, has other rows or totals than the publication.
    """
    version = f"{schema}_{manifest['as_of'].replace('-', '')}_{manifest['run_id'][:12]}"
    rows = {output["table"]: output["row_count"] for output in manifest["outputs"]}
    found = [promised for promised in published_contracts() if promised.table in rows]
    with connection.transaction():
        _run(connection, "select pg_advisory_xact_lock(%s)", LOCK)
        before = _shown(connection, schema)
        was_there = before == version
        if not was_there:
            _fill(connection, bundle, version, found)
        totals = sum(_verify(connection, bundle, version, promised, rows[promised.table]) for promised in found)
        if not was_there:
            _swap(connection, schema, (before, version), manifest, found)
        _let_read(connection, schema, reader)
    return Loaded(schema, version, len(found), totals, was_there)


def forget(connection: Any, loaded: Loaded, keep: int = 2) -> list[str]:
    """Drop the schemas of earlier publications but the newest loaded; returns those dropped.

    The one before stays, for readers that are still at it. One that somebody holds is left for the next time.
    """
    like = f"{loaded.schema}\\_%"
    names = "select nspname from pg_namespace where nspname like %s order by oid desc"
    earlier = [row[0] for row in _run(connection, names, like) if _is_version(row[0], loaded.schema)]
    dropped = []
    for name in [name for name in earlier if name != loaded.version][keep - 1 :]:
        try:
            with connection.transaction():
                _run(connection, f"set local lock_timeout = '{PATIENCE}'")
                _run(connection, f"drop schema {_name(name)} cascade")
            dropped.append(name)
        except _psycopg().errors.LockNotAvailable:
            continue
    return dropped


def _is_version(name: str, schema: str) -> bool:
    day, _, run = name.removeprefix(f"{schema}_").partition("_")
    return len(day) == 8 and day.isdigit() and len(run) == 12


def _psycopg() -> Any:
    import psycopg

    return psycopg


def _run(connection: Any, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    cursor = connection.execute(sql, values or None)
    return cursor.fetchall() if cursor.description else []


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    """A text as a statement writes it that takes no parameters; backslashes stay what they are."""
    return "'" + text.replace("'", "''") + "'"


def type_in_postgres(kind: str) -> str:
    """PostgreSQL's name of a contract's type; decimals keep their digits and places."""
    word, _, size = kind.partition("(")
    return TYPES.get(word, word.lower()) + (f"({size}" if size else "")


def _shown(connection: Any, schema: str) -> str:
    """The version that readers see now; empty before the first."""
    if not _run(connection, "select 1 from pg_views where schemaname = %s and viewname = %s", schema, RECORD):
        return ""
    return str(_run(connection, f"select version from {_name(schema)}.{RECORD}")[0][0])


def _fill(connection: Any, bundle: Warehouse, version: str, found: list[Contract]) -> None:
    """Make the schema of a version anew, with its tables, keys and comments, and copy the rows in."""
    _run(connection, f"drop schema if exists {_name(version)} cascade")
    _run(connection, f"create schema {_name(version)}")
    with tempfile.TemporaryDirectory() as folder:
        for promised in found:
            table = f"{_name(version)}.{promised.table}"
            kinds = promised.column_types()
            columns = ", ".join(f"{_name(name)} {type_in_postgres(kind)}" for name, kind in kinds.items())
            _run(connection, f"create table {table} ({columns})")
            path = Path(folder) / f"{promised.table}.csv"
            bundle.export_csv(f"select {', '.join(_name(name) for name in kinds)} from {promised.table}", path)
            with path.open("rb") as rows, connection.cursor().copy(f"copy {table} from stdin (format csv)") as copy:
                while chunk := rows.read(CHUNK):
                    copy.write(chunk)
            path.unlink()
            if promised.key:
                _run(connection, f"alter table {table} add primary key ({', '.join(map(_name, promised.key))})")
            _comment(connection, "table", version, promised)


def _comment(connection: Any, kind: str, schema: str, promised: Contract) -> None:
    """What a table and its columns mean, from its contract and the glossary, where BI tools show it."""
    place = f"{_name(schema)}.{promised.table}"
    statements = [f"comment on {kind} {place} is {_text(f'{promised.description} One row: {promised.grain[4:]}.')}"]
    for column in promised.column_types():
        meaning, unit = promised.meaning_of(column), _unit(column)
        statements.append(f"comment on column {place}.{_name(column)} is {_text(f'{meaning}{unit}')}")
    _run(connection, "; ".join(statements))


def _unit(column: str) -> str:
    from models.contract import glossary

    unit = glossary()[column].unit
    return f" Unit: {unit}." if unit else ""


def _verify(connection: Any, bundle: Warehouse, version: str, promised: Contract, rows: int) -> int:
    """Compare a table, read back, with the publication: its rows, what each column holds, what each amount adds up to.

    Returns how many totals agree; raises LoadError, which names each that does not.
    """
    kinds = promised.column_types()
    money = [name for name, kind in kinds.items() if kind.startswith("DECIMAL")]
    asked = ["count(*)", *[f"count({_name(name)})" for name in kinds]]
    asked += [f"coalesce(sum({_name(name)}), 0)" for name in money]
    told = ["rows", *[f"values of {name}" for name in kinds], *[f"total of {name}" for name in money]]
    wanted = bundle.rows(f"select {', '.join(asked)} from {promised.table}")[0]
    found = _run(connection, f"select {', '.join(asked)} from {_name(version)}.{promised.table}")[0]
    wrong = [
        f"{what} {held}, published {published}"
        for what, held, published in zip(told, found, wanted, strict=True)
        if Decimal(held) != Decimal(published)
    ]
    if wanted[0] != rows:
        wrong.append(f"the bundle has {wanted[0]} rows, and the manifest {rows}")
    if wrong:
        raise LoadError(f"{promised.table} is not what was published: {'; '.join(wrong)}. Nothing was changed")
    return len(money)


def _swap(
    connection: Any, schema: str, versions: tuple[str, str], manifest: Mapping[str, Any], found: list[Contract]
) -> None:
    """Let the stable schema's views show a version, and no longer the one before.

    Views that can be replaced are, so that what others built upon them stays; those of tables that are gone go.
    """
    before, version = versions
    _run(connection, f"set local lock_timeout = '{PATIENCE}'")
    _run(connection, f"create schema if not exists {_name(schema)}")
    for promised in found:
        columns = ", ".join(_name(name) for name in promised.column_types())
        _view(connection, schema, promised.table, f"select {columns} from {_name(version)}.{promised.table}")
        _comment(connection, "view", schema, promised)
    if before:
        stale = "select viewname from pg_views where schemaname = %s and position(%s in definition) > 0"
        for (name,) in _run(connection, stale, schema, f"{before}."):
            _run(connection, f"drop view {_name(schema)}.{_name(name)}")
    told = {"version": version, **{name: manifest[name] for name in ("as_of", "run_id", "status")}}
    casts = {"as_of": "date"}
    cells = ", ".join(f"cast({_text(value)} as {casts.get(name, 'text')}) as {name}" for name, value in told.items())
    _view(connection, schema, RECORD, f"select {cells}")
    _run(connection, f"comment on view {_name(schema)}.{RECORD} is 'Which publication the other views show.'")


def _view(connection: Any, schema: str, name: str, sql: str) -> None:
    """Replace a view; one whose columns changed is made anew, which fails where somebody's view rests on it."""
    place = f"{_name(schema)}.{name}"
    try:
        with connection.transaction():
            _run(connection, f"create or replace view {place} as {sql}")
    except _psycopg().errors.InvalidTableDefinition:
        _run(connection, f"drop view {place}")
        _run(connection, f"create view {place} as {sql}")


def _let_read(connection: Any, schema: str, reader: str) -> None:
    """Let the reading role see the views and nothing else; make the role where there is none."""
    if not _run(connection, "select 1 from pg_roles where rolname = %s", reader):
        _run(connection, f"create role {_name(reader)} nologin")
    _run(connection, f"grant usage on schema {_name(schema)} to {_name(reader)}")
    _run(connection, f"grant select on all tables in schema {_name(schema)} to {_name(reader)}")
