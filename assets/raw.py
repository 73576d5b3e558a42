"""The raw layer: what was sent, exactly as it was sent, and the tables that list it.

Reading a file's format belongs to `formats`, making a batch to `batches`.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from assets.batches import read_manifests, take_in
from assets.discovery import FileNote
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.sql_asset import row_counts, spec_of
from models.contract import contract, contracts

COMPULSORY = ("invoices", "payments")
"""A book has one of these at least; all other feeds may be absent."""

TABLES = tuple(found.name for found in contracts("raw"))


@dg.multi_asset(name="raw", specs=[spec_of(found, [], {"python", "parquet"}) for found in contracts("raw")])
def raw_batches(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Take in what is new at the sources, and list all that was ever taken in."""
    home.create()
    notes: list[FileNote] = []
    if home.sources:
        landed = take_in(home.raw, home.work, Path(home.sources), home.now)
        notes = landed.notes
        for manifest in landed.manifests:
            context.log.info(
                f"batch {manifest['batch_number']} of {manifest['source_name']}: {len(manifest['files'])} files"
            )
    manifests = read_manifests(home.raw)
    stopped = any(note.kind == "stopped" for note in notes)
    if not stopped and not any(file["feed"] in COMPULSORY for manifest in manifests for file in manifest["files"]):
        raise dg.Failure(f"no invoices or payments were ever taken in{f' from {home.sources}' if home.sources else ''}")
    with home.warehouse() as warehouse:
        list_batches(warehouse, manifests, notes)
        for table in TABLES:
            yield dg.MaterializeResult(asset_key=table.split("."), metadata=row_counts(warehouse, contract(table)))


def list_batches(warehouse: Warehouse, manifests: list[dict[str, Any]], notes: list[FileNote]) -> None:
    """Make the tables of the raw layer from the manifests, which are the truth."""
    files = numbered_files(manifests)
    totals = [
        {"file_number": file["file_number"], "currency": currency, "total_amount": Decimal(total)}
        for file in files
        for currency, total in file["control_totals"].items()
    ]
    batches = [
        {
            **{name: manifest[name] for name in ("batch_number", "batch_id", "source_name", "declaration_sha256")},
            "recorded_at": datetime.fromisoformat(manifest["recorded_at"]),
            "file_count": len(manifest["files"]),
            "row_count": sum(file["row_count"] for file in manifest["files"]),
        }
        for manifest in manifests
    ]
    said = [asdict(note) for note in notes]
    for table, rows in (("batches", batches), ("files", files), ("control_totals", totals), ("file_notes", said)):
        promised = contract(f"raw.{table}")
        names = list(promised.column_types())
        frame = pl.DataFrame([{name: row[name] for name in names} for row in rows], infer_schema_length=None)
        if not rows:
            frame = pl.DataFrame(schema=dict.fromkeys(names, pl.Null))
        warehouse.replace_with_frame(promised, frame)


def numbered_files(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The files of all batches with their number in this book, and the batch that read the same bytes anew.

    Under a changed declaration every reading of the same bytes is superseded; under the same one, where only a joined
    file changed, the reading by the same entry.
    """
    files: list[dict[str, Any]] = []
    for manifest in manifests:
        again = {(file["file_sha256"], file["entry_number"]) for file in manifest["files"]}
        bytes_again = {sha256 for sha256, _ in again}
        for older in files:
            same_declaration = older["declaration_sha256"] == manifest["declaration_sha256"]
            read_anew = (older["file_sha256"], older["entry_number"]) in again
            if not same_declaration:
                read_anew = older["file_sha256"] in bytes_again
            if older["source_name"] == manifest["source_name"] and older["superseded_by"] is None and read_anew:
                older["superseded_by"] = manifest["batch_number"]
        for file in manifest["files"]:
            described = {
                **file,
                "file_number": len(files) + 1,
                "batch_number": manifest["batch_number"],
                "batch_id": manifest["batch_id"],
                "source_name": manifest["source_name"],
                "declaration_sha256": manifest["declaration_sha256"],
                "recorded_at": datetime.fromisoformat(manifest["recorded_at"]),
                "superseded_by": None,
            }
            files.append(described)
    return files
