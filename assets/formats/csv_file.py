"""Delimited text files: `.csv`, `.txt`, `.tsv`.

Here belong records and their fields. Bytes, encodings and physical lines belong to `text_lines`; the
meaning of a field to staging. Python's csv module in strict mode reads what polars' and DuckDB's readers
would repair in silence.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import polars as pl

from assets.formats.file_stop import FileStop
from assets.formats.layout import LINE, Chunk, column_names, numbered_names, rebatched, total_line_test
from assets.formats.text_lines import text_lines
from models.staging.file_format import FileFormat

LONGEST_FIELD = 16 * 2**20
# Few enough that the fields stay in the processor's cache: 2.5 times as fast as 200,000 rows at once.
_BATCH_ROWS = 4_000


class _Batch:
    """Some records, the line each starts on, and what stopped the reading after them, if anything did."""

    def __init__(self, rows: list[list[str]], lines: list[int], stop: FileStop | None = None) -> None:
        self.rows = rows
        self.lines = lines
        self.stop = stop


def csv_chunks(path: Path, format: FileFormat, file: str, chunk_rows: int) -> Iterator[Chunk]:
    """The rows of the text file `path`, called `file` in errors; at least one chunk. See `read_rows`."""
    return rebatched(_batches(path, format, file), chunk_rows)


def _batches(path: Path, format: FileFormat, file: str) -> Iterator[Chunk]:
    records = _Records(path, format, file)
    first = records.take(1)
    if first.stop is not None:
        raise first.stop
    wanted = "a header" if format.header else "rows"
    if not first.rows:
        after = f" after {format.preamble:,} lines of preamble" if format.preamble else ""
        raise FileStop(file, None, f"nothing{after}" if after else "an empty file", wanted)
    cells, line = first.rows[0], first.lines[0]
    if not cells:
        raise FileStop(file, line, "an empty line", wanted)
    names = column_names(cells, format, file, line) if format.header else numbered_names(len(cells))
    sieve = _Sieve(len(names), total_line_test(format), file)
    yield sieve.chunk(names, _Batch([], []) if format.header else first)
    while True:
        batch = records.take(_BATCH_ROWS)
        yield sieve.chunk(names, batch)
        if batch.stop is not None:
            raise batch.stop
        if not batch.rows:
            return


@contextmanager
def _long_fields() -> Iterator[None]:
    """The csv module's limit is global: it is raised only while this module parses."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class _Records:
    """The records of a text file after its preamble."""

    def __init__(self, path: Path, format: FileFormat, file: str) -> None:
        lines = text_lines(path, format.encoding, file)
        for _ in range(format.preamble):
            next(lines, None)
        self._reader = csv.reader(
            lines,
            delimiter=format.delimiter,
            quotechar=format.quote or None,
            quoting=csv.QUOTE_MINIMAL if format.quote else csv.QUOTE_NONE,
            strict=True,
        )
        self._preamble = format.preamble
        self._next_line = format.preamble + 1
        self._file = file

    def take(self, count: int) -> _Batch:
        """The next `count` records or fewer; a blank line is a record without fields."""
        reader, preamble, line = self._reader, self._preamble, self._next_line
        batch = _Batch([], [])
        try:
            with _long_fields():
                for row in islice(reader, count):
                    batch.rows.append(row)
                    batch.lines.append(line)
                    line = preamble + reader.line_num + 1
        except csv.Error as error:
            batch.stop = FileStop(self._file, line, *self._explained(str(error)))
        except FileStop as stop:
            batch.stop = stop
        self._next_line = line
        return batch

    def _explained(self, message: str) -> tuple[str, str]:
        """What was found and expected, from the csv module's own words."""
        if "unexpected end of data" in message:
            return "a quote that is never closed", "a closing quote before the end of the file"
        if "field larger than field limit" in message:
            return f"a field of more than {LONGEST_FIELD:,} characters", "its end before that"
        if "expected after" in message:
            last = self._preamble + self._reader.line_num
            return f"text after a closing quote (on line {last:,})", "a delimiter or the end of the line"
        return f"a record that is not CSV ({message})", "fields and delimiters as declared"


class _Sieve:
    """Lets through records of the right width; leaves out total lines and blank lines at the end."""

    def __init__(self, width: int, is_total: Callable[[str], object] | None, file: str) -> None:
        self._width = width
        self._is_total = is_total
        self._file = file
        self._blank_lines: list[int] = []  # not yet known whether a row follows

    def chunk(self, names: list[str], batch: _Batch) -> Chunk:
        rows, lines, skipped = batch.rows, batch.lines, 0
        if self._is_total or self._blank_lines or set(map(len, rows)) - {self._width}:
            rows, lines, skipped = self._sifted(batch)
        fields = zip(*rows, strict=True) if rows else ((),) * self._width
        columns = [pl.Series(name, texts, dtype=pl.String) for name, texts in zip(names, fields, strict=True)]
        return Chunk(pl.DataFrame([pl.Series(LINE, lines, dtype=pl.Int64), *columns]), skipped)

    def _sifted(self, batch: _Batch) -> tuple[list[list[str]], list[int], int]:
        rows: list[list[str]] = []
        lines: list[int] = []
        skipped = 0
        for row, line in zip(batch.rows, batch.lines, strict=True):
            if self._is_total is not None and self._is_total(_first_field(row)):
                skipped += 1
            elif not row:
                self._blank_lines.append(line)
            else:
                if self._blank_lines:
                    self._flush_blank_lines(rows, lines)
                if len(row) != self._width:
                    fields = f"{len(row):,} field" + ("s" if len(row) != 1 else "")
                    raise FileStop(self._file, line, fields, f"{self._width:,}")
                rows.append(row)
                lines.append(line)
        return rows, lines, skipped

    def _flush_blank_lines(self, rows: list[list[str]], lines: list[int]) -> None:
        """What blank lines are once a row follows: empty values of a single column, else a fault."""
        if self._width > 1:
            raise FileStop(self._file, self._blank_lines[0], "an empty line", f"{self._width:,} fields")
        rows += [[""] for _ in self._blank_lines]
        lines += self._blank_lines
        self._blank_lines = []


def _first_field(row: list[str]) -> str:
    return next((text for field in row if (text := field.strip())), "")
