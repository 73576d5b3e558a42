"""Rows of a source file, as text, become facts of feeds: mapped as declared, typed, accepted or rejected.

One source row may make several facts (an invoice with its settlement); they are accepted or rejected
together. Keys that meet across rows, and versions over time, belong to the loader in `assets`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.contract import Contract, feeds
from models.raw.declaration import Entry, Expression
from models.staging import text
from models.staging.typing import Reading, typed_column

ORDINAL = "_nth"
SETTLEMENT_SUFFIX = ":settled"
"""What the id of a payment that a one-line extract implies adds to its invoice's id."""

LOADER_COLUMNS = ("recorded_at", "_deleted")
CHANGES_SCHEMA = {
    "file_number": pl.Int32,
    "kind": pl.String,
    "column_name": pl.String,
    "row_count": pl.Int64,
    "amount_change": pl.Decimal(38, 4),
}
REFUSED_KEYS_SCHEMA = {"row_key": pl.Int64}
REJECTED_SCHEMA = {
    "file_number": pl.Int32,
    "line": pl.Int64,
    "feed": pl.String,
    "column_name": pl.String,
    "rule": pl.String,
    "rejected_value": pl.String,
    "amount": pl.Decimal(18, 4),
    "currency": pl.String,
}


@dataclass(frozen=True)
class Setting:
    """What holds for every row of a book: the entity that an empty one means, and the possible dates."""

    default_entity: str
    earliest: date
    latest: date


@dataclass(frozen=True)
class Conformed:
    """What became of some rows of one file.

    `facts` holds by feed the accepted typed rows, with `row_key`, the feed's links, `file_number`, `line`,
    `recorded_at` and `is_deleted`; `rejected` one row per refused source row (REJECTED_SCHEMA);
    `refused_keys` the keys of all facts that refused rows would have made; `skipped` the rows that the declaration leaves out, with their amount and currency; `changes` the values
    that were changed as declared, by file, kind and column (CHANGES_SCHEMA).
    """

    facts: dict[str, pl.DataFrame]
    rejected: pl.DataFrame
    refused_keys: pl.DataFrame
    skipped: pl.DataFrame
    changes: pl.DataFrame


def conform(rows: pl.DataFrame, entry: Entry, setting: Setting, lookups: list[pl.DataFrame]) -> Conformed:
    """Turn text rows (`_file`, `_line` and one column per field) into facts of the entry's feeds.

    `lookups` are the text rows of the files that the entry joins, in the order of the declaration.
    Raises polars' own errors where an expression of the declaration does not fit the file.
    """
    joined = _joined(_nulled(rows, entry.format.nulls), entry, lookups)
    kept = _selected(joined, entry)
    mapped = _mapped(kept, entry)
    assumed = _assumed(mapped, entry)
    typed = [
        _typed(feeds()[feed], frame, entry, setting) for feed, frame in _facts(assumed, entry, setting.default_entity)
    ]
    rejected = _first_refusals([frame for _, frame in typed], entry.feed)
    refused = rejected.select("file_number", "line")
    return Conformed(
        facts={feed: _accepted(feed, frame, refused) for feed, frame in typed},
        rejected=rejected,
        refused_keys=_keys_on(refused, [frame for _, frame in typed]),
        skipped=_amounts_of(_left_out(joined, kept), entry),
        changes=_changes(mapped, assumed, typed[0][1], entry),
    )


