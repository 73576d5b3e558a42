"""From integers to canonical columns: dates, amounts, ids, names.

Belongs here: how a number of this package becomes a column of `landing.md`. Does not belong here: which
number it is.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

NEVER = 2**30  # a day that no history reaches
MONEY = pl.Decimal(18, 2)

# Named for the reader: numpy's stubs lose the element type in too many operations to check it.
Integers = npt.NDArray[Any]
Booleans = npt.NDArray[Any]
Floats = npt.NDArray[Any]


def dates(days: npt.NDArray[np.integer], present: Booleans | None = None) -> pl.Series:
    """Days since 1970-01-01 as dates; null where `present` is false."""
    column = pl.Series(days.astype(np.int32)).cast(pl.Date)
    return column if present is None else masked(column, present)


def money(hundredths: Integers, present: Booleans | None = None) -> pl.Series:
    """Integer hundredths as exact decimals (18, 2); null where `present` is false."""
    scaled = pl.Series(hundredths).cast(pl.Decimal(18, 2)) * pl.lit(Decimal("0.01"))
    column = pl.select(scaled.cast(MONEY)).to_series()
    return column if present is None else masked(column, present)


def masked(column: pl.Series, present: Booleans) -> pl.Series:
    """The column, null where `present` is false."""
    return column.zip_with(pl.Series(present), pl.repeat(None, len(column), dtype=column.dtype, eager=True))


def numbered(prefix: str, numbers: npt.NDArray[np.integer], width: int) -> pl.Series:
    """Ids: a prefix and a number with leading zeros."""
    digits = pl.Series(numbers.astype(np.int64)).cast(pl.String).str.zfill(width)
    return digits if not prefix else prefix + digits


def named(names: Sequence[str | None], indexes: npt.NDArray[np.integer]) -> pl.Series:
    """A name for each index: text of few different values, without a loop over rows."""
    return pl.Series(list(names), dtype=pl.String).gather(indexes.astype(np.uint32))
