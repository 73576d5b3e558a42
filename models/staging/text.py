"""Numbers, dates and flags out of text, exactly as declared: whatever does not fit becomes null, never a guess.

Each function takes a text expression and gives an expression of the same length. Saying why a row is
refused belongs to `conform`.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from models.staging.file_format import FileFormat

WHOLE_DIGITS = 14
"""Digits before the point that a DECIMAL(18,4) holds."""

MONEY_DECIMALS = 4
"""Decimals that a DECIMAL(18,4) holds."""

_CONTROL_CHARACTERS = r"\p{Cc}"
_FIRST_PRINTABLE, _DELETE = 0x20, 0x7F
PLAIN = FileFormat()
"""How values that an expression computed are written: decimal point, ISO dates."""


def has_control_character(text: pl.Expr) -> pl.Expr:
    """Whether a text holds a control character (Unicode category Cc)."""
    return text.map_batches(_has_control_character, return_dtype=pl.Boolean, is_elementwise=True)


def _has_control_character(column: pl.Series) -> pl.Series:
    """One look over the bytes of a whole column settles nearly all of them."""
    joined = column.str.join("").item().encode()
    if joined.isascii():
        codes = np.frombuffer(joined, dtype=np.uint8)
        if not ((codes < _FIRST_PRINTABLE) | (codes == _DELETE)).any():
            return pl.repeat(False, len(column), dtype=pl.Boolean, eager=True).alias(column.name)
    return column.str.contains(_CONTROL_CHARACTERS)


def plain_number(text: pl.Expr, layout: FileFormat) -> pl.Expr:
    """A number's text as `-1234.5`; null where it is not a number in the declared layout.

    Accounting negatives, `(1,234.56)` and `1,234.56-`, are read whatever the layout.
    """
    return text.map_batches(lambda column: _plain(column, layout), return_dtype=pl.String, is_elementwise=True)


def _plain(column: pl.Series, layout: FileFormat) -> pl.Series:
    """Most files hold nothing but ungrouped numbers, which one look tells; only the others are taken apart."""
    is_simple = column.str.contains(rf"^-?[0-9]+(?:{re.escape(layout.decimal)}[0-9]+)?$")
    plain = column if layout.decimal == "." else column.str.replace(layout.decimal, ".", literal=True)
    others = (~is_simple).arg_true()
    if not len(others):
        return plain
    taken_apart = column.gather(others).to_frame("text").select(_taken_apart(pl.col("text"), layout)).to_series()
    return plain.clone().scatter(others, taken_apart)


def _taken_apart(text: pl.Expr, layout: FileFormat) -> pl.Expr:
    point, group = re.escape(layout.decimal), re.escape(layout.thousands)
    grouped = rf"|\d{{1,3}}(?:{group}\d{{3}})+" if layout.thousands else ""
    digits = rf"(?:\d+{grouped})(?:{point}\d+)?"
    stripped = text.str.strip_chars()
    negative = stripped.str.contains(r"^\(.*\)$|^-|-$")
    bare = stripped.str.replace(r"^\((.*)\)$", "$1").str.replace(r"^[+-]|-$", "")
    fits = bare.str.contains(rf"^{digits}$") & ~stripped.str.contains(r"^(\(|[+-]).*-$|^\([+-]")
    if layout.thousands:
        bare = bare.str.replace_all(layout.thousands, "", literal=True)
    if layout.decimal != ".":
        bare = bare.str.replace(layout.decimal, ".", literal=True)
    return pl.when(fits).then(pl.when(negative).then(pl.lit("-") + bare).otherwise(bare))


def decimals_of(number: pl.Expr) -> pl.Expr:
    """How many decimals a plain number has, trailing zeros not counted."""
    point = number.str.find(".", literal=True)  # null where there is none
    return (number.str.strip_chars_end("0").str.len_bytes() - point - 1).fill_null(0)


def is_too_large(number: pl.Expr) -> pl.Expr:
    """Whether a plain number has more digits before the point than money can hold."""
    whole = number.str.strip_chars_start("-0")
    return pl.coalesce(whole.str.find(".", literal=True), whole.str.len_bytes()) > WHOLE_DIGITS


def money(number: pl.Expr) -> pl.Expr:
    """A plain number of at most four decimals as DECIMAL(18,4)."""
    return number.cast(pl.Decimal(18, 4), strict=False)


def rounded_money(number: pl.Expr, places: int) -> pl.Expr:
    """A plain number of any precision rounded half up (away from zero) to so many places, as DECIMAL(18,4)."""
    return number.map_batches(
        lambda column: _rounded(column, places), return_dtype=pl.Decimal(18, 4), is_elementwise=True
    )


def _rounded(column: pl.Series, places: int) -> pl.Series:
    number = pl.col("number")
    frame = column.to_frame("number")
    longest = frame.select(decimals_of(number).max()).item()
    if longest is not None and longest <= min(places, MONEY_DECIMALS):
        return frame.select(money(number)).to_series()
    wide = number.str.replace(r"(\.\d{18})\d+$", "$1").cast(pl.Decimal(38, 18), strict=False)
    rounded = wide.round(places, mode="half_away_from_zero").cast(pl.Decimal(18, 4), strict=False)
    return frame.select(rounded).to_series()


def rate(number: pl.Expr) -> pl.Expr:
    """A plain number as an exchange rate or share, DECIMAL(18,10)."""
    return number.cast(pl.Decimal(18, 10), strict=False)


def dates(text: pl.Expr, layouts: list[str]) -> pl.Expr:
    """The date that the first fitting layout reads, whole text only; null where none fits."""
    stripped = text.str.strip_chars()
    readings = []
    for layout in layouts:
        if any(code in layout for code in ("%H", "%I", "%S", "%T")):
            readings.append(stripped.str.to_datetime(layout, strict=False, exact=True).dt.date())
        else:
            readings.append(stripped.str.to_date(layout, strict=False, exact=True))
    return pl.coalesce(readings)


def timestamps(text: pl.Expr) -> pl.Expr:
    """An ISO time, with or without a zone, as naive UTC microseconds."""
    stripped = text.str.strip_chars().str.replace(" ", "T", literal=True)
    zoned = stripped.str.replace(r"Z$", "+00:00")
    naive = stripped.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    aware = zoned.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us")
    day = stripped.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    return pl.coalesce(naive, aware.dt.replace_time_zone(None), day)


def flags(text: pl.Expr) -> pl.Expr:
    """`true`, `yes`, `y`, `1` and their opposites as booleans, whatever the case."""
    lowered = text.str.strip_chars().str.to_lowercase()
    return (
        pl.when(lowered.is_in(["true", "yes", "y", "1", "t"]))
        .then(pl.lit(True))
        .when(lowered.is_in(["false", "no", "n", "0", "f"]))
        .then(pl.lit(False))
    )


def whole_numbers(text: pl.Expr, layout: FileFormat) -> pl.Expr:
    """A whole number as BIGINT; null where it has decimals."""
    number = plain_number(text, layout).str.replace(r"\.0+$", "")
    return number.cast(pl.Int64, strict=False)


def key_of(space: str, entity: pl.Expr, *ids: pl.Expr) -> pl.Expr:
    """The 64-bit key of an id within its space and entity; null where an id is null.

    It is the same within one release of Polars, which is all that a cache needs; it is never published.
    """
    parts = [pl.lit(space), entity, *[part.cast(pl.String) for part in ids]]
    joined = pl.concat_str(parts, separator="\x1f")
    # Polars hashes a null to a number like any other
    return pl.when(joined.is_not_null()).then(joined.hash(20).reinterpret(signed=True))
