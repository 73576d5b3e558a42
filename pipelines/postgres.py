"""The last publication in PostgreSQL: what the command `postgres` does.

Here: finding the publication, opening the database, and never telling its password. How tables are loaded belongs to
`assets.postgres`.
"""

from __future__ import annotations

import re
from typing import Any

from assets.postgres import Loaded, LoadError, forget, load
from assets.publications import newest_publication
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse

NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}")
"""Names of schemas and roles that need no quotes, and leave room for a version's day and run."""


def publish_to_postgres(home: Home, url: str, schema: str, reader: str) -> tuple[Loaded, list[str]]:
    """Load the last publication into a database; returns what that came to and the earlier versions dropped.

    Raises ValueError, in one line that holds no secret, where that cannot be done.
    """
    for name in (schema, reader):
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a schema or role here: small letters, digits and _, at most 40")
    try:
        import psycopg
    except ImportError as error:
        raise ValueError("psycopg is not installed: it comes with the extra `postgres`") from error
    published = newest_publication(home)
    secrets = _secrets(url)
    try:
        with (
            Warehouse(published.folder / "receivables.duckdb", read_only=True) as bundle,
            psycopg.connect(url, connect_timeout=10, autocommit=True, application_name="receivables") as connection,
        ):
            loaded = load(connection, bundle, published.manifest, schema, reader)
            return loaded, forget(connection, loaded)
    except (psycopg.Error, LoadError) as error:
        said = " ".join(str(error).split())
    raise ValueError(f"PostgreSQL: {without(said, secrets)}")


def _secrets(url: str) -> list[str]:
    """What of a URL must not be told: all of it, and its password as written and as meant.

    Raises ValueError where it cannot be read, without its text.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        told: dict[str, Any] = conninfo_to_dict(url)
    except ProgrammingError:
        told = {}
    if not told:
        raise ValueError("the database's URL cannot be read: write it as postgresql://user:password@host:5432/name")
    written = re.findall(r"://[^/@]*?:([^@]*)@", url)
    return [url, *written, *[str(told[name]) for name in ("password", "sslpassword") if told.get(name)]]


def without(text: str, secrets: list[str]) -> str:
    """A text in which no secret is left."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
