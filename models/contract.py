"""Contracts: what each table promises, and the one glossary from which columns have their types and meanings.

A contract is the `.yml` beside a table's SQL. From it come the DDL, the structural checks, Dagster's
column schema, the data dictionary and the split of landed rows into accepted and rejected.
Reading data, or judging it, does not belong here.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.plain_yaml import read_yaml

WORDS = ("raw", "staging", "ledger", "features", "forecasts", "allowance", "marts", "publications")
"""The layers, in the order in which the data flows; also schemas, Dagster groups and folders."""

VERSION_COLUMNS = ("row_key", "known_from", "known_to", "file_number", "line")
SEAM_COLUMNS = ("as_of", "run_id")
"""Added by the execution seam to every table that is built for a day; SQL never sees them."""


class Strict(BaseModel):
    """A frozen model in which an unknown key is an error, as everything typed by people should be."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Meaning(Strict):
    """One entry of the glossary: a column's type, meaning and unit everywhere in the warehouse."""

    type: str
    meaning: str
    unit: str | None = None


class Column(Strict):
    """What one table demands of a column, beyond what the glossary says of it everywhere.

    `type` stands in for the glossary's type where two public tables mean different things by one name, or where a table
    holds sums of what others hold singly.
    """

    type: str | None = None
    required: bool = False
    positive: bool = False
    nonnegative: bool = False
    lenient: bool = False
    personal: bool = False
    values: tuple[str, ...] | None = None
    default: str | None = None
    max_length: int | None = None
    meaning: str | None = None


class Link(Strict):
    """An unpublished 64-bit key made of an id, unique within its space of ids and its entity."""

    space: str
    of: str


class Contract(Strict):
    """The promise of one table: its grain, key, columns, references and owner."""

    layer: str = ""
    table: str = ""
    description: str
    grain: str
    owner: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    kind: Literal["table", "view"] = "table"
    versioned: bool = False
    per_day: bool = False
    published: bool = False
    money: dict[str, str] = Field(default_factory=dict)
    links: dict[str, Link] = Field(default_factory=dict)
    references: dict[str, str] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """The one name that the table has everywhere, such as `marts.dso`."""
        return f"{self.layer}.{self.table}"

    @property
    def space(self) -> str:
        """The space in which the keys of its rows are unique: documents share one with others of their side."""
        own = self.links.get("document_key")
        return own.space if own else self.table

    @property
    def stored_links(self) -> tuple[str, ...]:
        """The links held beside the row's own key, which is a document's key already."""
        return tuple(name for name in self.links if name != "document_key")

    def column_types(self) -> dict[str, str]:
        """All stored columns with their SQL types, in the order in which the table holds them."""
        names = list(SEAM_COLUMNS) if self.per_day else []
        names += [*self.stored_links, *self.columns]
        if self.versioned:
            names = ["row_key", *names, *VERSION_COLUMNS[1:]]
        return {name: self.type_of(name) for name in names}

    def type_of(self, column: str) -> str:
        """The SQL type of a column: its own here, else the glossary's."""
        own = self.columns[column].type if column in self.columns else None
        return own or glossary()[column].type

    def required_columns(self) -> list[str]:
        """Columns that may never be null: the required ones, and whatever the loader or seam adds."""
        named = [name for name, column in self.columns.items() if column.required]
        added = [name for name in self.column_types() if name not in self.columns and name not in self.stored_links]
        return added + named

    def meaning_of(self, column: str) -> str:
        """The glossary's meaning of a column, narrowed by this table where it says more."""
        narrowed = self.columns[column].meaning if column in self.columns else None
        return narrowed or glossary()[column].meaning


@cache
def glossary() -> dict[str, Meaning]:
    """Every column name of the warehouse with its one type and meaning."""
    text = resources.files("models").joinpath("glossary.yml").read_text(encoding="utf-8")
    return {name: Meaning(**entry) for name, entry in read_yaml(text).items()}


@cache
def contract(table: str) -> Contract:
    """The contract of `layer.table`; KeyError when there is none."""
    layer, name = table.split(".")
    path = resources.files("models").joinpath(layer, f"{name}.yml")
    if not path.is_file():
        raise KeyError(f"no contract models/{layer}/{name}.yml")
    content: dict[str, Any] = read_yaml(path.read_text(encoding="utf-8"))
    columns = {key: Column(**(value or {})) for key, value in content.pop("columns").items()}
    return Contract(layer=layer, table=name, columns=columns, **content)


@cache
def contracts(layer: str) -> tuple[Contract, ...]:
    """All contracts of one layer, by name."""
    folder = resources.files("models").joinpath(layer)
    if not folder.is_dir():
        return ()
    names = sorted(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".yml"))
    return tuple(contract(f"{layer}.{name}") for name in names)


@cache
def feeds() -> dict[str, Contract]:
    """The feeds of the landing contract by name: the versioned tables of staging."""
    return {found.table: found for found in contracts("staging") if found.versioned}


@cache
def sql(table: str) -> str:
    """The text of a table's SQL; FileNotFoundError when the table is not made by SQL."""
    layer, name = table.split(".")
    return resources.files("models").joinpath(layer, f"{name}.sql").read_text(encoding="utf-8")
