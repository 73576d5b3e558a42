"""The workbook read back: what its cells add up to, beside what the published tables hold.

A workbook that says anything else is not published. How it was written belongs to `workbook`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
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


def _differences(one: Shown, columns: list[list[str | None]]) -> Iterator[str]:
    height = max((len(column) for column in columns), default=0)
    if height != max(one.frame.height, 1) or len(columns) != one.frame.width:
        yield f"{one.block.name} has {height} rows of {len(columns)} columns, not {one.frame.height} of"
        f" {one.frame.width}"
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
