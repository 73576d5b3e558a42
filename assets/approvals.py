"""Approved closes: what was frozen of a publication's allowance, by whom, and that nothing of it has changed since.

A close is a folder `approved/<as_of>/` of the home: the allowance's tables as they were published, the manifest, the
evidence pack, and `approval.json` with the hash of each. Later runs open from it. What an allowance means belongs to
`models/allowance`.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assets.resources.files import flush_folder, sha256_of, write_whole
from assets.resources.home import Home

RECORD = "approval.json"
EVIDENCE = "evidence"
FROZEN = ("allowance_*.parquet", "gl_tieout.parquet")
"""The published tables that are frozen: the allowance, and what ties the book that it stands on."""
READABLE = 0o440


class NotApproved(ValueError):
    """A close that may not be approved, or an approved one that is no longer what was approved; says why."""


@dataclass(frozen=True)
class Approval:
    """One approved close: its day, framework, who made and who approved it and when, and where it lies."""

    folder: Path
    record: dict[str, Any]

    @property
    def as_of(self) -> date:
        """The day that was closed."""
        return date.fromisoformat(self.record["as_of"])

    @property
    def approved_at(self) -> datetime:
        """When it was approved, naive UTC."""
        return datetime.fromisoformat(self.record["approved_at"])

    @property
    def framework(self) -> str:
        """The standard under which the allowance was made."""
        return str(self.record["framework"])

    def table(self, name: str) -> Path:
        """The frozen file of a table."""
        return self.folder / "tables" / f"{name}.parquet"

    def differences(self) -> list[str]:
        """What of the frozen close is not what was approved: files changed, missing or added."""
        told = dict(self.record["files"])
        found = {
            path.relative_to(self.folder).as_posix(): sha256_of(path)
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name != RECORD
        }
        changed = [
            f"{name} has changed since" for name in sorted(told.keys() & found.keys()) if told[name] != found[name]
        ]
        changed += [f"{name} is missing" for name in sorted(told.keys() - found.keys())]
        return changed + [f"{name} was not there" for name in sorted(found.keys() - told.keys())]


@dataclass(frozen=True)
class Closes:
    """The approved closes that a day looks back on: the one that it opens from, and its own."""

    opened: Approval | None = None
    own: Approval | None = None


def approvals(home: Home) -> list[Approval]:
    """The approved closes of a home that a run may know of, by day."""
    folder = home.root / "approved"
    records = sorted(folder.glob(f"*/{RECORD}")) if folder.is_dir() else []
    found = [Approval(path.parent, json.loads(path.read_text(encoding="utf-8"))) for path in records]
    return [one for one in found if one.approved_at <= home.as_known_at]


def closes_of(home: Home, as_of: date) -> Closes:
    """The closes that a run looks back on: of its policy's framework the last approved before the day, and the day's.

    Raises NotApproved where one is not what was approved any longer.
    """
    framework, known = home.policy.allowance.framework, approvals(home)
    earlier = [one for one in known if one.as_of < as_of and one.framework == framework]
    return Closes(last_whole(earlier), last_whole([one for one in known if one.as_of == as_of]))


def last_whole(found: list[Approval]) -> Approval | None:
    """The last of some closes, if there is any. Raises NotApproved where something of it has changed."""
    if not found:
        return None
    if differences := found[-1].differences():
        raise NotApproved(f"the approved close of {found[-1].as_of} is not what was approved: {'; '.join(differences)}")
    return found[-1]


def approve(
    home: Home, publication: Path, prepared_by: str, approved_by: str, evidence: Mapping[str, bytes]
) -> Approval:
    """Freeze the allowance of a publication with its evidence, as prepared by one person and approved by another.

    Raises NotApproved where both are one, or where the day is approved already.
    """
    if prepared_by.strip().casefold() == approved_by.strip().casefold() or not approved_by.strip():
        raise NotApproved("who prepares an allowance cannot approve it")
    manifest = json.loads((publication / "manifest.json").read_text(encoding="utf-8"))
    place = home.root / "approved" / manifest["as_of"]
    if place.exists():
        raise NotApproved(f"{manifest['as_of']} is approved already; what changes later is a restatement")
    tables = [path for pattern in FROZEN for path in sorted((publication / "tables").glob(pattern))]
    work = home.work / f"approved-{manifest['as_of']}"
    files = _copied(work, [publication / "manifest.json", *tables], evidence)
    record = {
        "as_of": manifest["as_of"],
        "run_id": manifest["run_id"],
        "framework": manifest["policy"]["settings"]["allowance"]["framework"],
        "prepared_by": prepared_by.strip(),
        "approved_by": approved_by.strip(),
        "operating_system_user": getpass.getuser(),
        "approved_at": home.now.isoformat(timespec="seconds"),
        "files": files,
        "sha256": hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest(),
    }
    write_whole(work / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    _moved(work, place)
    return Approval(place, record)


def _copied(work: Path, originals: list[Path], evidence: Mapping[str, bytes]) -> dict[str, str]:
    """Copy a publication's files under a workplace, and write its evidence there; the hash of each by its place."""
    shutil.rmtree(work, ignore_errors=True)
    (work / "tables").mkdir(parents=True)
    (work / EVIDENCE).mkdir()
    for path in originals:
        shutil.copyfile(path, work / path.relative_to(originals[0].parent))
    for name, content in evidence.items():
        (work / EVIDENCE / name).write_bytes(content)
    return {path.relative_to(work).as_posix(): sha256_of(path) for path in sorted(work.rglob("*")) if path.is_file()}


def _moved(work: Path, place: Path) -> None:
    """Move a close into its place whole, read-only."""
    for path in work.rglob("*"):
        path.chmod(READABLE if path.is_file() else 0o750)
    flush_folder(work)
    place.parent.mkdir(mode=0o750, exist_ok=True)
    work.rename(place)
    flush_folder(place.parent)
