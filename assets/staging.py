"""The staging layer: the batches of raw become versions of facts, in the order in which they came.

The working file is a cache: when the code, the engines or the policy that made it change, or when it
is lost, every batch is loaded again from raw and gives the same versions.
"""

import hashlib
import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pyarrow.parquet as pq

from assets.batches import CHUNK_ROWS, batch_folder, read_manifests
from assets.raw import TABLES as RAW_TABLES
from assets.raw import numbered_files
from assets.resources.failpoints import reach
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.runs import code_version, engine_versions
from assets.sql_asset import row_counts, spec_of
from assets.versions import Batch, Incoming
from models.allowance.lines import line_rows
from models.contract import contract, contracts, feeds
from models.policy import Policy
from models.raw.declaration import Entry
from models.staging.conform import ORDINAL, Setting, conform
from models.staging.currencies import MINOR_UNITS

TABLES = tuple(found.name for found in contracts("staging"))
POLICY_TABLES = (
    "policy",
    "aging_buckets",
    "aging_days",
    "currencies",
    "metric_windows",
    "months",
    "days",
    "rollforward_lines",
    "personal_columns",
    "pool_rules",
    "loss_buckets",
    "loss_days",
    "specific_kinds",
    "allowance_lines",
    "allowance_accounts",
    "allowance_movements",
    "collection_steps",
    "entity_calendars",
)
KIND_OF_LINE = {"fx_realised": "applied", "opening": None, "closing": None, "fx_unrealised": None}
"""Lines of the roll-forward that are not named after the kind of event of which they are made."""

KEPT = tuple(found for found in contracts("staging") if found.table not in POLICY_TABLES)


class BatchRefused(ValueError):
    """A batch whose declaration does not fit its files, found only when its rows were read."""


