"""What all formats share: a chunk of rows, the names of columns, and which rows are totals.

Anything that depends on how a format stores its bytes belongs to that format's own module.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import polars as pl

from assets.formats.file_stop import FileStop
from models.staging.file_format import FileFormat

LINE = "_line"
_LONGEST_NAME_SHOWN = 60


class Chunk(NamedTuple):
    """Some rows (`_line` Int64, then text columns) and how many total lines were left out among them."""

    frame: pl.DataFrame
    skipped: int


def column_names(cells: Sequence[str | None], format: FileFormat, file: str, line: int | None) -> list[str]:
    """Names for the header cells `cells`, found on `line`: stripped, empty ones by position.

    Raises `FileStop` for a header without a name, a repeated one (unless `positions`) and `_line`.
    """
    stripped = [(cell or "").strip() for cell in cells]
    if not any(stripped):
        raise FileStop(file, line, "a header without a single name", "column names")
    names = [name or f"column_{position}" for position, name in enumerate(stripped, start=1)]
    if format.positions:
        seen: Counter[str] = Counter()
        for position, name in enumerate(names):
            seen[name] += 1
            if seen[name] > 1:
                names[position] = f"{name}__{seen[name]}"
    for name, count in Counter(names).items():
        shown = name if len(name) <= _LONGEST_NAME_SHOWN else name[:_LONGEST_NAME_SHOWN] + "…"
        if count > 1:
            raise FileStop(file, line, f"column {shown!r} {count} times", "each column name once")
        if name == LINE:
            raise FileStop(file, line, f"a column {LINE!r}", f"any other name ({LINE!r} holds line numbers)")
    return names


def numbered_names(width: int) -> list[str]:
    """c1, c2, … for a file without a header."""
    return [f"c{position}" for position in range(1, width + 1)]


def total_line_test(format: FileFormat) -> Callable[[str], object] | None:
    """A test of a row's first non-empty field, stripped; None when no total line is declared."""
    return re.compile(format.total_line).match if format.total_line is not None else None


def without_totals(frame: pl.DataFrame, format: FileFormat) -> Chunk:
    """The rows of `frame` (`_line`, then text columns) that are not total lines."""
    is_total = total_line_test(format)
    if is_total is None or frame.is_empty():
        return Chunk(frame, 0)
    texts = [pl.col(name).str.strip_chars() for name in frame.columns if name != LINE]
    filled = [pl.when(text != "").then(text) for text in texts]
    first = frame.select(pl.coalesce(filled).fill_null("").alias("first")).to_series()
    kept = frame.filter(pl.Series([not is_total(field) for field in first], dtype=pl.Boolean))
    return Chunk(kept, frame.height - kept.height)


def rebatched(chunks: Iterator[Chunk], chunk_rows: int) -> Iterator[Chunk]:
    """The same rows in frames of `chunk_rows` rows (the last may be shorter); at least one, if one came."""
    held: list[pl.DataFrame] = []
    rows = skipped = 0
    is_first = True
    for frame, left_out in chunks:
        held.append(frame)
        rows += frame.height
        skipped += left_out
        if rows >= chunk_rows:
            whole = pl.concat(held, rechunk=True)
            for start in range(0, rows - chunk_rows + 1, chunk_rows):
                yield Chunk(whole.slice(start, chunk_rows), skipped)
                skipped, is_first = 0, False
            rows %= chunk_rows
            held = [whole.tail(rows)]
    if held and (rows or skipped or is_first):
        yield Chunk(pl.concat(held, rechunk=True), skipped)
