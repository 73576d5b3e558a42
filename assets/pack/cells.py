"""How a value becomes a cell: exact, with a format that says what it is, and a heading with its unit.

Where cells go belongs to `workbook`.
"""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl

from models.contract import glossary

DIGITS = 15
"""Significant digits that a double, and with it a spreadsheet's number, always gives back as they were written."""
LONGEST_TEXT = 32_000
"""Of the 32,767 characters that a cell may hold; a longer text is cut, and says so."""
MONEY = {
    places: f"#,##0{'.' + '0' * places if places else ''}_);(#,##0{'.' + '0' * places if places else ''})"
    for places in range(5)
}
"""Money by the decimals of its currency; negative amounts in parentheses."""
PERCENT, PLAIN, DAYS, COUNT, DAY, TEXT = (
    "0.0%_);(0.0%)",
    "#,##0.00_);(#,##0.00)",
    "0.0_);(0.0)",
    "#,##0_);(#,##0)",
    "yyyy-mm-dd",
    "@",
)
CODES = (
    *("step", "line", "metric", "definition", "check_name", "method", "scope", "model", "best_baseline", "flag"),
    *("state", "document_type"),
)
"""Columns of codes that read as words; the `data_` tables keep them as they are."""
SHARES = ("wape", "net_error", "bias", "coverage_80", "coverage_95", "keep_probability")
DSO = ("simple_90", "best_possible_90", "countback")
"""Columns whose names end in no unit: shares of one, and days."""
SHORT_FORMS = re.compile(r"\b(cei|dbt|ets|fx|gl|pd|lgd|wape)\b", re.IGNORECASE)
PER_BASE = ("base currency", "group's base currency")
UNSAID = ("share of 1", "days", "items", "rows", "promises", "disputes", "unit of the metric")
"""Units that the name, or the format of the cells, says already."""
LONGEST_UNIT = 24
IN_BASE = ("expected", "total")
"""Columns of the pack that the glossary does not have or has otherwise: amounts in base, or in the row's, currency."""


def as_number(amount: Decimal) -> float | None:
    """The double that stands for an amount exactly; None where it has more digits than a double gives back."""
    return float(amount) if len(amount.normalize().as_tuple().digits) <= DIGITS else None


def as_text(text: str) -> str:
    """A text as a cell holds it."""
    return (
        text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} … (cut; the whole text is in the Parquet file)"
    )


def in_words(code: str) -> str:
    """A code as people read it, short forms as they write them: `fx_realised` is FX realised."""
    return SHORT_FORMS.sub(lambda found: found[0].upper(), code.replace("_", " "))


def bracketed(value: Decimal | float, places: int) -> str:
    """A number as the workbook formats it: grouped, what is negative in parentheses, and no minus before a zero."""
    text = f"{value:,.{places}f}"
    digits = text.removeprefix("-")
    return f"({digits})" if text != digits and digits.strip("0.,") else digits


def unit_of(column: str, base: str, by_row: bool) -> str:
    """The unit of a column as a heading shows it; the base currency by its code.

    `by_row`: the table says each row's currency, so that what is not in base currency is in the row's.
    """
    unit = PER_BASE[0] if column in IN_BASE else glossary()[column].unit if column in glossary() else None
    if column.endswith("_base") or (unit in PER_BASE and not by_row):
        return base or "base currency"
    if unit in PER_BASE or (by_row and unit and unit.endswith("currency")):
        return "row's currency"
    return unit or ""


def heading(column: str, base: str, by_row: bool) -> str:
    """The heading of a column: its name in words, and its unit."""
    unit = unit_of(column, base, by_row)
    unit = "" if unit in UNSAID or len(unit) > LONGEST_UNIT else unit
    words = in_words(column.removesuffix("_base"))
    words = words[:1].upper() + words[1:]
    if unit_of(column, base, by_row) == "days" and "days" not in words.lower():
        unit = "days"
    return f"{words} ({unit})" if unit and "(" not in words else words


def format_of(column: str, kind: pl.DataType) -> str:
    """What a column's cells are: `money`, or a number format; text is text, ids too."""
    unit = glossary()[column].unit if column in glossary() else None
    if isinstance(kind, pl.Decimal):
        return "money" if kind.scale <= 4 and unit != "share of 1" else PERCENT
    if kind in (pl.Float64, pl.Float32):
        return (
            PERCENT
            if unit == "share of 1" or column in SHARES or column.endswith(("share", "_rate"))
            else DAYS
            if "days" in column or column in DSO
            else PLAIN
        )
    if kind == pl.Date:
        return DAY
    return COUNT if kind.is_integer() else TEXT
