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
from models.staging import mapping, text
from models.staging.mapping import LOADER_COLUMNS
from models.staging.typing import Reading, typed_rows

ORDINAL = mapping.ORDINAL
"""The word in a declared key that tells equal rows apart; all rows of an entry must then come in one piece."""

SETTLEMENT_SUFFIX = ":settled"
"""What the id of a payment that a one-line extract implies adds to its invoice's id."""

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
    `refused_keys` the keys of all facts that refused rows would have made; `skipped` the rows that the
    declaration leaves out, with their amount and currency; `changes` the values that were changed as
    declared, by file, kind and column (CHANGES_SCHEMA).
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
    given = mapping.joined(rows, entry, lookups)
    kept = mapping.selected(given, entry)
    mapped = mapping.mapped(kept, entry)
    assumed = mapping.assumed(mapped, entry)
    typed = [
        _typed(feeds()[feed], frame, entry, setting) for feed, frame in _facts(assumed, entry, setting.default_entity)
    ]
    rejected = _first_refusals(typed, entry)
    refused = rejected.select("file_number", "line")
    return Conformed(
        facts={feed: _accepted(feed, frame, refused) for feed, frame in typed},
        rejected=rejected,
        refused_keys=_keys_on(refused, [frame for _, frame in typed]),
        skipped=_amounts_of(_left_out(given, kept), entry),
        changes=_changes(mapped, assumed, [frame for _, frame in _main_facts(typed, entry)], entry),
    )


