"""Approving a close and verifying one: what the commands `approve` and `verify` do.

What is frozen belongs to `assets.approvals`; what must hold of it to `models.allowance.recalculation`.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from assets.approvals import Approval, NotApproved, approvals, approve
from assets.batches import read_manifests
from assets.publications import LATEST
from assets.publications import differences as changed_tables
from assets.resources.home import Home
from models.allowance.recalculation import differences
from models.staging.currencies import MINOR_UNITS

TABLES = ("allowance_schedule", "allowance_items", "allowance_specific", "allowance_rollforward", "allowance_journal")


def approve_close(home: Home, as_of: date, prepared_by: str, approved_by: str, run_id: str = "") -> Approval:
    """Freeze the allowance that was published for a day.

    Raises NotApproved where there is no publication of it, several and none is named, or it is not whole.
    """
    with home.locked():
        place = publication_of(home, as_of, run_id)
        changed = changed_tables(json.loads((place / "manifest.json").read_text(encoding="utf-8")), place)
        if changed:
            raise NotApproved(f"{place} is not what was published: {', '.join(changed)}")
        return approve(home, place, prepared_by, approved_by)


def publication_of(home: Home, as_of: date, run_id: str = "") -> Path:
    """The publication of a day: the one named, the only one, or the one that `latest.json` points to."""
    folder = home.publications / as_of.isoformat()
    found = sorted(path for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    if run_id:
        found = [path for path in found if path.name == run_id]
    if len(found) > 1:
        pointer = json.loads((home.publications / LATEST).read_text(encoding="utf-8"))
        found = [path for path in found if f"{as_of.isoformat()}/{path.name}" == pointer["path"]] or found
    if not found:
        raise NotApproved(f"nothing is published as of {as_of}{f' by run {run_id}' if run_id else ''}; run it first")
    if len(found) > 1:
        raise NotApproved(f"{as_of} is published by several runs: name one of {', '.join(p.name for p in found)}")
    return found[0]


def verify_close(home: Home, as_of: date) -> list[str]:
    """What of an approved close is not as it should be: changed files, figures not to be recalculated, lost inputs.

    Raises NotApproved where the day is not approved.
    """
    found = [one for one in approvals(home) if one.as_of == as_of]
    if not found:
        raise NotApproved(f"{as_of} is not approved")
    close = found[0]
    changed = close.differences()
    if changed:
        return changed
    tables = {name: pl.read_parquet(close.table(name)).to_dicts() for name in TABLES}
    smallest = {currency: Decimal(1).scaleb(-unit) for currency, unit in MINOR_UNITS.items()}
    return [*differences(tables, smallest), *_lost_inputs(home, close)]


def _lost_inputs(home: Home, close: Approval) -> list[str]:
    """Batches that the close was made from and that raw no longer holds, or that begin to hold something else."""
    held = {manifest["batch_id"] for manifest in read_manifests(home.raw)}
    manifest = json.loads((close.folder / "manifest.json").read_text(encoding="utf-8"))
    return [
        f"batch {given['batch_id']} is no longer in raw"
        for given in manifest["inputs"]
        if given["batch_id"] not in held
    ]