@dg.multi_asset(
    name="staging", specs=[spec_of(found, list(RAW_TABLES), {"polars", "duckdb"}) for found in contracts("staging")]
)
def staging(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Load the batches that are not loaded yet, and the policy as tables."""
    with home.warehouse() as warehouse:
        loaded = load_batches(warehouse, home.raw, home.policy)
        context.log.info(f"{loaded} batches loaded")
        load_policy_tables(warehouse, home.policy)
        for table in TABLES:
            yield dg.MaterializeResult(asset_key=table.split("."), metadata=row_counts(warehouse, contract(table)))


def load_batches(warehouse: Warehouse, raw: Path, policy: Policy) -> int:
    """Load every batch of raw that the working file does not hold; returns how many were loaded."""
    manifests = read_manifests(raw)
    fingerprint = _fingerprint(policy, manifests)
    loaded = _begin(warehouse, fingerprint, len(manifests))
    setting = Setting(policy.entities.default_entity, policy.landing.earliest_date, policy.landing.latest_date)
    files = numbered_files(manifests)
    for manifest in manifests[loaded:]:
        feeds_seen = frozenset(
            feed
            for earlier in manifests[: manifest["batch_number"] - 1]
            for file in earlier["files"]
            for feed in Entry(**earlier["declaration"][file["entry_number"]]).produces()
        )
        batch = Batch(manifest["batch_number"], datetime.fromisoformat(manifest["recorded_at"]), feeds_seen)
        own = [file for file in files if file["batch_number"] == batch.number]
        try:
            incoming = _incoming(warehouse, raw, manifest, own, setting)
            reach("staging.load", "before")
            with warehouse.transaction():
                incoming.merge(batch)
                reach("staging.load", "during")
                warehouse.execute(
                    "insert into staging.loaded values ($batch, $print)", {"batch": batch.number, "print": fingerprint}
                )
            reach("staging.load", "after")
        except (pl.exceptions.PolarsError, ValueError) as error:
            _refuse(raw, manifests[batch.number - 1 :])
            said = str(error).strip().splitlines()[0]
            raise BatchRefused(
                f"source {manifest['source_name']} cannot be read as it is declared: {said}. Nothing of the batch was"
                " loaded; mend the declaration and run again."
            ) from error
    return len(manifests) - loaded


def _refuse(raw: Path, manifests: list[dict[str, Any]]) -> None:
    """Put a batch that cannot be read, and those after it, beside the others, so that they can be sent anew."""
    folder = raw / "refused"
    folder.mkdir(exist_ok=True, mode=0o750)
    for manifest in manifests:
        place = batch_folder(raw, manifest)
        place.rename(folder / f"{len(list(folder.iterdir())) + 1:06d}-{place.name}")


def _fingerprint(policy: Policy, manifests: list[dict[str, Any]]) -> str:
    content = {
        "code": code_version(),
        "engines": engine_versions(),
        "policy": policy.model_dump(mode="json", include={"entities", "landing"}),
        "home": manifests[0]["recorded_at"] if manifests else "",
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _begin(warehouse: Warehouse, fingerprint: str, batches: int) -> int:
    """How many batches the working file holds as this code would load them; it is emptied where it holds others."""
    warehouse.execute("create table if not exists staging.loaded (batch_number integer, fingerprint text)")
    held = warehouse.rows("select batch_number, fingerprint from staging.loaded order by 1")
    complete = all(warehouse.exists(found.name) for found in KEPT)
    if complete and len(held) <= batches and held == [(number, fingerprint) for number in range(1, len(held) + 1)]:
        return len(held)
    with warehouse.transaction():
        warehouse.execute("delete from staging.loaded")
        for found in KEPT:
            warehouse.execute(f"drop table if exists {found.name}")
            warehouse.create_empty(found)
    return 0


def _incoming(
    warehouse: Warehouse, raw: Path, manifest: dict[str, Any], files: list[dict[str, Any]], setting: Setting
) -> Incoming:
    """The typed rows of a batch, in temporary tables.

    Not within a transaction: DuckDB would hold every frame in memory until its end.
    """
    folder = batch_folder(raw, manifest)
    incoming = Incoming(warehouse)
    for number in dict.fromkeys(file["entry_number"] for file in files):
        entry = Entry(**manifest["declaration"][number])
        own = [file for file in files if file["entry_number"] == number]
        incoming.main_feed |= {file["file_number"]: entry.feed for file in own}
        for rows, lookups in _slices(folder, entry, own):
            incoming.add(conform(rows, entry, setting, lookups))
    return incoming


def _slices(
    folder: Path, entry: Entry, files: list[dict[str, Any]]
) -> Iterator[tuple[pl.DataFrame, list[pl.DataFrame]]]:
    """The text of an entry's files in pieces; in one piece where equal rows are told apart by their ordinal."""
    pieces = (piece for file in files for piece in _pieces(folder, file))
    if entry.key and ORDINAL in entry.key:
        yield pl.concat((rows for rows, _ in pieces), how="diagonal"), _lookups(folder, files[0])
    else:
        yield from pieces


def _pieces(folder: Path, file: dict[str, Any]) -> Iterator[tuple[pl.DataFrame, list[pl.DataFrame]]]:
    stored, lookups = pq.ParquetFile(folder / file["text"]), _lookups(folder, file)
    number = pl.lit(file["file_number"], dtype=pl.Int32).alias("_file")
    if not stored.metadata.num_rows:
        yield pl.read_parquet(folder / file["text"]).with_columns(number), lookups
    for part in stored.iter_batches(batch_size=CHUNK_ROWS):
        rows = pl.DataFrame(pl.from_arrow(part))
        yield rows.with_columns(number), lookups


def _lookups(folder: Path, file: dict[str, Any]) -> list[pl.DataFrame]:
    return [pl.read_parquet(folder / lookup["text"]) for lookup in file["lookups"]]


def calendar_months() -> list[dict[str, Any]]:
    """Every month from 1900 to 2100, as `staging.months`."""
    return [
        {
            "month_number": year * 12 + month,
            "month_start": date(year, month, 1),
            "month_end": date(year, month, monthrange(year, month)[1]),
            "days_in_month": monthrange(year, month)[1],
        }
        for year in range(1900, 2101)
        for month in range(1, 13)
    ]


def load_policy_tables(warehouse: Warehouse, policy: Policy) -> None:
    """The policy, the currencies and the calendar as the tables that SQL reads."""
    rows = {
        "policy": [policy.settings_row()],
        "aging_buckets": policy.bucket_rows(),
        "aging_days": policy.aging_day_rows(),
        "currencies": [
            {"currency": code, "minor_unit": unit, "minor_scale": 10**unit, "smallest_amount": Decimal(1).scaleb(-unit)}
            for code, unit in sorted(MINOR_UNITS.items())
        ],
        "metric_windows": policy.window_rows(),
        "collection_steps": policy.step_rows(),
        "entity_calendars": policy.forecast.calendar_rows(),
        "loss_buckets": policy.loss_bucket_rows(),
        "loss_days": policy.loss_day_rows(),
        "allowance_lines": line_rows(),
        **policy.allowance.tables(),
        "months": calendar_months(),
        "days": [
            {"day": date(1900, 1, 1) + timedelta(number)}
            for number in range((date(2101, 1, 1) - date(1900, 1, 1)).days)
        ],
        "rollforward_lines": [
            {"line": line, "line_order": order, "kind": KIND_OF_LINE.get(line, line)}
            for order, line in enumerate(contract("marts.rollforward").columns["line"].values or (), start=1)
        ],
        "personal_columns": [
            {"feed": feed, "column_name": name}
            for feed, promised in feeds().items()
            for name, column in promised.columns.items()
            if column.personal
        ],
    }
    for table, content in rows.items():
        warehouse.replace_with_frame(contract(f"staging.{table}"), pl.DataFrame(content, infer_schema_length=None))
