"""Approving a close and verifying one: what the commands `approve` and `verify` do.

What is frozen belongs to `assets.approvals`; what must hold of it to `models.allowance`.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from assets.approvals import EVIDENCE, Approval, NotApproved, approvals, approve, last_whole
from assets.batches import read_manifests
from assets.publications import LATEST, described_input
from assets.publications import differences as changed_tables
from assets.resources.files import sha256_of
from assets.resources.home import Home
from models.allowance.evidence import sheets
from models.staging.currencies import MINOR_UNITS
from pipelines.evidence import pack

READ = (
    "allowance_schedule",
    "allowance_items",
    "allowance_specific",
    "allowance_rollforward",
    "allowance_journal",
    "allowance_loss_rates",
    "allowance_matrix",
    "allowance_recoveries",
    "allowance_adjustments",
    "gl_tieout",
)
"""The tables that evidence is made from."""


def approve_close(home: Home, as_of: date, prepared_by: str, approved_by: str, run_id: str = "") -> Approval:
    """Freeze the allowance that was published for a day, with the evidence for it.

    Raises NotApproved where there is no publication of it, several and none is named, or it is not whole.
    """
    with home.locked():
        place = publication_of(home, as_of, run_id)
        manifest = _json(place / "manifest.json")
        changed = changed_tables(manifest, place)
        if changed:
            raise NotApproved(f"{place} is not what was published: {', '.join(changed)}")
        lacking = sorted(set(READ) - {output["table"] for output in manifest["outputs"]})
        if lacking:
            raise NotApproved(f"{place} has no {', '.join(lacking)}")
        opened, signed = _opened(home, manifest), (prepared_by.strip(), approved_by.strip())
        return approve(home, place, *signed, pack(_sheets(place, opened), manifest, _signatures(opened, *signed)))


def publication_of(home: Home, as_of: date, run_id: str = "") -> Path:
    """The publication of a day: the one named, the only one, or the one that `latest.json` points to."""
    folder = home.publications / as_of.isoformat()
    found = sorted(path for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    if run_id:
        found = [path for path in found if path.name == run_id]
    if len(found) > 1:
        pointer = _json(home.publications / LATEST)
        found = [path for path in found if f"{as_of.isoformat()}/{path.name}" == pointer["path"]] or found
    if not found:
        raise NotApproved(f"nothing is published as of {as_of}{f' by run {run_id}' if run_id else ''}; run it first")
    if len(found) > 1:
        raise NotApproved(f"{as_of} is published by several runs: name one of {', '.join(p.name for p in found)}")
    return found[0]


def verify_close(home: Home, as_of: date) -> list[str]:
    """What of an approved close is not as it should be: changed files, figures not to be recalculated, changed inputs.

    Raises NotApproved where the day is not approved.
    """
    found = [one for one in approvals(home) if one.as_of == as_of]
    if not found:
        raise NotApproved(f"{as_of} is not approved")
    close = found[0]
    changed = close.differences()
    if changed:
        return changed
    manifest = _json(close.folder / "manifest.json")
    opened = _opened(home, manifest)
    again = _sheets(close.folder, opened)
    signatures = _signatures(opened, close.record["prepared_by"], close.record["approved_by"])
    told = [
        f"{EVIDENCE}/{name} says something else when it is made again"
        for name, content in pack(again, manifest, signatures).items()
        if content != (close.folder / EVIDENCE / name).read_bytes()
    ]
    return [*(row["difference"] for row in again["differences"]), *told, *_changed_inputs(home, manifest)]


def _tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: pl.read_parquet(folder / "tables" / f"{name}.parquet").to_dicts() for name in READ}


def _sheets(folder: Path, opened: Approval | None) -> dict[str, list[dict[str, Any]]]:
    smallest = {currency: Decimal(1).scaleb(-unit) for currency, unit in MINOR_UNITS.items()}
    before = _json(opened.folder / "manifest.json") if opened else None
    return sheets(_tables(folder), _json(folder / "manifest.json"), before, smallest)


def _signatures(opened: Approval | None, prepared_by: str, approved_by: str) -> str:
    signed = f"Prepared by {prepared_by}, approved by {approved_by}."
    if opened:
        signed += f" It opens from the close of {opened.as_of}, approved by {opened.record['approved_by']}."
    return signed


def _opened(home: Home, manifest: dict[str, Any]) -> Approval | None:
    """The close that a publication opened from, as its manifest says; closes approved since do not count.

    Raises NotApproved where it is gone, or no longer what was approved.
    """
    told = manifest["opened_from"]
    found = [one for one in approvals(home) if told and one.record["sha256"] == told["sha256"]]
    if told and not found:
        raise NotApproved(f"the close of {told['as_of']}, from which it opens, is not there any longer")
    return last_whole(found)


def _changed_inputs(home: Home, manifest: dict[str, Any]) -> list[str]:
    """Batches that the close was made from and that raw no longer holds, or holds with other files."""
    held = {manifest["batch_id"]: described_input(manifest) for manifest in read_manifests(home.raw)}
    told = []
    for given in manifest["inputs"]:
        name = f"batch {given['batch_id']} of {given['source_name']}"
        if given["batch_id"] not in held:
            told.append(f"{name} is no longer in raw")
        elif held[given["batch_id"]] != given:
            told.append(f"{name} is described otherwise than at the close")
        told += [f"{name}: {lost} is no longer kept" for lost in _lost_files(home, given)]
    return told


def _lost_files(home: Home, given: dict[str, Any]) -> list[str]:
    """Files of a batch whose kept original is gone, or is no longer what its hash says."""
    kept = {path.stem: path for path in (home.raw / "files").glob("*")}
    told = [(file["file_name"], kept.get(file["file_sha256"])) for file in given["files"]]
    return [name for name, path in told if path is None or sha256_of(path) != path.stem]


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
