"""Numbers, dates and flags out of text, exactly as declared: whatever does not fit becomes null, never a guess.

Each function takes a text expression and gives an expression of the same length. Saying why a row is
refused belongs to `conform`.
"""

from __future__ import annotations

import re

import polars as pl

from models.staging.file_format import FileFormat

WHOLE_DIGITS = 14
"""Digits before the point that a DECIMAL(18,4) holds."""

CONTROL_CHARACTERS = r"\p{Cc}"
PLAIN = FileFormat()
"""How values that an expression computed are written: decimal point, ISO dates."""


def plain_number(text: pl.Expr, layout: FileFormat) -> pl.Expr:
    """A number's text as `-1234.5`; null where it is not a number in the declared layout.

    Accounting negatives, `(1,234.56)` and `1,234.56-`, are read whatever the layout.
    """
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
    return number.str.extract(r"\.(\d*?)0*$", 1).str.len_bytes().fill_null(0)


def is_too_large(number: pl.Expr) -> pl.Expr:
    """Whether a plain number has more digits before the point than money can hold."""
    return number.str.extract(r"^-?0*(\d*)", 1).str.len_bytes() > WHOLE_DIGITS


def money(number: pl.Expr) -> pl.Expr:
    """A plain number of at most four decimals as DECIMAL(18,4)."""
    return number.cast(pl.Decimal(18, 4), strict=False)


def rounded_money(number: pl.Expr, places: int) -> pl.Expr:
    """A plain number of any precision rounded half up (away from zero) to so many places, as DECIMAL(18,4)."""
    wide = number.str.replace(r"(\.\d{18})\d+$", "$1").cast(pl.Decimal(38, 18), strict=False)
    return wide.round(places, mode="half_away_from_zero").cast(pl.Decimal(18, 4), strict=False)


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
    return pl.concat_str(parts, separator="\x1f").hash(20).reinterpret(signed=True)
