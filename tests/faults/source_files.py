"""Makes source files for the tests and reads them: helpers of `tests/faults` only, no expectations."""

import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from assets.formats import FileStop, read_rows
from models.staging.file_format import FileFormat


def rows_of(path: Path, **declared) -> pl.DataFrame:
    return pl.concat(read_rows(path, FileFormat(**declared), path.name))


def message_of(path: Path, **declared) -> str:
    with pytest.raises(FileStop) as stop:
        rows_of(path, **declared)
    return str(stop.value)


def saved(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def workbook_of(path: Path, rows: list[list], first_row: int = 0, first_column: int = 0) -> Path:
    """Texts as text cells, dates as date cells, `=...` as a formula with a cached value."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Data")
        for at, row in enumerate(rows, start=first_row):
            for column, value in enumerate(row, start=first_column):
                if isinstance(value, str) and value.startswith("="):
                    cached: Any = "#DIV/0!" if "/0" in value else 42
                    sheet.write_formula(at, column, value, None, cached)
                elif isinstance(value, str):
                    sheet.write_string(at, column, value)
                else:
                    sheet.write(at, column, value)
    return path


def workbook_of_xml(path: Path, sheet_rows: str) -> Path:
    """A workbook whose sheet holds this XML, as programs other than Excel write it."""
    made = workbook_of(path.with_suffix(".made"), [["x"]])
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename.endswith("sheet1.xml"):
                head, tail = data.split(b"<sheetData>")[0], data.split(b"</sheetData>")[1]
                data = head + f"<sheetData>{sheet_rows}</sheetData>".encode() + tail
            target.writestr(member, data)
    return path


def parquet_of(path: Path, **columns) -> Path:
    pq.write_table(pa.table(columns), path)
    return path
