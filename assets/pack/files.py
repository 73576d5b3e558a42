"""The files of a pack, written beside the tables of a publication and read back before anybody sees them.

When a publication may appear belongs to `assets.publications`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assets.pack.read_back import verify_workbook
from assets.pack.workbook import write_workbook
from assets.resources.files import sha256_of
from assets.resources.warehouse import Warehouse

WORKBOOK = "receivables.xlsx"


def write_pack(folder: Path, bundle: Path, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write the workbook of a publication into its folder; returns each file with its size and hash.

    Raises PackError when what was written does not add up to the published tables.
    """
    with Warehouse(bundle, read_only=True) as tables:
        written = write_workbook(folder / WORKBOOK, tables, manifest)
    totals = verify_workbook(folder / WORKBOOK, written)
    return [_described(folder / WORKBOOK, totals)]


def _described(path: Path, totals: int) -> dict[str, Any]:
    """A file as the manifest tells it; `totals_verified` is how many of its totals were found equal to the tables'."""
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path), "totals_verified": totals}
