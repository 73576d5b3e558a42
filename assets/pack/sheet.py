"""One sheet of the workbook as it is declared: its blocks and its charts.

Which sheets there are belongs to `sheets`.
"""

from __future__ import annotations

from dataclasses import dataclass

from assets.pack.blocks import Block


@dataclass(frozen=True)
class Chart:
    """A native chart of columns of a block: `kind` as XlsxWriter names it, categories and series by column."""

    block: str
    title: str
    alt: str
    kind: str
    categories: str
    series: tuple[str, ...]
    subtype: str = ""
    lines: tuple[str, ...] = ()
    hatched: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, what it answers, its blocks from top to bottom, its charts beside them."""

    name: str
    answers: str
    blocks: tuple[Block, ...]
    charts: tuple[Chart, ...] = ()
