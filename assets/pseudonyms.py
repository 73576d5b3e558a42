"""A copy of a publication for whoever should not know its customers: names and ids become keyed hashes.

Belongs here: which columns are replaced, and writing the copy. Does not: how the key is given (`pipelines.export`).
Equal texts have equal hashes under one key in every table, so the copy joins and groups as the publication does; who
does not hold the key can neither name a customer nor try out a list of names (HMAC, RFC 2104, with SHA-256).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl

from assets.published import Published
from assets.resources.files import sha256_of
from assets.resources.home import only_for_us
from models.contract import Contract, contract

LEAST_KEY = 16
LENGTH = 24
WITHHELD = ("rejected_rows",)
"""Tables that hold what was sent as it was sent, and are no part of the copy."""

KEPT = frozenset({
    "account", "adjustment", "aging_bucket", "asc_tag", "base_currency", "becomes", "best_baseline", "check_name",
    "column_label", "column_name", "component", "currency", "definition", "direction", "disclosure", "document_type",
    "entity_id", "feed", "flag", "flags", "from_bucket", "functional_currency", "grain", "horizon_weeks", "ifrs_tag",
    "layer", "level", "meaning", "model", "parameters", "pool", "row_label", "run_id", "schedule_ii_column", "scope",
    "segment", "shock", "state", "statistic", "table_name", "tables", "unit", "vintage",
})  # fmt: skip
"""Texts that say what a figure is and not whose; any other text without a list of values is replaced."""


class NoKey(ValueError):
    """The key is missing or too short to protect anything."""


def replaced_columns(promised: Contract) -> list[str]:
    """The columns of a published table that the copy has only as hashes, in the table's order."""
    listed = {name for name, column in promised.columns.items() if column.values and not column.personal}
    texts = [name for name, kind in promised.column_types().items() if kind == "TEXT"]
    personal = {name for name, column in promised.columns.items() if column.personal}
    return [name for name in texts if name not in listed and (name not in KEPT or name in personal)]


def pseudonym(key: bytes, text: str) -> str:
    """What stands for a text under a key: 96 bits of its HMAC, in hexadecimal."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def write_copy(published: Published, key: str, out: Path) -> dict[str, Any]:
    """Write the copy as `<out>/tables/*.parquet` with an `export.json`, whole or not at all; returns what that says.

    Raises NoKey for a key of fewer than 16 characters, ValueError where `out` is there already.
    """
    if len(key) < LEAST_KEY:
        raise NoKey(f"the key has fewer than {LEAST_KEY} characters")
    if out.exists():
        raise ValueError(f"{out} is there already; name a folder that is not")
    work = out.with_name(f".{out.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    with only_for_us():
        (work / "tables").mkdir(parents=True)
        told = {
            "as_of": published.manifest["as_of"],
            "run_id": published.manifest["run_id"],
            "key": pseudonym(key.encode(), "the key of a pseudonymised copy"),
            "withheld": list(WITHHELD),
            "tables": [_write_table(published, output["table"], key.encode(), work) for output in _outputs(published)],
        }
        (work / "export.json").write_text(json.dumps(told, indent=1, sort_keys=True), encoding="utf-8")
        work.rename(out)
    return told


def _outputs(published: Published) -> list[dict[str, Any]]:
    return [output for output in published.manifest["outputs"] if output["table"] not in WITHHELD]


def _write_table(published: Published, name: str, key: bytes, work: Path) -> dict[str, Any]:
    frame = published.table(name)
    columns = [column for column in replaced_columns(contract(f"marts.{name}")) if column in frame.columns]
    path = work / "tables" / f"{name}.parquet"
    frame.with_columns(_replaced(frame[column], key) for column in columns).write_parquet(path, compression="zstd")
    return {"table": name, "rows": frame.height, "replaced": columns, "sha256": sha256_of(path)}


def _replaced(column: pl.Series, key: bytes) -> pl.Series:
    """The column in hashes; what is empty stays so."""
    texts = [text for text in column.unique().to_list() if text]
    told = {text: pseudonym(key, text) for text in texts}
    if len(set(told.values())) < len(told):
        raise ValueError(f"two texts of {column.name} have one hash; take another key")
    return column.replace_strict(told, default=column, return_dtype=pl.String) if told else column