def _left_out(rows: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    if kept.height == rows.height:
        return rows.clear()
    return rows.join(kept.select("_file", "_line"), on=["_file", "_line"], how="anti")


def _keys_on(lines: pl.DataFrame, typed: list[pl.DataFrame]) -> pl.DataFrame:
    if lines.is_empty():
        return pl.DataFrame(schema=REFUSED_KEYS_SCHEMA)
    return pl.concat(frame.join(lines, on=["file_number", "line"], how="semi").select("row_key") for frame in typed)


def _amounts_of(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    mapped = mapping.mapped(rows, entry)
    number = pl.lit(None, pl.String)
    if "amount" in mapped.columns:
        number = text.plain_number(pl.col("amount"), mapping.layout_of(entry, "amount"))
    currency = pl.col("currency") if "currency" in mapped.columns else pl.lit(None, pl.String)
    return mapped.select(file_number="_file", amount=text.rounded_money(number, 4), currency=currency)


def _changes(mapped: pl.DataFrame, assumed: pl.DataFrame, typed: list[pl.DataFrame], entry: Entry) -> pl.DataFrame:
    """Count, by file, what the declaration had changed: values assumed, rounded, or emptied because unreadable.

    `typed` are the facts that the rows themselves became: the entry's own feed and, of a signed one, credit memos.
    """
    found = [pl.DataFrame(schema=CHANGES_SCHEMA)]
    nothing = pl.lit(0, dtype=pl.Decimal(38, 4))
    for column in entry.assume:
        filled = mapped[column].is_null() & assumed[column].is_not_null()
        found.append(_counted(assumed.filter(filled), "assumed", column, nothing))
    for column, places in entry.round.items():
        number = text.plain_number(pl.col(column), mapping.layout_of(entry, column))
        exact, rounded = (text.rounded_money(number, at).cast(pl.Decimal(38, 4)) for at in (4, places))
        found.append(_counted(assumed.filter(text.decimals_of(number) > places), "rounded", column, rounded - exact))
    lines = ["file_number", "line"]
    for column in (name for name, promised in feeds()[entry.feed].columns.items() if promised.lenient):
        facts = [frame for frame in typed if column in frame.columns]
        emptied = pl.concat(frame.filter(pl.col(column).is_null()).select(lines) for frame in facts)
        given = assumed.filter(pl.col(column).is_not_null())
        unreadable = given.join(emptied, left_on=["_file", "_line"], right_on=lines, how="semi")
        found.append(_counted(unreadable, "unreadable", column, nothing))
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
        number = text.plain_number(pl.col("amount"), mapping.layout_of(entry, "amount"))
        negative = number.str.starts_with("-").fill_null(False)
        made = [(entry.feed, mapped.filter(~negative)), ("credit_memos", _credits(mapped.filter(negative), entry))]
    if entry.settled:
        made += _settlements(made[0][1])
    return [(feed, _complete(frame, feed)) for feed, frame in made]


def _complete(frame: pl.DataFrame, feed: str) -> pl.DataFrame:
    names = [*feeds()[feed].columns, *LOADER_COLUMNS]
    return frame.select(
        "_file",
        "_line",
        *[pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String).alias(name) for name in names],
    )


def _credits(invoices: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    layout = mapping.layout_of(entry, "amount")
    written = (
        text.plain_number(pl.col("amount"), layout).str.strip_prefix("-").str.replace(".", layout.decimal, literal=True)
    )
    return invoices.with_columns(credit_memo_id="invoice_id", credit_date="invoice_date", amount=written)


def _settlements(invoices: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """What settled lines make besides; a line that is not settled takes back what it made when it was."""
    open_still = pl.col("_settled_on").is_null()
    settled = invoices.with_columns(
        payment_id=pl.col("invoice_id") + SETTLEMENT_SUFFIX,
        amount="_settled_amount",
        payment_date="_settled_on",
        _deleted=pl.when(open_still).then(pl.lit("true")).otherwise(pl.col("_deleted")),
    ).drop("posting_date", "status", "functional_amount", "ar_account")
    applied = settled.with_columns(application_id="payment_id", source_id="payment_id", applied_on="_settled_on")
    return [("payments", settled), ("applications", applied)]


def _reading(entry: Entry, setting: Setting, feed: str) -> Reading:
    """How a feed's columns are written: those of a derived feed as the columns that they come from."""
    layout, columns = entry.format, entry.columns or {}
    computed = {name for name, source in columns.items() if isinstance(source, Expression)} | set(entry.constants)
    if feed != entry.feed:
        origins = {"payment_date": "settled_on", "applied_on": "settled_on", "credit_date": "invoice_date"}
        if entry.settled:
            computed |= {"settled_on"} if isinstance(entry.settled.on, Expression) else set()
            if entry.settled.amount and feed != "credit_memos":
                computed.discard("amount")
                computed |= {"amount"} if isinstance(entry.settled.amount, Expression) else set()
        if isinstance(layout.dates, dict):
            default = layout.dates.get("default", text.PLAIN.dates)
            derived = {name: layout.dates.get(origin, default) for name, origin in origins.items()}
            layout = layout.model_copy(update={"dates": {**layout.dates, **derived}})
        computed |= {name for name, origin in origins.items() if origin in computed}
    return Reading(layout, setting.earliest, setting.latest, entry.round, frozenset(computed))


def _typed(contract: Contract, frame: pl.DataFrame, entry: Entry, setting: Setting) -> tuple[str, pl.DataFrame]:
    typed = typed_rows(contract, frame, _reading(entry, setting, contract.table)).with_columns(**_keys(contract))
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


def _main_facts(typed: list[tuple[str, pl.DataFrame]], entry: Entry) -> list[tuple[str, pl.DataFrame]]:
    """The facts that the rows themselves became: of the entry's own feed and, where it is signed, credit memos."""
    return [(feed, frame) for feed, frame in typed if feed == entry.feed or (entry.signed and feed == "credit_memos")]


def _first_refusals(typed: list[tuple[str, pl.DataFrame]], entry: Entry) -> pl.DataFrame:
    """One row for each refused source row: the first rule that a fact of it broke, and the row's own amount as sent."""
    found = []
    for _, frame in typed:
        refused = frame.filter(pl.col("_broken").is_not_null())
        if refused.is_empty():
            continue
        parts = refused["_broken"].str.split_exact("\x1f", 1).struct.unnest()
        given = refused["_given"].struct.unnest()
        values = [row[name] for row, name in zip(given.iter_rows(named=True), parts["field_0"], strict=True)]
        found.append(
            refused.select(
                file_number="file_number",
                line="line",
                feed=pl.lit(entry.feed),
                column_name=parts["field_0"],
                rule=parts["field_1"],
                rejected_value=pl.Series(values, dtype=pl.String),
            )
        )
    if not found:
        return pl.DataFrame(schema=REJECTED_SCHEMA)
    lines = ["file_number", "line"]
    first = pl.concat(found).unique(lines, keep="first", maintain_order=True)
    sent = pl.concat(_sent_amounts(feed, frame, entry) for feed, frame in _main_facts(typed, entry))
    return first.join(sent, on=lines, how="left", maintain_order="left")


def _sent_amounts(feed: str, typed: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    amount = pl.col("amount") if "amount" in typed.columns else pl.lit(None, dtype=pl.Decimal(18, 4))
    currency = pl.col("currency") if "currency" in typed.columns else pl.lit(None, dtype=pl.String)
    sign = -1 if feed != entry.feed else 1
    return typed.select("file_number", "line", amount=(amount * sign).cast(pl.Decimal(18, 4)), currency=currency)


def _accepted(feed: str, typed: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    names = ["row_key", *feeds()[feed].stored_links, *feeds()[feed].columns]
    kept = typed.join(refused, on=["file_number", "line"], how="anti") if refused.height else typed
    return kept.select(*names, "file_number", "line", "recorded_at", "is_deleted")
