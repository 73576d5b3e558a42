"""A block: rows of the published tables that stand together, with the totals that they must add up to.

Belongs here: reading them, and saying what a cap left out. Does not: how they look (`workbook`, `page`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from assets.resources.warehouse import Warehouse
from models.contract import contract

MOST_ROWS = 20_000
"""Rows of a block in a workbook; the Parquet files have all. A sheet could hold a million, and would take minutes
to open."""


@dataclass(frozen=True)
class Block:
    """One block: its stable name, title, the SQL of its rows on the bundle, and of what each amount adds up to in
    the marts.

    `order` says which rows are kept where there are more than `most_rows`.
    """

    name: str
    title: str
    rows: str
    totals: Mapping[str, str] = field(default_factory=dict)
    order: str = "all"
    note: str = ""
    most_rows: int = MOST_ROWS
    plain_headings: bool = False


@dataclass(frozen=True)
class Shown:
    """The rows of a block as they are shown, how many there are in all, the totals of the marts, and what was left
    out."""

    block: Block
    frame: pl.DataFrame
    row_count: int
    totals: Mapping[str, Decimal]
    left_out: Mapping[str, Decimal]

    @property
    def note(self) -> str:
        """What must be read with the block: its own note, and what a cap left out."""
        said = [self.block.note] if self.block.note else []
        if self.row_count > self.frame.height:
            amounts = "; ".join(f"{name} {amount:,.2f}" for name, amount in self.left_out.items() if amount)
            said.append(
                f"{self.frame.height:,} of {self.row_count:,} rows are shown;"
                f" {self.row_count - self.frame.height:,} are left out"
                f"{f', in all currencies together {amounts}' if amounts else ''}. tables/*.parquet has every row."
            )
        elif not self.frame.height:
            said.append("No rows: there is nothing of this in the book.")
        return " ".join(said)


def of_mart(
    name: str, title: str, mart: str, columns: str = "", where: str = "true", order: str = "", **settings: object
) -> Block:
    """A block of a mart's own columns; each amount among them adds up to what the mart holds."""
    promised = contract(f"marts.{mart}")
    names = columns.split() or list(promised.columns)
    money = [column for column in names if promised.type_of(column).endswith(",4)")]
    return Block(
        name,
        title,
        f"select {', '.join(names)} from {mart} where {where}",
        {column: f"select sum({column}) from {mart} where {where}" for column in money},
        order or ", ".join(column for column in promised.key if column != "as_of"),
        **settings,  # type: ignore[arg-type]
    )


def shown(block: Block, bundle: Warehouse) -> Shown:
    """Read a block from the tables of a publication."""
    ordered = f"{block.rows} order by {block.order}"
    frame = bundle.frame(f"{ordered} limit {block.most_rows + 1}")
    row_count, left_out = frame.height, {}
    if frame.height > block.most_rows:
        row_count = bundle.value(f"select count(*) from ({block.rows}) as rows")
        beyond = f"select * from ({ordered} limit {row_count} offset {block.most_rows}) as beyond"
        left_out = {name: _total(bundle, f'select sum("{name}") from ({beyond}) as beyond') for name in block.totals}
        frame = frame.head(block.most_rows)
    totals = {name: _total(bundle, sql) for name, sql in block.totals.items()}
    return Shown(block, frame, row_count, totals, left_out)


def _total(bundle: Warehouse, sql: str) -> Decimal:
    return bundle.value(sql) or Decimal(0)
