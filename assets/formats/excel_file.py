"""Workbooks: `.xlsx`.

Here belong a sheet's cells as text, its header and its rows. Whether the archive is safe to open belongs
to `workbook`; what the text means to staging. Hidden rows and columns are read like any other.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from assets.formats.file_stop import FileStop
from assets.formats.layout import LINE, Chunk, column_names, numbered_names, rebatched, without_totals
from assets.formats.workbook import LongNumber, inspected
from models.staging.file_format import FileFormat

if TYPE_CHECKING:
    import fastexcel

_ERROR_TEXTS = {
    "Div0": "#DIV/0!",
    "GettingData": "#GETTING_DATA",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}
_ERROR = re.compile(r"'Error\((\w+)\)'$")
_MIDNIGHT = " 00:00:00"


def excel_chunks(path: Path, format: FileFormat, file: str, chunk_rows: int) -> Iterator[Chunk]:
    """The rows of one sheet of `path`, called `file` in errors; at least one chunk. See `read_rows`.

    Numbers are the shortest text that reads back the same, without exponent; dates ISO, with the time
    unless it is midnight; formulas and errors (`#N/A`) what the workbook shows; an empty cell is null.
    """
    return rebatched(_rows(path, format, file), chunk_rows)


def _rows(path: Path, format: FileFormat, file: str) -> Iterator[Chunk]:
    sheet, long_numbers = inspected(path, format, file)
    cells = _cells(path, sheet.name, long_numbers, file)
    wanted = "a header" if format.header else "rows"
    if cells.height <= format.preamble:
        found = f"{cells.height:,} rows" if cells.height else "an empty sheet"
        raise FileStop(file, None, found, wanted + (f" after {format.preamble:,}" if format.preamble else ""))
    first = [cell or None for cell in cells.row(format.preamble)]
    line = format.preamble + 1
    if not any(first):
        raise FileStop(file, line, "an empty row", wanted)
    width = cells.width
    if format.header:
        width = max(position for position, cell in enumerate(first, start=1) if cell)
        names = column_names(first[:width], format, file, line)
    else:
        names = numbered_names(width)
    body = cells.slice(format.preamble + format.header)
    # A preamble, a total line or a stray note may make the sheet wider than its table.
    body.columns = names + [f" {position}" for position in range(width, cells.width)]
    body = body.with_row_index(LINE, offset=line + format.header).cast({LINE: pl.Int64})
    rows, skipped = without_totals(body, format)
    _refuse_cells_beyond(rows, width, file)
    yield Chunk(_without_blank_end(rows.select(LINE, *names), file), skipped)


def _refuse_cells_beyond(rows: pl.DataFrame, width: int, file: str) -> None:
    """A filled cell to the right of the last column name: too many fields, as in a text file."""
    for position in range(rows.width - 1, width, -1):
        beyond = rows.filter(pl.nth(position).fill_null("") != "").get_column(LINE)
        if beyond.len():
            raise FileStop(file, beyond.item(0), f"{position:,} fields", f"{width:,}")


def _without_blank_end(rows: pl.DataFrame, file: str) -> pl.DataFrame:
    """Empty rows at the end are no rows; among others they are a fault, as in a text file."""
    names = [name for name in rows.columns if name != LINE]
    filled = rows.select(pl.any_horizontal(pl.col(names).fill_null("") != "")).to_series()
    at = filled.arg_true()
    height = at.item(-1) + 1 if at.len() else 0
    blank = rows.head(height).filter(~filled.head(height)).get_column(LINE)
    if blank.len() and len(names) > 1:
        raise FileStop(file, blank.item(0), "an empty row", f"{len(names):,} fields")
    return rows.head(height)


def _cells(path: Path, sheet: str, long_numbers: list[LongNumber], file: str) -> pl.DataFrame:
    """Every cell of the sheet as text, from its first row (even if empty) and its first column in use."""
    import fastexcel

    try:
        reader = fastexcel.read_excel(str(path))
        # Without skip_rows=0 leading empty rows would go, and the row numbers with them.
        loaded = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = loaded.to_arrow_with_errors()
        cells = pl.DataFrame(pl.from_arrow(batch)).cast(pl.String)
        first_column = min((column.absolute_index for column in loaded.selected_columns), default=0)
        cells = _with_plain_dates(cells, reader, sheet)
    except fastexcel.FastExcelError:
        # Its words hold the path.
        raise FileStop(file, None, "a sheet that cannot be read", "a complete .xlsx file") from None
    texts = _error_texts(errors, file)
    for number in long_numbers:
        at = (number.row - 1, number.column - first_column)
        if not _is_rounded(cells.item(*at), number.digits):
            raise FileStop(file, number.row, "two cells with one address", "each cell once")
        texts[at] = number.digits
    return _with_texts(cells, texts)


def _is_rounded(text: str | None, digits: str) -> bool:
    """Whether `text` is what a double keeps of `digits`."""
    try:
        return text is not None and float(text) == float(digits)
    except ValueError:
        return False


def _with_plain_dates(cells: pl.DataFrame, reader: "fastexcel.ExcelReader", sheet: str) -> pl.DataFrame:
    """Dates without their midnight. Text that looks the same stays: it is null when read as a time."""
    suspects = [
        position for position, column in enumerate(cells.iter_columns()) if column.str.ends_with(_MIDNIGHT).any()
    ]
    if not suspects:
        return cells
    names = [cells.columns[position] for position in suspects]
    loaded = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="datetime", use_columns=names)
    times = loaded.to_polars()
    plain = [
        cells[name].str.strip_suffix(_MIDNIGHT).zip_with(times[:, at].is_not_null(), cells[name])
        for at, name in enumerate(names)
    ]
    return cells.with_columns(plain)


def _error_texts(errors: "fastexcel.CellErrors | None", file: str) -> dict[tuple[int, int], str]:
    """What each error cell shows, by position: fastexcel makes it null and mentions it aside."""
    texts = {}
    for error in errors.errors if errors is not None else []:
        kind = _ERROR.search(error.detail)
        if kind is None or kind[1] not in _ERROR_TEXTS:
            raise FileStop(file, error.position[0] + 1, "a cell that cannot be read", "a value")
        texts[error.position] = _ERROR_TEXTS[kind[1]]
    return texts


def _with_texts(cells: pl.DataFrame, texts: dict[tuple[int, int], str]) -> pl.DataFrame:
    """`cells` with the given ones, by row and column from 0, replaced."""
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), text in texts.items():
        by_column.setdefault(column, {})[row] = text
    replaced = []
    for column, replacements in by_column.items():
        series = cells.to_series(column)
        values = series.to_list()
        for row, text in replacements.items():
            values[row] = text
        replaced.append(pl.Series(series.name, values, dtype=pl.String))
    return cells.with_columns(replaced)
