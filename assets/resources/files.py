"""Durable files: written beside their name, flushed to disk and renamed into place, so that none is ever half there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from assets.resources.failpoints import reach


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Force a file's, or a folder's, content to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_folder(folder: Path) -> None:
    """Force every file below a folder, and the folders themselves, to disk."""
    for path in sorted(folder.rglob("*"), reverse=True):
        flush(path)
    flush(folder)


def write_whole(path: Path, content: bytes, mode: int = 0o640, during: str = "", beside: Path | None = None) -> None:
    """Write a small file so that its name holds either the old content or all of the new.

    `beside` is the folder on the same disk in which it is written first, its own where none is given; `during` names
    the failpoint of this write, if it has one.
    """
    part = (beside or path.parent) / f".{path.name}.part"
    with part.open("wb") as handle:
        handle.write(content[: len(content) // 2])
        if during:
            handle.flush()
            reach(during, "during")
        handle.write(content[len(content) // 2 :])
    part.chmod(mode)
    flush(part)
    part.replace(path)
    flush(path.parent)
