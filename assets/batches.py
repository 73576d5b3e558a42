"""Taking files in: how the new files of a source become an immutable batch.

A batch keeps the original bytes by their hash, the text of every field as Parquet, the declaration
that read them, and a manifest. Which files are new belongs to `discovery`, typing their text to staging.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from assets.discovery import FileNote, FoundFile, declared_sources, new_files
from assets.formats import FileStop, read_rows
from assets.resources.failpoints import reach
from assets.resources.files import flush, flush_folder, sha256_of, write_whole
from models.contract import feeds
from models.raw.declaration import Entry, Source
from models.staging import text
from models.staging.file_format import FileFormat

CHUNK_ROWS = 250_000


@dataclass
class Landed:
    """What one run took in: the manifests of new batches, and what is to be said of other files."""

    manifests: list[dict[str, Any]] = field(default_factory=list)
    notes: list[FileNote] = field(default_factory=list)


def read_manifests(raw: Path) -> list[dict[str, Any]]:
    """The manifests of all batches in the order in which they came."""
    found = sorted((raw / "batches").glob("*/manifest.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in found]


def batch_folder(raw: Path, manifest: dict[str, Any]) -> Path:
    """Where a batch is kept."""
    return raw / "batches" / f"{manifest['batch_number']:06d}-{manifest['batch_id'][:16]}"


def take_in(raw: Path, work: Path, location: Path, now: datetime) -> Landed:
    """Land what is new in every source as one batch each; a file that cannot be trusted stops its source's batch."""
    sources, folder = declared_sources(location)
    landed = Landed()
    for source in sources.sources:
        earlier = read_manifests(raw)
        try:
            fresh = new_files(source, folder / source.path, earlier, landed.notes)
            if fresh:
                landed.manifests.append(land(raw, work, source, fresh, earlier, now))
        except FileStop as stop:
            landed.notes.append(FileNote(source.name, "stopped", stop.file, stop.line, stop.found, stop.expected))
    landed.notes = list(dict.fromkeys(landed.notes))
    return landed


