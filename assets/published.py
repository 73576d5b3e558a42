"""The newest publication of a home as readers open it: its manifest, and its tables as frames.

Light enough for a notebook. Whether the files are what was published is judged in `publications`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

MANIFEST, LATEST = "manifest.json", "latest.json"


@dataclass(frozen=True)
class Published:
    """One publication: its folder and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    def table(self, name: str) -> pl.DataFrame:
        """A published table, money as decimals."""
        return pl.read_parquet(self.folder / "tables" / f"{name}.parquet")


def newest(home: Path) -> Published:
    """The publication that a home's `latest.json` names; raises ValueError, in one line, where there is none."""
    pointer = home / "publications" / LATEST
    if not pointer.is_file():
        raise ValueError(f"nothing is published in {home} yet: `receivables run` publishes")
    folder = home / "publications" / json.loads(pointer.read_text(encoding="utf-8"))["path"]
    if not (folder / MANIFEST).is_file():
        raise ValueError(f"{folder} is gone, though {LATEST} names it")
    return Published(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
