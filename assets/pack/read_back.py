"""Workbook and page read back: what their cells add up to, beside what the published tables hold.

One that says anything else is not published. How they were written belongs to `workbook` and `page`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

from assets.pack.blocks import Shown

PLACES = Decimal("0.0001")
"""The last place of published money."""


class PackError(RuntimeError):
    """A workbook or a page that does not say what the published tables say."""


def verify_workbook(path: Path, written: Mapping[str, Shown]) -> int:
    """Read every table of a workbook back and compare rows and totals with the marts; returns how many totals agree.

    Raises PackError, which names each table, column and both amounts.
    """
    import fastexcel

    reader = fastexcel.read_excel(path)
    missing = sorted(set(written) - set(reader.table_names()))
    wrong = [f"the table {name} is not in it" for name in missing]
    count = 0
    for name, one in written.items():
        if name not in missing and (one.totals or one.frame.height):
            cells = reader.load_table(name, header_row=None, dtypes="string").to_polars()
            wrong += _differences(one, [cells[column].to_list() for column in cells.columns])
            count += len(one.totals)
    if wrong:
        raise PackError(f"{path.name} is not what was published: {'; '.join(wrong)}")
    return count


def verify_page(path: Path, written: Mapping[str, Shown]) -> int:
    """Read every table of a page back and compare rows and totals with the marts; returns how many totals agree.

    Raises PackError as `verify_workbook` does.
    """
    tables = _Tables()
    text = path.read_text(encoding="utf-8")
    tables.feed(text[: text.index(END_OF_TABLES)])
    wrong = [f"the table {name} is not in it" for name in sorted(set(written) - set(tables.found))]
    for name, one in written.items():
        if name in tables.found and one.frame.height:
            rows = tables.found[name]
            wrong += _differences(one, [list(column) for column in zip(*rows, strict=True)])
    if wrong:
        raise PackError(f"{path.name} is not what was published: {'; '.join(wrong)}")
    return sum(len(one.totals) for one in written.values())


END_OF_TABLES = '<script type="application/json"'


class _Tables(HTMLParser):
    """The cells of the tables that have a name; an amount as it stands exactly beneath its text. Inner tables are
    left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a table, a row, a cell, or the exact amount of a cell."""
        told = dict(attrs)
        if tag == "table":
            self.open.append((told.get("id") or "").removeprefix("table-"))
            if self.open[-1]:
                self.found[self.open[-1]] = []
        elif self.open and (name := self.open[-1]):
            if tag == "tr" and told.get("class") != "items":
                self.found[name].append([])
            elif tag == "td" and not told.get("colspan"):
                self.found[name][-1].append("")
            elif tag == "data":
                self.found[name][-1][-1] = told.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a table; its row of headings has no cells."""
        if tag == "table" and (name := self.open.pop()):
            self.found[name] = [row for row in self.found[name] if row]


def _differences(one: Shown, columns: list[list[str | None]]) -> Iterator[str]:
    height = max((len(column) for column in columns), default=0)
    if height != max(one.frame.height, 1) or len(columns) != one.frame.width:
        size = f"{height} rows of {len(columns)} columns, not {one.frame.height} of {one.frame.width}"
        yield f"{one.block.name} has {size}"
        return
    for column, total in one.totals.items():
        cells = columns[one.frame.columns.index(column)]
        found = sum((_amount(cell) for cell in cells if cell), Decimal(0)) + one.left_out.get(column, Decimal(0))
        if found.quantize(PLACES) != total.quantize(PLACES):
            yield f"{one.block.name}: {column} adds up to {found}, and the published table to {total}"


def _amount(cell: str) -> Decimal:
    """The amount of a cell: of a text to the last digit, of a number the shortest that its double stands for.

    The reader writes a number with nine decimals, which names its double but is not what was written.
    """
    amount = Decimal(cell)
    return amount if int(amount.as_tuple().exponent) >= PLACES.as_tuple().exponent else Decimal(repr(float(cell)))
