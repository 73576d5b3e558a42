"""The files of a publication: one Parquet a table, ordered and reproducible, and one DuckDB file with the same tables.

When a publication may appear belongs to `publications`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from assets.marts import published_contracts
from assets.resources.files import sha256_of
from assets.resources.warehouse import Warehouse, WarehouseError
from models.contract import Contract

OWNERS_ONLY = 0o600
"""Permissions of rows that were refused: whatever was sent by mistake stands in them."""


def write_tables(warehouse: Warehouse, folder: Path, as_of: date) -> list[dict[str, Any]]:
    """Write each published table of a day as Parquet ordered by its key; returns rows, control totals and hashes."""
    folder.mkdir(parents=True, exist_ok=True)
    outputs = []
    for found in published_contracts():
        path = folder / f"{found.table}.parquet"
        warehouse.export(
            f"select * from {found.name} where as_of = $as_of order by {', '.join(found.key)}", path, as_of=as_of
        )
        path.chmod(OWNERS_ONLY if found.table == "rejected_rows" else 0o640)
        outputs.append(
            {
                "table": found.table,
                "file": f"tables/{path.name}",
                "row_count": warehouse.value(
                    f"select count(*) from {found.name} where as_of = $as_of", {"as_of": as_of}
                ),
                "control_totals": _control_totals(warehouse, found, as_of),
                "sha256": sha256_of(path),
            }
        )
    return outputs


def _control_totals(warehouse: Warehouse, found: Contract, as_of: date) -> dict[str, str]:
    """What the first money column adds up to, by currency, and by view where the table has several."""
    amount = next((name for name in ("open_amount", "receivables", "amount") if name in found.columns), None)
    if amount is None or "currency" not in found.columns:
        return {}
    label = "concat(view, ' ', currency)" if "view" in found.columns else "coalesce(currency, '')"
    rows = warehouse.rows(
        f"select {label}, coalesce(sum({amount}), 0) from {found.name} where as_of = $as_of group by 1 order by 1",
        {"as_of": as_of},
    )
    return {f"{amount} {name}".strip(): str(total) for name, total in rows}


def write_bundle(path: Path, tables: Path, outputs: list[dict[str, Any]]) -> None:
    """Put the written tables into one DuckDB file, described from the glossary, and read it back.

    Raises WarehouseError when a table does not hold the rows that were written, or a write-ahead log is left.
    """
    with Warehouse(path, schemas=()) as bundle:
        with bundle.transaction():  # each description would else be flushed to disk by itself
            for found in published_contracts():
                bundle.execute(
                    f"create table {found.table} as from read_parquet('{tables / f'{found.table}.parquet'}')"
                )
                bundle.execute(f"comment on table {found.table} is {_quoted(found.description)}")
                for column in found.column_types():
                    bundle.execute(f"comment on column {found.table}.{column} is {_quoted(found.meaning_of(column))}")
        bundle.execute("checkpoint")
    if list(path.parent.glob("*.wal")):
        raise WarehouseError(f"{path.name}: a write-ahead log is left beside the finished file")
    with Warehouse(path, read_only=True) as bundle:
        for output in outputs:
            held = bundle.value(f"select count(*) from {output['table']}")
            if held != output["row_count"]:
                raise WarehouseError(f"{path.name}: {output['table']} holds {held} rows, not {output['row_count']}")
    path.chmod(0o440)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
