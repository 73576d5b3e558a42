"""Which files of a source are there, which entry reads each, and which of them are new.

Reading them belongs to `formats`, making a batch of them to `batches`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.formats import FileStop
from assets.resources.files import sha256_of
from models.raw.declaration import EXTENSIONS, DeclarationError, Entry, Source, Sources, matches, parse_sources
from models.staging.file_format import FileFormat


@dataclass(frozen=True)
class FoundFile:
    """A file that an entry of a source reads, with its hash and the files that it joins."""

    path: Path
    entry_number: int
    entry: Entry
    sha256: str
    lookups: tuple[tuple[Path, str, FileFormat], ...] = ()

    @property
    def reading_id(self) -> str:
        """What was read: the same bytes, joined with the same bytes, by the same entry."""
        parts = [str(self.entry_number), self.sha256, *[sha for _, sha, _ in self.lookups]]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class FileNote:
    """Something about a file that was not loaded: `kind` is stopped, unmatched, nothing_matched or already_loaded."""

    source_name: str
    kind: str
    file_name: str
    line: int | None = None
    found: str | None = None
    expected: str | None = None


def declared_sources(location: Path) -> tuple[Sources, Path]:
    """The sources of a `sources.yml`, or of a folder of canonical files, and the folder their paths start from."""
    if location.is_dir():
        return Sources(sources=(Source(name="landing", path="."),)), location
    if not location.is_file():
        raise DeclarationError(f"no sources at {location}: give a sources.yml or a folder of canonical files")
    try:
        return parse_sources(location.read_text(encoding="utf-8")), location.parent
    except DeclarationError as error:
        raise DeclarationError(f"{location.name}: {error}") from error


def new_files(source: Source, folder: Path, earlier: list[dict[str, Any]], notes: list[FileNote]) -> list[FoundFile]:
    """The files of a source that no earlier batch read in the same way; what is said of others goes to `notes`."""
    if not folder.is_dir():
        raise DeclarationError(f"source {source.name}: no folder {source.path}")
    declaration = source.fingerprint()
    known = {
        file["reading_id"]
        for manifest in earlier
        if manifest["source_name"] == source.name and manifest["declaration_sha256"] == declaration
        for file in manifest["files"]
    }
    fresh: dict[str, FoundFile] = {}
    for found in _matching_files(source, folder, notes):
        if found.reading_id in known or found.reading_id in fresh:
            notes.append(
                FileNote(source.name, "already_loaded", found.path.name, found="bytes that are loaded already")
            )
        else:
            fresh[found.reading_id] = found
    return list(fresh.values())


def _matching_files(source: Source, folder: Path, notes: list[FileNote]) -> Iterator[FoundFile]:
    present = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    hashes: dict[Path, str] = {}
    used: set[str] = set()
    for number, entry in enumerate(source.entries()):
        canonical = None if source.files else entry.feed
        names = [name for name in present if matches(entry.pattern, name, canonical)]
        used |= set(names)
        if not names and source.files:
            notes.append(FileNote(source.name, "nothing_matched", entry.pattern, expected="at least one file"))
        for name in names:
            lookups = tuple(_lookup(join.pattern, join.format, present, hashes) for join in entry.join)
            yield FoundFile(present[name], number, entry, _hash(present[name], hashes), lookups)
    if not source.files:
        readable = [name for name in present if name.rpartition(".")[2].lower() in EXTENSIONS]
        for name in sorted(set(readable) - used):
            notes.append(FileNote(source.name, "unmatched", name, expected="a file named after a feed"))


def _lookup(
    pattern: str, layout: FileFormat, present: dict[str, Path], hashes: dict[Path, str]
) -> tuple[Path, str, FileFormat]:
    names = [name for name in present if matches(pattern, name)]
    if len(names) != 1:
        raise FileStop(pattern, None, f"{len(names)} files to join", "exactly one")
    return present[names[0]], _hash(present[names[0]], hashes), layout


def _hash(path: Path, hashes: dict[Path, str]) -> str:
    if path not in hashes:
        hashes[path] = sha256_of(path)
    return hashes[path]
