"""The files of a pack, written beside the tables of a publication and read back before anybody sees them.

When a publication may appear belongs to `assets.publications`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assets.pack.page import write_page
from assets.pack.read_back import verify_page, verify_workbook
from assets.pack.workbook import write_workbook
from assets.resources.files import sha256_of
from assets.resources.warehouse import Warehouse

WORKBOOK, PAGE = "receivables.xlsx", "receivables.html"


def write_pack(folder: Path, bundle: Path, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write the workbook and the page of a publication into its folder; returns each file with its size and hash.

    Raises PackError when what was written does not add up to the published tables.
    """
    with Warehouse(bundle, read_only=True) as tables:
        written = write_workbook(folder / WORKBOOK, tables, manifest)
        page = write_page(folder / PAGE, tables, manifest, written)
    return [
        _described(folder / PAGE, verify_page(folder / PAGE, page)),
        _described(folder / WORKBOOK, verify_workbook(folder / WORKBOOK, written)),
    ]


def _described(path: Path, totals: int) -> dict[str, Any]:
    """A file as the manifest tells it; `totals_verified` is how many of its totals were found equal to the tables'."""
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path), "totals_verified": totals}
