"""Rows as exports really hold them: broken, impossible, repeated, orphaned; each one listed as truth.

Belongs here: the kinds of defect and what should become of each. Does not belong here: finding them, which
is what the product does.

Broken rows are rows of their own, copied from small good ones, so that the good rows are the same book with
and without them. Only impossible due dates are put on good rows, because they never cost a receivable.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

SHARE = 0.003
AFFECTED = {
    "invoices": "invoice_id",
    "payments": "payment_id",
    "credit_memos": "credit_memo_id",
    "applications": "application_id",
}
DOCUMENT_DATES = {
    "invoices": "invoice_date",
    "payments": "payment_date",
    "credit_memos": "credit_date",
    "applications": "applied_on",
}
CONFLICTING = "duplicate_conflicting"
IDENTICAL = "duplicate_identical"
TRUTH_SCHEMA = {
    "feed": pl.String,
    "entity_id": pl.String,
    "id": pl.String,
    "kind": pl.String,
    "column": pl.String,
    "value": pl.String,
    "expected": pl.String,
}


class Defect(NamedTuple):
    """One kind of bad row: what is put into which columns, and what should become of the row."""

    kind: str
    column: str
    changes: dict[str, pl.Expr]
    expected: str = "rejected"


def with_bad_rows(
    generator: np.random.Generator, feeds: dict[str, pl.DataFrame]
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """The feeds with about 0.3 % of bad rows in the affected ones, now text, and the list of them."""
    listed = [pl.DataFrame(schema=TRUTH_SCHEMA)]
    spoiled = dict(feeds)
    for feed, id_column in AFFECTED.items():
        text = as_text(feeds[feed])
        defects = _defects(feed)
        if len(text) < 2 * len(defects):
            spoiled[feed] = text
            continue
        extra, truth = _broken(generator, text, feed, defects)
        if feed == "invoices":
            text, flagged = _impossible_due_dates(generator, text, len(extra))
            truth = pl.concat([truth, flagged])
        spoiled[feed] = pl.concat([text, extra])
        listed.append(
            truth.select(
                pl.lit(feed).alias("feed"),
                "entity_id",
                pl.col(id_column).alias("id"),
                *list(TRUTH_SCHEMA)[3:],
            )
        )
    return spoiled, pl.concat(listed)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as text of an export: ISO dates, plain decimals, no cents where there are none."""
    text = frame.cast(pl.String)
    if "currency" in text.columns:
        is_yen = pl.col("currency") == "JPY"
        whole = pl.col("amount").str.strip_suffix(".00")
        text = text.with_columns(pl.when(is_yen).then(whole).otherwise(pl.col("amount")).alias("amount"))
    return text


def _defects(feed: str) -> list[Defect]:
    found = [
        Defect("amount_missing", "amount", {"amount": pl.lit(None, dtype=pl.String)}),
        Defect("amount_nan", "amount", {"amount": pl.lit("NaN")}),
        Defect("amount_infinite", "amount", {"amount": pl.lit("inf")}),
        Defect("amount_text", "amount", {"amount": pl.lit("see attachment")}),
        Defect("amount_zero", "amount", {"amount": pl.lit("0.00")}),
        Defect("amount_negative", "amount", {"amount": "-" + pl.col("amount")}),
        Defect("too_many_decimals", "amount", {"amount": pl.lit("12.345678")}),
        Defect("date_out_of_range", DOCUMENT_DATES[feed], {DOCUMENT_DATES[feed]: pl.lit("1492-10-12")}),
        Defect("date_not_a_date", DOCUMENT_DATES[feed], {DOCUMENT_DATES[feed]: pl.lit("2026-02-30")}),
        Defect(IDENTICAL, AFFECTED[feed], {}, "duplicate"),
        Defect(CONFLICTING, "amount", {}),
    ]
    if feed != "applications":
        found += [
            Defect("yen_with_cents", "amount", {"currency": pl.lit("JPY"), "amount": pl.lit("1234.56")}),
            Defect("unknown_currency", "currency", {"currency": pl.lit("XQZ")}),
        ]
    return found + _defects_of(feed)


def _defects_of(feed: str) -> list[Defect]:
    """Control characters where people type, and what only this feed can have."""
    if feed == "invoices":
        return [Defect("control_characters", "purchase_order", {"purchase_order": pl.lit("PO-\x07123")})]
    if feed == "payments":
        unknown = {"customer_id": pl.lit("0099999999")}
        return [
            Defect("control_characters", "reference", {"reference": pl.lit("REM\x1b[0m")}),
            Defect("unknown_customer", "customer_id", unknown, "orphan"),
        ]
    if feed == "applications":
        return [
            Defect("unknown_invoice", "invoice_id", {"invoice_id": pl.lit("0000000001")}, "orphan"),
            Defect("unknown_source", "source_id", {"source_id": pl.lit("0000000002")}, "orphan"),
        ]
    return [Defect("control_characters", "reason", {"reason": pl.lit("pricing\x0b")})]


def _broken(
    generator: np.random.Generator, text: pl.DataFrame, feed: str, defects: list[Defect]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Extra rows, the kinds in turn, and what to expect of each."""
    small = np.flatnonzero((text["amount"].cast(pl.Float64) <= text["amount"].cast(pl.Float64).median()).to_numpy())
    count = min(max(len(defects), round(SHARE * len(text))), len(small))
    chosen = text[generator.permutation(small)[:count]]
    id_column = AFFECTED[feed]
    frames, truths = [], []
    for place, defect in enumerate(defects):
        rows = chosen[place :: len(defects)]
        if defect.kind != IDENTICAL:
            rows = rows.with_columns((pl.col(id_column) + f"X{place:02d}").alias(id_column), **defect.changes)
        if defect.kind == CONFLICTING:
            rows = pl.concat([rows, rows.with_columns(amount="1" + pl.col("amount"))])
        frames.append(rows)
        truths.append(_listed(rows, id_column, defect.kind, defect.column, defect.expected))
    return pl.concat(frames), pl.concat(truths)


def _listed(rows: pl.DataFrame, id_column: str, kind: str, column: str, expected: str) -> pl.DataFrame:
    return rows.select(
        "entity_id",
        id_column,
        pl.lit(kind).alias("kind"),
        pl.lit(column).alias("column"),
        pl.col(column).alias("value"),
        pl.lit(expected).alias("expected"),
    )


def _impossible_due_dates(
    generator: np.random.Generator, text: pl.DataFrame, broken: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Good invoices with a due date in 2206, or before the invoice; two for every ten broken rows."""
    count = max(2, broken // 5)
    row = generator.permutation(len(text))[:count]
    kind = np.full(len(text), "", dtype=object)
    kind[row[::2]], kind[row[1::2]] = "due_date_2206", "due_date_before_invoice"
    which = pl.Series("kind", kind, dtype=pl.String)
    far = ("2206" + pl.col("due_date").str.slice(4)).str.replace("-02-29", "-02-28", literal=True)
    before = pl.col("invoice_date").str.to_date().dt.offset_by("-3mo").cast(pl.String)
    due = pl.when(which == "due_date_2206").then(far).when(which == "due_date_before_invoice").then(before)
    spoiled = text.with_columns(due.otherwise(pl.col("due_date")).alias("due_date"))
    flagged = spoiled.filter(which != "").select(
        "entity_id",
        "invoice_id",
        which.filter(which != ""),
        pl.lit("due_date").alias("column"),
        pl.col("due_date").alias("value"),
        pl.lit("flagged").alias("expected"),
    )
    return spoiled, flagged
