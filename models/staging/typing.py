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

_POLARS_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "TEXT": pl.String,
    "DATE": pl.Date,
    "TIMESTAMP": pl.Datetime("us"),
    "BOOLEAN": pl.Boolean,
    "INTEGER": pl.Int32,
    "BIGINT": pl.Int64,
    "DOUBLE": pl.Float64,
    "DECIMAL(18,10)": pl.Decimal(18, 10),
}
_MONEY_TYPE = pl.Decimal(18, 4)


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
    """How one column of a feed is read, in three steps over a frame of text, each of which sees the one before it.

    `number` is the plain text of its number, to be kept under `number_name` (None where it is not a number);
    `value` is what it means, to be kept under `value_name`; `rules` are what refuses it: (name, broken when
    true), in order.
    """

    value: pl.Expr
    rules: list[tuple[str, pl.Expr]]
    number: pl.Expr | None = None


def number_name(name: str) -> str:
    """Where the plain number of a column stands while its rows are typed."""
    return f"_number_{name}"


def value_name(name: str) -> str:
    """Where the typed value of a column stands, beside its text, while its rows are typed."""
    return f"_value_{name}"


def typed_rows(contract: Contract, frame: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """The typed columns of a feed over a frame of its text, with `_file`, `_line`, `recorded_at` and `_deleted`.

    Returns `file_number`, `line`, the feed's columns, `recorded_at`, `is_deleted` and `_broken`: the column and
    name of the first rule that the row breaks, with the unit separator between them, or null.
    """
    empty = {name for name in frame.columns if frame[name].null_count() == frame.height}
    columns = {name: typed_column(contract, name, reading, name in empty) for name in contract.columns}
    loaded = {"_deleted": _simple("BOOLEAN", "_deleted", text.PLAIN), "recorded_at": _moment(empty)}
    numbers = {number_name(name): typed.number for name, typed in columns.items() if typed.number is not None}
    values = {value_name(name): typed.value for name, typed in [*columns.items(), *loaded.items()]}
    worked = frame.with_columns(**numbers).with_columns(**values)
    stays = ~pl.col(value_name("_deleted")).fill_null(False)  # of a deleted row only the key matters
    rules = [
        (name, why, rule if name in contract.key else rule & stays)
        for name, typed in columns.items()
        for why, rule in typed.rules
    ]
    rules += [(name, why, rule) for name, typed in loaded.items() for why, rule in typed.rules]
    return worked.select(
        file_number="_file",
        line="_line",
        **{name: pl.col(value_name(name)) for name in [*columns, "recorded_at"]},
        is_deleted=pl.col(value_name("_deleted")).fill_null(False),
        _broken=_first_broken(worked, rules),
    )


def _moment(empty: set[str]) -> TypedColumn:
    if "recorded_at" in empty:
        return TypedColumn(pl.lit(None, dtype=_POLARS_TYPES["TIMESTAMP"]), [])
    return _simple("TIMESTAMP", "recorded_at", text.PLAIN)


def _first_broken(worked: pl.DataFrame, rules: list[tuple[str, str, pl.Expr]]) -> pl.Expr:
    """What each row breaks first. Nearly every rule is kept by every row, which one question to the column settles."""
    is_broken = worked.select(rule.any().alias(str(at)) for at, (_, _, rule) in enumerate(rules)).row(0)
    broken = [found for found, broke in zip(rules, is_broken, strict=True) if broke]
    said = [pl.when(rule).then(pl.lit(f"{name}\x1f{why}")) for name, why, rule in broken]
    return pl.coalesce([*said, pl.lit(None, dtype=pl.String)])


def typed_column(contract: Contract, name: str, reading: Reading, is_empty: bool = False) -> TypedColumn:
    """The reading of one column of a feed, over a frame that holds its text under the same name.

    `is_empty` says that the whole column is null: then there is nothing to read.
    """
    kind, promised = glossary()[name].type, contract.columns[name]
    if is_empty:
        typed = TypedColumn(pl.lit(None, dtype=_POLARS_TYPES.get(kind, _MONEY_TYPE)), [])
    elif kind == "TEXT":
        typed = _text(name, promised)
    elif kind == "DATE":
        typed = _date(name, promised, reading)
    elif kind.startswith("DECIMAL"):
        typed = _decimal(contract, name, promised, reading)
    else:
        typed = _simple(kind, name, reading.layout_of(name))
    value = typed.value if promised.default is None else typed.value.fill_null(pl.lit(promised.default))
    missing = ("missing_value", pl.col(value_name(name)).is_null())
    return TypedColumn(value, [*typed.rules, missing] if promised.required else typed.rules, typed.number)


def _text(name: str, promised: Column) -> TypedColumn:
    given = pl.col(name)
    rules = [
        ("control_characters", text.has_control_character(given)),
        ("text_too_long", given.str.len_chars() > (promised.max_length or LONGEST_TEXT)),
    ]
    if promised.values:
        rules.append(("not_an_allowed_value", ~given.is_in(list(promised.values))))
    if name == "currency" or name.endswith("_currency"):
        rules.append(("unknown_currency", ~given.is_in(list(MINOR_UNITS))))
    return TypedColumn(given, rules)


def _date(name: str, promised: Column, reading: Reading) -> TypedColumn:
    given, value = pl.col(name), pl.col(value_name(name))
    read = text.dates(given, reading.dates_of(name))
    if promised.lenient:
        return TypedColumn(read, [])
    outside = ~value.is_between(reading.earliest, reading.latest)
    return TypedColumn(read, [("not_a_date", given.is_not_null() & value.is_null()), ("date_out_of_range", outside)])


def _decimal(contract: Contract, name: str, promised: Column, reading: Reading) -> TypedColumn:
    given, number, value = pl.col(name), pl.col(number_name(name)), pl.col(value_name(name))
    rules = [("not_a_number", given.is_not_null() & number.is_null()), ("number_too_large", text.is_too_large(number))]
    if glossary()[name].type == "DECIMAL(18,10)":
        read = text.rate(number)
        rules.append(("too_many_decimals", text.decimals_of(number) > 10))
    elif name in reading.round:
        read = text.rounded_money(number, reading.round[name])
    else:
        read = text.money(number)
        rules.append(("too_many_decimals", text.decimals_of(number) > _minor_unit(contract, name)))
    if promised.positive:
        rules.append(("not_positive", value <= 0))
    if promised.nonnegative:
        rules.append(("negative_amount", value < 0))
    return TypedColumn(read, rules, text.plain_number(given, reading.layout_of(name)))


def _minor_unit(contract: Contract, name: str) -> pl.Expr:
    holder = contract.money.get(name)
    if holder not in contract.columns:
        return pl.lit(4)
    return pl.col(holder).replace_strict(MINOR_UNITS, default=4, return_dtype=pl.Int64)


def _simple(kind: str, name: str, layout: FileFormat) -> TypedColumn:
    given = pl.col(name)
    if kind == "BOOLEAN":
        read, rule = text.flags(given), "not_true_or_false"
    elif kind == "TIMESTAMP":
        read, rule = text.timestamps(given), "not_a_time"
    elif kind == "DOUBLE":
        read, rule = text.plain_number(given, layout).cast(pl.Float64, strict=False), "not_a_number"
    else:
        whole = text.whole_numbers(given, layout)
        fits = whole.abs() <= LARGEST_INTEGER if kind == "INTEGER" else whole.is_not_null()
        read = pl.when(fits).then(whole).cast(_POLARS_TYPES[kind])
        rule = "not_a_whole_number"
    return TypedColumn(read, [(rule, given.is_not_null() & pl.col(value_name(name)).is_null())])
