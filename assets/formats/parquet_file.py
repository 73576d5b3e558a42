"""Parquet files: typed columns as the text a person would write.

Here belongs the exact text of each Parquet type. Encodings, quotes and preambles have no meaning here;
what the text means belongs to staging.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from assets.formats.file_stop import FileStop
from assets.formats.layout import LINE, Chunk, column_names, rebatched, without_totals
from models.staging.file_format import FileFormat

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_MAGIC = b"PAR1"
_ENCRYPTED_MAGIC = b"PARE"
_MIDNIGHT = " 00:00:00"
_READABLE = "text, numbers, booleans, dates or times"


def parquet_chunks(path: Path, format: FileFormat, file: str, chunk_rows: int) -> Iterator[Chunk]:
    """The rows of the Parquet file `path`, called `file` in errors; at least one chunk. See `read_rows`.

    Decimals keep their scale; doubles are the shortest text that reads back the same, without exponent;
    times at midnight are ISO dates, others `YYYY-MM-DD HH:MM:SS[.ffffff]` (nine digits where there are
    nanoseconds; an offset `+00:00` where the column has a time zone); null stays null.
    """
    return rebatched(_row_groups(path, format, file, chunk_rows), chunk_rows)


def _row_groups(path: Path, format: FileFormat, file: str, chunk_rows: int) -> Iterator[Chunk]:
    import pyarrow as pa

    _refuse_other_magic(path, file)
    row = 0
    try:
        with _opened(path) as source:
            schema = source.schema_arrow
            if not schema.names:
                raise FileStop(file, None, "no columns", "a header")
            _refuse_unreadable_types(schema, file)
            names = column_names(schema.names, format, file, None)
            yield _chunk(schema.empty_table(), names, format, file, row)
            for batch in source.iter_batches(batch_size=chunk_rows):
                yield _chunk(pa.Table.from_batches([batch]), names, format, file, row)
                row += batch.num_rows
    except MemoryError:
        raise
    except (pa.ArrowException, OSError) as error:
        if getattr(error, "errno", None) is not None:  # the disk's error, not the file's
            raise
        # Arrow's own words may hold the path or a value, so they go no further.
        where = "a corrupt Parquet file" if row == 0 else f"corrupt data after row {row:,}"
        raise FileStop(file, None, where, "a complete Parquet file") from None


def _opened(path: Path) -> "pq.ParquetFile":
    import pyarrow.parquet as pq

    # Without pre-buffering a row group of ten million rows never sits in memory as a whole.
    return pq.ParquetFile(str(path), pre_buffer=False, buffer_size=2**20, page_checksum_verification=True)


def _refuse_other_magic(path: Path, file: str) -> None:
    with path.open("rb") as source:
        head = source.read(4)
        size = source.seek(0, 2)
        source.seek(max(size - 4, 0))
        tail = source.read(4)
    if not size:
        raise FileStop(file, None, "an empty file", "a Parquet file")
    if _ENCRYPTED_MAGIC in (head, tail):
        raise FileStop(file, None, "an encrypted Parquet file", "one that opens without a key")
    if head != _MAGIC:
        raise FileStop(file, None, "a file of another format", "a Parquet file")
    if tail != _MAGIC:
        raise FileStop(file, None, "a truncated Parquet file", "a complete one")


def _refuse_unreadable_types(schema: "pa.Schema", file: str) -> None:
    for field in schema:
        if not _is_readable(field.type):
            raise FileStop(file, None, f"column {field.name!r} of type {str(field.type)[:80]}", _READABLE)


def _is_readable(kind: "pa.DataType") -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_readable(kind.value_type)
    # Polars panics on 256-bit decimals; a binary column has no declared encoding.
    tests = (
        types.is_string, types.is_large_string, types.is_string_view, types.is_integer, types.is_floating,
        types.is_boolean, types.is_date, types.is_timestamp, types.is_time, types.is_null,
    )  # fmt: skip
    return any(test(kind) for test in tests) or (types.is_decimal(kind) and not types.is_decimal256(kind))


def _chunk(table: "pa.Table", names: list[str], format: FileFormat, file: str, before: int) -> Chunk:
    """The text of `table`, its columns called `names`; `before` rows of the file came before it."""
    table = table.rename_columns(names)
    _refuse_undecodable(table, file, before)
    typed = pl.DataFrame(pl.from_arrow(table))
    texts = [_text(typed[name]) for name in names]
    lines = pl.int_range(before + 1, before + typed.height + 1, dtype=pl.Int64, eager=True).alias(LINE)
    return without_totals(pl.DataFrame([lines, *texts]), format)


def _refuse_undecodable(table: "pa.Table", file: str, before: int) -> None:
    """Arrow and polars both take a string column's bytes on trust; a reader of ours must not."""
    import pyarrow as pa

    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        name = next(name for name in table.column_names if not _is_valid(table[name]))
        found = f"column {name!r} with bytes that do not decode (by row {before + table.num_rows:,})"
        raise FileStop(file, before + 1, found, "utf-8 text") from None


def _is_valid(column: "pa.ChunkedArray") -> bool:
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _text(column: pl.Series) -> pl.Series:
    if column.dtype.is_float():
        return _number_text(column)
    if isinstance(column.dtype, pl.Datetime):
        return _moment_text(column, column.dtype)
    if column.dtype == pl.Time:
        return _with_fraction(column.dt.to_string("%H:%M:%S%.9f"))  # a cast would lose the fraction
    return column.cast(pl.String)


def _number_text(column: pl.Series) -> pl.Series:
    """Shortest round-trip text; whole numbers without `.0`; exponents written out."""
    text = column.cast(pl.String).str.strip_suffix(".0")
    has_exponent = text.str.contains("e", literal=True).fill_null(False)
    if has_exponent.any():
        # Amounts rarely come here: polars writes an exponent only from 1e16 up and below 1e-5.
        short = text.filter(has_exponent).unique()
        plain = pl.Series([format(Decimal(number), "f") for number in short], dtype=pl.String)
        text = text.replace(short, plain)
    return text


def _moment_text(column: pl.Series, kind: pl.Datetime) -> pl.Series:
    local = column.dt.replace_time_zone(None) if kind.time_zone else column
    text = _with_fraction(local.dt.to_string("%Y-%m-%d %H:%M:%S%.9f"))
    is_midnight = text.str.ends_with(_MIDNIGHT).fill_null(True)
    text = text.str.strip_suffix(_MIDNIGHT)
    if kind.time_zone:
        text = text.zip_with(is_midnight, text + column.dt.to_string("%:z"))
    return text


def _with_fraction(nanos: pl.Series) -> pl.Series:
    """Text that ends in nine decimals with none, six or nine: as many as say something."""
    return nanos.str.strip_suffix("000").str.strip_suffix(".000000")
