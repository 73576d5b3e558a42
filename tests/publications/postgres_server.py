"""A PostgreSQL server of a test's own: made in a temporary folder, on a free port, gone afterwards.

Where the machine has no PostgreSQL, tests that ask for it are skipped and say so; `.ci/run` installs it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
    Path(found) for name in ("initdb",) if (found := shutil.which(name))
]
needs_postgres = pytest.mark.skipif(not BINARIES, reason="no PostgreSQL here: install the Debian package postgresql")
PASSWORD = "s3cret/of:the@test"
QUOTED = "s3cret%2Fof%3Athe%40test"


@contextmanager
def running() -> Iterator[str]:
    """A server; gives the address of its database `postgres` for its superuser, with a password in it."""
    binaries = BINARIES[-1].parent
    place = Path(tempfile.mkdtemp(prefix="receivables-postgres-", dir="/tmp"))
    word, data = place / "password", place / "data"
    word.write_text(PASSWORD, encoding="utf-8")
    user = _owner(place, word)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={place} -c fsync=off"
    try:
        _as(
            user,
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "finance",
            "--auth=scram-sha-256",
            f"--pwfile={word}",
            "-E",
            "UTF8",
            "--no-sync",
        )
        _as(user, binaries / "pg_ctl", "-D", data, "-w", "-l", place / "log", "-o", said, "start")
        try:
            yield f"postgresql://finance:{QUOTED}@127.0.0.1:{port}/postgres"
        finally:
            _as(user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place)


def _owner(*paths: Path) -> str:
    """Who runs the server: not root, which it refuses; the paths are theirs."""
    if os.getuid():
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    for path in paths:
        shutil.chown(path, user)
    return user


def _as(user: str, *command: object) -> None:
    words = [*(["runuser", "-u", user, "--"] if user else []), *map(str, command)]
    subprocess.run(words, cwd="/tmp", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=120)
