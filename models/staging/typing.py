"""Text columns of one feed become typed columns, and each broken rule is named beside the row that broke it.

Which text column feeds which, and what happens to a refused row, belongs to `conform`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from models.contract import Column, Contract, glossary
from models.staging import text
from models.staging.currencies import MINOR_UNITS
from models.staging.file_format import FileFormat

LONGEST_TEXT = 255
"""Characters that a text column holds unless its contract says otherwise."""

LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class Reading:
    """How the text of one feed's columns is written, and which dates are possible.

    `computed` names columns that an expression made: their numbers and dates are written plainly.
    """

    layout: FileFormat
    earliest: date
    latest: date
    round: dict[str, int] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()

    def layout_of(self, column: str) -> FileFormat:
        """The layout in which one column's numbers are written."""
        return text.PLAIN if column in self.computed else self.layout

    def dates_of(self, column: str) -> list[str]:
        """The layouts in which one column's dates may be written, in the order in which they are tried."""
        declared = self.layout.dates
        if isinstance(declared, dict):
            declared = declared.get(column, declared.get("default", text.PLAIN.dates))
        layouts = [declared] if isinstance(declared, str) else list(declared)
        return [*layouts, "%Y-%m-%d"] if column in self.computed else layouts


@dataclass(frozen=True)
class TypedColumn:
    """One column's typed value, and the rules that make it refused: (name, broken when true), in order."""

    value: pl.Expr
    rules: list[tuple[str, pl.Expr]]


def typed_column(contract: Contract, name: str, reading: Reading) -> TypedColumn:
    """The value and rules of one column of a feed, over a frame that holds its text under the same name."""
    kind, promised = glossary()[name].type, contract.columns[name]
    given = pl.col(name)
    if kind == "TEXT":
        typed = _text(name, given, promised)
    elif kind == "DATE":
        typed = _date(given, promised, reading, reading.dates_of(name))
    elif kind.startswith("DECIMAL"):
        typed = _decimal(contract, name, given, promised, reading)
    else:
        typed = _simple(kind, given, reading.layout_of(name))
    value = typed.value if promised.default is None else typed.value.fill_null(pl.lit(promised.default))
    rules = [*typed.rules, ("missing_value", value.is_null())] if promised.required else typed.rules
    return TypedColumn(value, rules)


def _text(name: str, given: pl.Expr, promised: Column) -> TypedColumn:
    rules = [
        ("control_characters", given.str.contains(text.CONTROL_CHARACTERS)),
        ("text_too_long", given.str.len_chars() > (promised.max_length or LONGEST_TEXT)),
    ]
    if promised.values:
        rules.append(("not_an_allowed_value", ~given.is_in(list(promised.values))))
    if name == "currency" or name.endswith("_currency"):
        rules.append(("unknown_currency", ~given.is_in(list(MINOR_UNITS))))
    return TypedColumn(given, rules)


def _date(given: pl.Expr, promised: Column, reading: Reading, layouts: list[str]) -> TypedColumn:
    value = text.dates(given, layouts)
    if promised.lenient:
        return TypedColumn(value, [])
    outside = ~value.is_between(reading.earliest, reading.latest)
    return TypedColumn(value, [("not_a_date", given.is_not_null() & value.is_null()), ("date_out_of_range", outside)])


def _decimal(contract: Contract, name: str, given: pl.Expr, promised: Column, reading: Reading) -> TypedColumn:
    number = text.plain_number(given, reading.layout_of(name))
    rules = [("not_a_number", given.is_not_null() & number.is_null()), ("number_too_large", text.is_too_large(number))]
    if glossary()[name].type == "DECIMAL(18,10)":
        value = text.rate(number)
        rules.append(("too_many_decimals", text.decimals_of(number) > 10))
    elif name in reading.round:
        value = text.rounded_money(number, reading.round[name])
    else:
        value = text.money(number)
        rules.append(("too_many_decimals", text.decimals_of(number) > _minor_unit(contract, name)))
    if promised.positive:
        rules.append(("not_positive", value <= 0))
    if promised.nonnegative:
        rules.append(("negative_amount", value < 0))
    return TypedColumn(value, rules)


def _minor_unit(contract: Contract, name: str) -> pl.Expr:
    holder = contract.money.get(name)
    if holder not in contract.columns:
        return pl.lit(4)
    return pl.col(holder).replace_strict(MINOR_UNITS, default=4, return_dtype=pl.Int64)


def _simple(kind: str, given: pl.Expr, layout: FileFormat) -> TypedColumn:
    if kind == "BOOLEAN":
        value, rule = text.flags(given), "not_true_or_false"
    elif kind == "TIMESTAMP":
        value, rule = text.timestamps(given), "not_a_time"
    elif kind == "DOUBLE":
        value, rule = text.plain_number(given, layout).cast(pl.Float64, strict=False), "not_a_number"
    else:
        whole = text.whole_numbers(given, layout)
        fits = whole.abs() <= LARGEST_INTEGER if kind == "INTEGER" else whole.is_not_null()
        value = pl.when(fits).then(whole).cast(pl.Int32 if kind == "INTEGER" else pl.Int64)
        rule = "not_a_whole_number"
    return TypedColumn(value, [(rule, given.is_not_null() & value.is_null())])