def _left_out(rows: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    if kept.height == rows.height:
        return rows.clear()
    return rows.join(kept.select("_file", "_line"), on=["_file", "_line"], how="anti")


def _keys_on(lines: pl.DataFrame, typed: list[pl.DataFrame]) -> pl.DataFrame:
    if lines.is_empty():
        return pl.DataFrame(schema=REFUSED_KEYS_SCHEMA)
    return pl.concat(frame.join(lines, on=["file_number", "line"], how="semi").select("row_key") for frame in typed)


def _nulled(rows: pl.DataFrame, nulls: list[str]) -> pl.DataFrame:
    fields = pl.col(pl.String)
    return rows.with_columns(pl.when(~fields.is_in(nulls)).then(fields).name.keep()) if nulls else rows


def _joined(rows: pl.DataFrame, entry: Entry, lookups: list[pl.DataFrame]) -> pl.DataFrame:
    for join, found in zip(entry.join, lookups, strict=True):
        other = _nulled(found, join.format.nulls)
        other = other.filter(pl.sql_expr(join.where)) if join.where else other
        named = other.select(
            *[pl.col(theirs).alias(f"_on_{ours}") for ours, theirs in join.on.items()],
            *[pl.col(theirs).alias(ours) for ours, theirs in join.columns.items()],
        )
        left, right = list(join.on), [f"_on_{ours}" for ours in join.on]
        if named.filter(pl.all_horizontal(pl.col(right).is_not_null())).select(right).is_duplicated().any():
            raise ValueError(
                f"{join.pattern}: {', '.join(join.on.values())} does not name one row, so a join would repeat rows"
            )
        rows = rows.join(named, left_on=left, right_on=right, how="left", maintain_order="left")
    return rows


def _selected(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    if entry.where:
        rows = rows.filter(pl.sql_expr(entry.where))
    if entry.skip:
        rows = rows.filter(~pl.sql_expr(entry.skip).fill_null(False))
    return rows


def _value(source: str | Expression) -> pl.Expr:
    return pl.col(source) if isinstance(source, str) else pl.sql_expr(source.sql).cast(pl.String)


def _mapped(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    contract = feeds()[entry.feed]
    wanted = [*contract.columns, *LOADER_COLUMNS]
    if entry.columns is None:
        given = {name: pl.col(name) for name in wanted if name in rows.columns}
    else:
        given = {name: _value(source) for name, source in entry.columns.items()}
    given |= {name: pl.lit(value) for name, value in entry.constants.items()}
    if entry.key:
        given[_own_id(contract)] = _made_key(entry.key)
    if entry.settled:
        given["_settled_on"] = _value(entry.settled.on)
        given["_settled_amount"] = _value(entry.settled.amount) if entry.settled.amount else given["amount"]
    stand_ins = {column: stand_in for column, stand_in in entry.assume.items() if isinstance(stand_in, Expression)}
    given |= {f"_assumed_{column}": _value(stand_in) for column, stand_in in stand_ins.items()}
    absent = {name: pl.lit(None, dtype=pl.String) for name in wanted if name not in given}
    return rows.select("_file", "_line", **given, **absent)


def _own_id(contract: Contract) -> str:
    return next(name for name in contract.key if name != "entity_id")


def _made_key(columns: tuple[str, ...]) -> pl.Expr:
    named = [name for name in columns if name != ORDINAL]
    parts = [pl.col(name).fill_null("") for name in named]
    if ORDINAL in columns:
        parts.append(pl.int_range(1, pl.len() + 1).over(parts).cast(pl.String))
    return pl.concat_str(parts, separator="|")


def _assumed(mapped: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    for column, stand_in in entry.assume.items():
        filler = stand_in if isinstance(stand_in, str) else f"_assumed_{column}"
        mapped = mapped.with_columns(pl.col(column).fill_null(pl.col(filler)))
    return mapped


def _amounts_of(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    mapped = _mapped(rows, entry)
    number = (
        text.plain_number(pl.col("amount"), entry.format) if "amount" in mapped.columns else pl.lit(None, pl.String)
    )
    currency = pl.col("currency") if "currency" in mapped.columns else pl.lit(None, pl.String)
    return mapped.select(
        file_number="_file", amount=text.rounded_money(number, entry.round.get("amount", 4)), currency=currency
    )


def _changes(mapped: pl.DataFrame, assumed: pl.DataFrame, typed: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    """Count, by file, what the declaration had changed: values assumed, rounded, or emptied because unreadable."""
    found = [pl.DataFrame(schema=CHANGES_SCHEMA)]
    nothing = pl.lit(0, dtype=pl.Decimal(38, 4))
    for column in entry.assume:
        filled = mapped[column].is_null() & assumed[column].is_not_null()
        found.append(_counted(assumed.filter(filled), "assumed", column, nothing))
    for column, places in entry.round.items():
        number = text.plain_number(pl.col(column), entry.format)
        change = text.rounded_money(number, places).cast(pl.Decimal(38, 4)) - text.rounded_money(number, 4).cast(
            pl.Decimal(38, 4)
        )
        found.append(_counted(assumed.filter(text.decimals_of(number) > places), "rounded", column, change))
    for column, promised in feeds()[entry.feed].columns.items():
        if promised.lenient and typed.height == assumed.height:
            found.append(
                _counted(
                    assumed.filter(assumed[column].is_not_null() & typed[column].is_null()),
                    "unreadable",
                    column,
                    nothing,
                )
            )
    return pl.concat(found).filter(pl.col("row_count") > 0)


def _counted(rows: pl.DataFrame, kind: str, column: str, change: pl.Expr) -> pl.DataFrame:
    counted = (
        rows.with_columns(_change=change)
        .group_by("_file")
        .agg(row_count=pl.len(), amount_change=pl.col("_change").sum())
    )
    return counted.select(
        pl.col("_file").alias("file_number"),
        kind=pl.lit(kind),
        column_name=pl.lit(column),
        row_count=pl.col("row_count").cast(pl.Int64),
        amount_change=pl.col("amount_change").cast(pl.Decimal(38, 4)),
    )


def _facts(mapped: pl.DataFrame, entry: Entry, default_entity: str) -> list[tuple[str, pl.DataFrame]]:
    contract = feeds()[entry.feed]
    if "entity_id" in contract.columns:
        mapped = mapped.with_columns(pl.col("entity_id").fill_null(default_entity))
    made = [(entry.feed, mapped)]
    if entry.signed:
        negative = text.plain_number(pl.col("amount"), entry.format).str.starts_with("-").fill_null(False)
        made = [(entry.feed, mapped.filter(~negative)), ("credit_memos", _credits(mapped.filter(negative), entry))]
    if entry.settled:
        made += _settlements(made[0][1].filter(pl.col("_settled_on").is_not_null()))
    return [(feed, _complete(frame, feed)) for feed, frame in made]


def _complete(frame: pl.DataFrame, feed: str) -> pl.DataFrame:
    names = [*feeds()[feed].columns, *LOADER_COLUMNS]
    return frame.select(
        "_file",
        "_line",
        *[pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String).alias(name) for name in names],
    )


def _credits(invoices: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    amount = text.plain_number(pl.col("amount"), entry.format).str.strip_prefix("-")
    written = amount.str.replace(".", entry.format.decimal, literal=True)
    return invoices.with_columns(credit_memo_id="invoice_id", credit_date="invoice_date", amount=written)


def _settlements(invoices: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    settled = invoices.with_columns(
        payment_id=pl.col("invoice_id") + SETTLEMENT_SUFFIX, amount="_settled_amount", payment_date="_settled_on"
    ).drop("posting_date", "status", "functional_amount", "ar_account")
    applied = settled.with_columns(application_id="payment_id", source_id="payment_id", applied_on="_settled_on")
    return [("payments", settled), ("applications", applied)]


def _reading(entry: Entry, setting: Setting, feed: str) -> Reading:
    layout = entry.format
    if feed != entry.feed and isinstance(layout.dates, dict):
        settled = layout.dates.get("settled_on", layout.dates.get("default", text.PLAIN.dates))
        derived = {
            "payment_date": settled,
            "applied_on": settled,
            "credit_date": layout.dates.get("invoice_date", settled),
        }
        layout = layout.model_copy(update={"dates": {**layout.dates, **derived}})
    columns = entry.columns or {}
    computed = {name for name, source in columns.items() if isinstance(source, Expression)} | set(entry.constants)
    if feed != entry.feed and entry.settled and isinstance(entry.settled.on, Expression):
        computed |= {"payment_date", "applied_on"}
    return Reading(layout, setting.earliest, setting.latest, entry.round, frozenset(computed))


def _typed(contract: Contract, frame: pl.DataFrame, entry: Entry, setting: Setting) -> tuple[str, pl.DataFrame]:
    reading = _reading(entry, setting, contract.table)
    columns = {name: typed_column(contract, name, reading) for name in contract.columns}
    broken = pl.coalesce(
        [pl.when(rule).then(pl.lit(f"{name}\x1f{why}")) for name, typed in columns.items() for why, rule in typed.rules]
        or [pl.lit(None, dtype=pl.String)]
    )
    typed = frame.select(
        file_number="_file",
        line="_line",
        **{name: column.value for name, column in columns.items()},
        recorded_at=text.timestamps(pl.col("recorded_at")),
        is_deleted=text.flags(pl.col("_deleted")).fill_null(False),
        _broken=broken,
    ).with_columns(**_keys(contract))
    if typed["_broken"].null_count() < typed.height:
        given = frame.select(pl.struct(pl.all()).alias("_given"))
        typed = typed.with_columns(given)
    return contract.table, typed


def _keys(contract: Contract) -> dict[str, pl.Expr]:
    entity = pl.col("entity_id") if "entity_id" in contract.columns else pl.lit("")
    ids = [pl.col(name).cast(pl.String).fill_null("") for name in contract.key if name != "entity_id"]
    keys = {"row_key": text.key_of(contract.space, entity, *ids)}
    for name, link in contract.links.items():
        keys[name] = text.key_of(link.space, entity, pl.col(link.of))
    return keys


def _first_refusals(typed: list[pl.DataFrame], feed: str) -> pl.DataFrame:
    found = [pl.DataFrame(schema=REJECTED_SCHEMA)]
    for frame in typed:
        refused = frame.filter(pl.col("_broken").is_not_null())
        if refused.is_empty():
            continue
        parts = refused["_broken"].str.split_exact("\x1f", 1).struct.unnest()
        given = refused["_given"].struct.unnest()
        values = [row[name] for row, name in zip(given.iter_rows(named=True), parts["field_0"], strict=True)]
        amount = pl.col("amount") if "amount" in refused.columns else pl.lit(None, dtype=pl.Decimal(18, 4))
        currency = pl.col("currency") if "currency" in refused.columns else pl.lit(None, dtype=pl.String)
        found.append(
            refused.select(
                file_number="file_number",
                line="line",
                feed=pl.lit(feed),
                column_name=parts["field_0"],
                rule=parts["field_1"],
                rejected_value=pl.Series(values, dtype=pl.String),
                amount=amount,
                currency=currency,
            )
        )
    return pl.concat(found).unique(["file_number", "line"], keep="first", maintain_order=True)


def _accepted(feed: str, typed: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    names = ["row_key", *feeds()[feed].stored_links, *feeds()[feed].columns]
    kept = typed.join(refused, on=["file_number", "line"], how="anti") if refused.height else typed
    return kept.select(*names, "file_number", "line", "recorded_at", "is_deleted")
