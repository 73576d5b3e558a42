"""The reader that callers see: picks the format by the file's extension and counts what passes.

How each format is read belongs to its own module; which files there are, to the raw assets.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from assets.formats.csv_file import csv_chunks
from assets.formats.excel_file import excel_chunks
from assets.formats.file_stop import FileStop
from assets.formats.layout import LINE, Chunk
from assets.formats.parquet_file import parquet_chunks
from models.staging.file_format import FileFormat

_READERS: dict[str, Callable[[Path, FileFormat, str, int], Iterator[Chunk]]] = {
    ".csv": csv_chunks,
    ".txt": csv_chunks,
    ".tsv": csv_chunks,
    ".parquet": parquet_chunks,
    ".xlsx": excel_chunks,
}


class RowReader:
    """The rows of one file, as frames; iterate it once or again (each time reads the file anew).

    After an iteration: `rows` is the number of rows yielded, `skipped` the number of total lines left
    out (neither the preamble nor blank lines at the end count), `columns` the columns but `_line`.
    """

    def __init__(self, path: Path, format: FileFormat, display_name: str, chunk_rows: int) -> None:
        self._path = path
        self._format = format
        self._name = display_name
        self._chunk_rows = chunk_rows
        read = _READERS.get(path.suffix.lower())
        if read is None:
            raise FileStop(display_name, None, f"the extension {path.suffix!r}", "one of " + ", ".join(_READERS))
        self._read = read
        self.rows = 0
        self.skipped = 0
        self.columns: list[str] = []

    def __iter__(self) -> Iterator[pl.DataFrame]:
        self.rows, self.skipped, self.columns = 0, 0, []
        for frame, skipped in self._read(self._path, self._format, self._name, self._chunk_rows):
            self.rows += frame.height
            self.skipped += skipped
            self.columns = [name for name in frame.columns if name != LINE]
            yield frame


def read_rows(path: Path, format: FileFormat, display_name: str, chunk_rows: int = 200_000) -> RowReader:
    """Read `path` as `format` declares, in frames of at most `chunk_rows` rows.

    Each frame has `_line` (Int64, not null: the 1-based physical line where the record starts, the
    sheet's row, or the Parquet row) and then every column of the file as `String`, exactly as sent. At
    least one frame is yielded, so a file without rows still has columns. `display_name` is what errors
    call the file.

    Raises `FileStop` at once for an unknown extension and during iteration for whatever else makes the
    file untrustworthy (`landing.md`, "Bad input"): drop the rows already yielded. `OSError` passes through.
    """
    return RowReader(path, format, display_name, chunk_rows)
