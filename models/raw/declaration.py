"""`sources.yml`: how one export becomes the feeds of the landing contract, in declarations alone.

Nothing here guesses: what is not declared is read as the canonical files say, or refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from models.contract import Strict, feeds
from models.plain_yaml import read_yaml
from models.staging.file_format import FileFormat

EXTENSIONS = ("csv", "txt", "tsv", "parquet", "xlsx")


class DeclarationError(ValueError):
    """A source file that does not say what it must; the message says where and what is expected."""


class Expression(Strict):
    """An expression of Polars SQL over the file's text columns."""

    sql: str


class Settled(Strict):
    """A one-line extract: the columns with the day on which, and the amount with which, the line was settled."""

    on: str | Expression
    amount: str | Expression | None = None


class Join(Strict):
    """Columns of another file of the same source, found by equal text; its `on` columns must be unique there."""

    pattern: str
    on: dict[str, str]
    columns: dict[str, str]
    format: FileFormat = Field(default_factory=FileFormat)
    where: str | None = None


class Expected(Strict):
    """Control figures that the sender gave: a file that does not match is taken for truncated."""

    rows: int | None = None
    amount: str | None = None


class Entry(Strict):
    """How the files of one pattern become rows of one feed."""

    pattern: str
    feed: str
    format: FileFormat = Field(default_factory=FileFormat)
    columns: dict[str, str | Expression] | None = None
    constants: dict[str, str] = Field(default_factory=dict)
    mode: Literal["snapshot", "increment"] | None = None
    key: tuple[str, ...] | None = None
    settled: Settled | None = None
    where: str | None = None
    skip: str | None = None
    signed: bool = False
    round: dict[str, int] = Field(default_factory=dict)
    assume: dict[str, str | Expression] = Field(default_factory=dict)
    join: tuple[Join, ...] = ()
    expect: Expected | None = None

    @model_validator(mode="after")
    def is_complete(self) -> Self:
        """Refuse unknown feeds and columns, and declarations that contradict each other."""
        if self.feed not in feeds():
            raise ValueError(f"no feed is called {self.feed}; feeds are {', '.join(feeds())}")
        known = {*feeds()[self.feed].columns, "recorded_at", "_deleted"}
        named = {*(self.columns or {}), *self.constants, *self.round, *self.assume}
        if unknown := sorted(named - known):
            raise ValueError(f"feed {self.feed} has no column {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        stand_ins = {stand_in for stand_in in self.assume.values() if isinstance(stand_in, str)}
        if unknown := sorted(stand_ins - known):
            raise ValueError(f"assume: feed {self.feed} has no column {', '.join(unknown)} to stand in for another")
        if (self.settled or self.signed) and self.feed != "invoices":
            raise ValueError("settled and signed are for the invoices feed")
        return self

    @property
    def effective_mode(self) -> str:
        """`increment` unless the entry, or its source, says otherwise."""
        return self.mode or "increment"

    @property
    def is_canonical(self) -> bool:
        """Whether the file's columns are the feed's own, by name."""
        return self.columns is None

    def produces(self) -> tuple[str, ...]:
        """Every feed that rows of this entry can become facts of."""
        made = (self.feed,)
        if self.settled:
            made += ("payments", "applications")
        return (*made, "credit_memos") if self.signed else made


class Source(Strict):
    """One sender of files: a folder and how each of its files is read."""

    name: str
    path: str
    mode: Literal["snapshot", "increment"] | None = None
    files: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def made_ids_need_snapshots(self) -> Self:
        """Refuse made-up ids in increments: an ordinal among equal rows holds only within the whole feed."""
        for entry in self.entries():
            if entry.key and entry.effective_mode != "snapshot":
                raise ValueError(f"{entry.pattern}: a source without ids of its own must be declared mode: snapshot")
        return self

    def entries(self) -> tuple[Entry, ...]:
        """The entries with the source's mode; a source without any reads canonical files."""
        declared = self.files or canonical_entries()
        return tuple(entry.model_copy(update={"mode": entry.mode or self.mode}) for entry in declared)

    def fingerprint(self) -> str:
        """SHA-256 of how files are read, wherever they lie: the path is left out."""
        content = [entry.model_dump(mode="json") for entry in self.entries()]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class Sources(Strict):
    """The whole of a `sources.yml`."""

    sources: tuple[Source, ...]

    @model_validator(mode="after")
    def names_differ(self) -> Self:
        """Refuse two sources of one name."""
        names = [source.name for source in self.sources]
        if len(set(names)) != len(names):
            raise ValueError("source names must differ")
        return self


def canonical_entries() -> tuple[Entry, ...]:
    """One entry for each feed, reading `<feed>.csv`, `<feed>_<anything>.csv` and the like by column name."""
    return tuple(Entry(pattern=f"{feed}*", feed=feed) for feed in feeds())


def matches(pattern: str, file_name: str, feed: str | None = None) -> bool:
    """Whether a file belongs to an entry. A canonical `<feed>*` ends the name or goes on with `_`, `-` or a digit."""
    if feed is not None and pattern == f"{feed}*":
        return re.fullmatch(rf"{re.escape(feed)}([_\-\d].*)?\.({'|'.join(EXTENSIONS)})", file_name) is not None
    glob = re.escape(pattern).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.fullmatch(glob, file_name) is not None


def parse_sources(text: str) -> Sources:
    """A `sources.yml`'s text as declarations; DeclarationError says which key is wrong and why."""
    try:
        content: Any = read_yaml(text)
        if not isinstance(content, dict):
            raise DeclarationError("a source file must be a mapping with the key `sources`")
        return Sources(**content)
    except yaml.YAMLError as error:
        raise DeclarationError(f"not YAML{_place(error)}; a name with # : , or a bracket stands in quotes") from error
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise DeclarationError(found) from error


def _place(error: yaml.YAMLError) -> str:
    """Where the reader gave up, and what it says of it, without the stream's name and a copy of the text."""
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    return f", line {mark.line + 1}: {said}" if mark is not None else f": {said}"
