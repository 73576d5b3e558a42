"""Rows of a file get the columns of a feed, still as text and only as declared: joined, selected, renamed, computed.

What the text means, and whether it is accepted, belongs to `typing` and `conform`.
"""

from __future__ import annotations

import polars as pl

from models.contract import Contract, feeds
from models.raw.declaration import Entry, Expression
from models.staging import text
from models.staging.file_format import FileFormat

ORDINAL = "_nth"
LOADER_COLUMNS = ("recorded_at", "_deleted")


def joined(rows: pl.DataFrame, entry: Entry, lookups: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows with the columns that the entry joins from other files, every declared null as null.

    Raises ValueError where a join does not name one row, or brings a column that the file has already.
    """
    rows = _nulled(rows, entry.format.nulls)
    for join, found in zip(entry.join, lookups, strict=True):
        other = _nulled(found, join.format.nulls)
        other = other.filter(pl.sql_expr(join.where)) if join.where else other
        named = other.select(
            *[pl.col(theirs).alias(f"_on_{ours}") for ours, theirs in join.on.items()],
            *[pl.col(theirs).alias(ours) for ours, theirs in join.columns.items()],
        )
        if clash := sorted(set(join.columns) & set(rows.columns)):
            raise ValueError(
                f"{join.pattern}: the file has a column {', '.join(clash)} already; join it under another name"
            )
        left, right = list(join.on), [f"_on_{ours}" for ours in join.on]
        if named.filter(pl.all_horizontal(pl.col(right).is_not_null())).select(right).is_duplicated().any():
            raise ValueError(
                f"{join.pattern}: {', '.join(join.on.values())} does not name one row, so a join would repeat rows"
            )
        rows = rows.join(named, left_on=left, right_on=right, how="left", maintain_order="left")
    return rows


def selected(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    """The rows that the entry does not leave out."""
    if entry.where:
        rows = rows.filter(pl.sql_expr(entry.where))
    if entry.skip:
        rows = rows.filter(~pl.sql_expr(entry.skip).fill_null(False))
    return rows


def mapped(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    """The feed's columns of each row, with those of its settlement (`_settled_…`) and of stand-ins (`_assumed_…`)."""
    contract = feeds()[entry.feed]
    wanted = [*contract.columns, *LOADER_COLUMNS]
    if entry.columns is None:
        given = {name: pl.col(name) for name in wanted if name in rows.columns}
    else:
        given = {name: _value(source, entry) for name, source in entry.columns.items()}
    given |= {name: pl.lit(value) for name, value in entry.constants.items()}
    if entry.key:
        given[_own_id(contract)] = _made_key(entry.key)
    if entry.settled:
        given["_settled_on"] = _value(entry.settled.on, entry)
        given["_settled_amount"] = given["amount"]
        if entry.settled.amount:
            given["_settled_amount"] = _value(entry.settled.amount, entry)
    stand_ins = {column: stand_in for column, stand_in in entry.assume.items() if isinstance(stand_in, Expression)}
    given |= {f"_assumed_{column}": _value(stand_in, entry) for column, stand_in in stand_ins.items()}
    absent = {name: pl.lit(None, dtype=pl.String) for name in wanted if name not in given}
    return rows.select("_file", "_line", **given, **absent)


def assumed(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    """Mapped rows with what is missing filled as declared."""
    for column, stand_in in entry.assume.items():
        filler = stand_in if isinstance(stand_in, str) else f"_assumed_{column}"
        rows = rows.with_columns(pl.col(column).fill_null(pl.col(filler)))
    return rows


def layout_of(entry: Entry, column: str) -> FileFormat:
    """How a mapped column's numbers are written: as in the file, or plainly where the declaration made them."""
    source = (entry.columns or {}).get(column, column)
    return text.PLAIN if isinstance(source, Expression) or column in entry.constants else entry.format


def _nulled(rows: pl.DataFrame, nulls: list[str]) -> pl.DataFrame:
    return rows.with_columns(_without(nulls, pl.col(pl.String)).name.keep()) if nulls else rows


def _without(nulls: list[str], value: pl.Expr) -> pl.Expr:
    return pl.when(~value.is_in(nulls)).then(value) if nulls else value


def _value(source: str | Expression, entry: Entry) -> pl.Expr:
    """A column, or what an expression makes of some: a null of the file is one there too."""
    if isinstance(source, str):
        return pl.col(source)
    return _without(entry.format.nulls, pl.sql_expr(source.sql).cast(pl.String))


def _own_id(contract: Contract) -> str:
    return next(name for name in contract.key if name != "entity_id")


def _made_key(columns: tuple[str, ...]) -> pl.Expr:
    named = [name for name in columns if name != ORDINAL]
    parts = [pl.col(name).fill_null("") for name in named]
    if ORDINAL in columns:
        parts.append(pl.int_range(1, pl.len() + 1).over(parts).cast(pl.String))
    return pl.concat_str(parts, separator="|")