def land(
    raw: Path, work: Path, source: Source, files: list[FoundFile], earlier: list[dict[str, Any]], now: datetime
) -> dict[str, Any]:
    """Keep files as the batch after `earlier`, whole or not at all; returns its manifest. Raises FileStop."""
    declaration = source.fingerprint()
    content = "|".join([declaration, *sorted(file.reading_id for file in files)])
    batch_id = hashlib.sha256(content.encode()).hexdigest()
    number = len(earlier) + 1
    part = work / f"batch-{batch_id[:16]}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        described = [_keep(raw, part, index, file) for index, file in enumerate(files, start=1)]
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    times = [datetime.fromisoformat(manifest["recorded_at"]) for manifest in earlier]
    manifest = {
        "batch_number": number,
        "batch_id": batch_id,
        "source_name": source.name,
        "recorded_at": max([now, *(moment + timedelta(microseconds=1) for moment in times)]).isoformat(),
        "declaration_sha256": declaration,
        "declaration": [entry.model_dump(mode="json") for entry in source.entries()],
        "files": described,
    }
    reach("landing.batch", "before")
    write_whole(part / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
    flush_folder(part)
    (raw / "batches").mkdir(parents=True, exist_ok=True, mode=0o750)
    reach("landing.batch", "during")
    part.rename(batch_folder(raw, manifest))
    flush(raw / "batches")
    reach("landing.batch", "after")
    return manifest


def _keep(raw: Path, part: Path, index: int, file: FoundFile) -> dict[str, Any]:
    text_name = f"{index:04d}.parquet"
    original = _keep_original(raw, file.path, file.sha256)
    counts = _write_text(original, part / text_name, file.entry, file.path.name)
    lookups = []
    for position, (path, sha256, layout) in enumerate(file.lookups, start=1):
        name = f"{index:04d}-join-{position}.parquet"
        plain = Entry(pattern=path.name, feed="invoices", columns={}, format=layout)
        _write_text(_keep_original(raw, path, sha256), part / name, plain, path.name)
        lookups.append({"file_name": path.name, "file_sha256": sha256, "text": name})
    return {
        "entry_number": file.entry_number,
        "pattern": file.entry.pattern,
        "feed": file.entry.feed,
        "mode": file.entry.effective_mode,
        "file_name": file.path.name,
        "file_sha256": file.sha256,
        "reading_id": file.reading_id,
        "text": text_name,
        "lookups": lookups,
        **counts,
    }


def _keep_original(raw: Path, path: Path, sha256: str) -> Path:
    """Copy the bytes beside all others, under their hash; what is read afterwards is the copy."""
    folder = raw / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    kept = folder / f"{sha256}{path.suffix.lower()}"
    if not kept.exists():
        copy = kept.with_suffix(f"{kept.suffix}.part")
        reach("landing.original", "before")
        shutil.copyfile(path, copy)
        reach("landing.original", "during")
        if sha256_of(copy) != sha256:
            copy.unlink()
            raise FileStop(path.name, None, "a file that changed while it was read", "a file that is complete")
        copy.chmod(0o440)
        flush(copy)
        copy.replace(kept)
        flush(folder)
        reach("landing.original", "after")
    return kept


def _write_text(original: Path, target: Path, entry: Entry, name: str) -> dict[str, Any]:
    _demand_plain_numbers(original, entry.format, name)
    reader = read_rows(original, entry.format, name, CHUNK_ROWS)
    totals: dict[str, Decimal] = {}
    with ExitStack() as opened:
        writer: pq.ParquetWriter | None = None
        for rows in reader:
            table = rows.to_arrow()
            if writer is None:
                made = pq.ParquetWriter(target, table.schema, compression="zstd", compression_level=1)
                writer = opened.enter_context(made)
            writer.write_table(table)
            _add_totals(totals, rows, entry)
    _demand_columns(list(reader.columns), entry, name)
    _demand_expected(reader.rows, totals, entry, name)
    return {
        "row_count": reader.rows,
        "skipped_count": reader.skipped,
        "columns": list(reader.columns),
        "control_totals": {currency: str(total) for currency, total in sorted(totals.items())},
    }


def _demand_plain_numbers(original: Path, layout: FileFormat, name: str) -> None:
    """Cells of a typed file are numbers already: read in a layout with commas, 1.234 would become 1234."""
    if original.suffix in (".parquet", ".xlsx") and (layout.decimal != "." or layout.thousands):
        found = f"decimal {layout.decimal!r} and thousands {layout.thousands!r} declared for typed cells"
        raise FileStop(name, None, found, "no layout of numbers; read text cells with an expression")


def _add_totals(totals: dict[str, Decimal], rows: pl.DataFrame, entry: Entry) -> None:
    """Add up the amount column as it stands in the file, by currency, before anything is selected or typed."""
    amount, currency = _plain_source(entry, "amount"), _plain_source(entry, "currency")
    if amount not in rows.columns:
        return
    number = text.plain_number(pl.col(amount), entry.format)
    unit = pl.col(currency).fill_null("") if currency in rows.columns else pl.lit(entry.constants.get("currency", ""))
    summed = rows.group_by(unit.alias("unit")).agg(total=text.rounded_money(number, 4).cast(pl.Decimal(38, 4)).sum())
    for found, total in summed.iter_rows():
        totals[found] = totals.get(found, Decimal(0)) + (total or Decimal(0))


def _plain_source(entry: Entry, column: str) -> str:
    if entry.columns is None:
        return column
    source = entry.columns.get(column)
    return source if isinstance(source, str) else ""


def _demand_columns(present: list[str], entry: Entry, name: str) -> None:
    if entry.is_canonical:
        filled = {*entry.constants, *entry.assume, *([] if entry.feed == "entities" else ["entity_id"])}
        columns = feeds()[entry.feed].columns
        needed = [c for c, promised in columns.items() if promised.required and c not in filled and not entry.key]
    else:
        needed = [source for source in (entry.columns or {}).values() if isinstance(source, str)]
        joined = {column for join in entry.join for column in join.columns}
        needed = [column for column in needed if column not in joined]
    missing = [column for column in needed if column not in present]
    if missing:
        found = f"no column {', '.join(missing)} (it has {', '.join(present)})"
        raise FileStop(name, None, found, "every compulsory column")


def _demand_expected(rows: int, totals: dict[str, Decimal], entry: Entry, name: str) -> None:
    if entry.expect is None:
        return
    if entry.expect.rows is not None and rows != entry.expect.rows:
        raise FileStop(name, None, f"{rows:,} rows", f"{entry.expect.rows:,} rows, as declared")
    total = sum(totals.values(), Decimal(0))
    if entry.expect.amount is not None and total != Decimal(entry.expect.amount):
        raise FileStop(name, None, f"amounts that add up to {total}", f"{entry.expect.amount}, as declared")
