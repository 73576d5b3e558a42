"""The general ledger of a synthetic book: what its receivables account says at each month-end.

Belongs here: the balance of one control account, added up from the feeds by rules of its own, so that the subledger has
something to tie to. Does not belong here: what the product makes of the same rows (`models/ledger`).
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from models.raw.synthetic.columns import MONEY

ACCOUNT = "1200"
KEY = ["entity_id", "currency"]
DOCUMENTS = (
    ("invoices", "invoice_id", "invoice_date"),
    ("credit_memos", "credit_memo_id", "credit_date"),
    ("payments", "payment_id", "payment_date"),
)
"""Feed, id and date of what is posted to the account; what is `void` there stays, with its end."""


def entries(feeds: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What the feeds of a slice, before bad rows, put into the account: entity_id, currency, day, amount (debit: +).

    Documents in the currency of each; an application moves nothing within a currency but its deductions, and takes from
    one currency what it gives to another.
    """
    invoices, credits_, payments = (_documents(feeds, *of) for of in DOCUMENTS)
    sources = pl.concat([credits_, payments])
    found = [
        _posted(invoices, 1),
        _posted(sources, -1),
        *_settled(feeds["applications"], invoices, sources),
        *_given_up(feeds, invoices, sources),
        _taken_back(feeds["payment_reversals"], payments),
        _dated(feeds["refunds"].join(payments, left_on="source_id", right_on="id"), "refunded_on", pl.col("amount")),
    ]
    return _added(pl.concat(found))


def orphans(payments: pl.DataFrame, bad_rows: pl.DataFrame) -> pl.DataFrame:
    """Entries of receipts that are in the book though nobody knows their customer."""
    listed = bad_rows.filter(feed="payments", expected="orphan")
    rows = payments.join(listed.select(payment_id="id"), on="payment_id", how="semi").filter(status="posted")
    day = pl.coalesce("posting_date", "payment_date").str.to_date()
    return _added(rows.select(*KEY, day=day, amount=-pl.col("amount").cast(MONEY)))


def balances(found: Sequence[pl.DataFrame], first: date, last: date) -> pl.DataFrame:
    """The `gl_balances` feed: the account by entity and currency at each month-end from `first` to `last`."""
    ends = pl.date_range(first, last, "1d", eager=True).alias("period_end")
    ends = ends.filter(ends == ends.dt.month_end()).to_frame()
    moved = _added(pl.concat(found)).join(ends, how="cross").filter(pl.col("day") <= pl.col("period_end"))
    summed = moved.group_by("entity_id", "period_end", "currency").agg(balance=pl.col("amount").sum())
    return summed.sort("entity_id", "period_end", "currency").select(
        "entity_id",
        "period_end",
        account=pl.lit(ACCOUNT),
        account_kind=pl.lit("receivable"),
        currency="currency",
        currency_kind=pl.lit("document"),
        balance="balance",
    )


def _documents(feeds: dict[str, pl.DataFrame], feed: str, name: str, dated: str) -> pl.DataFrame:
    """What is posted or was, with the day on which it counts and the day on which it no longer does."""
    rows = feeds[feed].filter(pl.col("status").is_in(["posted", "void"]))
    day = pl.coalesce("posting_date", dated) if "posting_date" in rows.columns else pl.col(dated)
    voided_on = pl.col("voided_on") if "voided_on" in rows.columns else pl.lit(None, dtype=pl.Date)
    # one that is void without a date never was
    void = pl.when(status="void").then(pl.coalesce(voided_on, day)).otherwise(voided_on)
    return rows.select("entity_id", "currency", id=name, total="amount", day=day, voided_on=void)


def _posted(documents: pl.DataFrame, sign: int) -> pl.DataFrame:
    voided = documents.filter(pl.col("voided_on").is_not_null())
    return pl.concat(
        [_dated(documents, "day", sign * pl.col("total")), _dated(voided, "voided_on", -sign * pl.col("total"))]
    )


def _settled(applications: pl.DataFrame, invoices: pl.DataFrame, sources: pl.DataFrame) -> list[pl.DataFrame]:
    """What applications take off invoices and give back to their sources, and the same again when they end."""
    rows = applications.join(invoices, left_on="invoice_id", right_on="id").join(
        sources, left_on="source_id", right_on="id", suffix="_source"
    )
    begins = rows.with_columns(day=pl.max_horizontal("applied_on", "day", "day_source"), ends=pl.lit(1))
    undone = begins.filter(pl.col("unapplied_on").is_not_null())
    undone = undone.with_columns(day="unapplied_on", ends=pl.lit(-1))
    sides = pl.concat([begins, undone])
    taken = pl.col("amount") + pl.col("discount_amount").fill_null(0) + pl.col("withheld_amount").fill_null(0)
    drawn = pl.coalesce("source_amount", "amount")
    return [
        _dated(sides, "day", -pl.col("ends") * taken),
        _dated(sides.with_columns(currency="currency_source"), "day", pl.col("ends") * drawn),
    ]


def _given_up(feeds: dict[str, pl.DataFrame], invoices: pl.DataFrame, sources: pl.DataFrame) -> list[pl.DataFrame]:
    """Write-offs of invoices and of receipts, their reversal, and what is recovered of them."""
    documents = pl.concat([invoices.with_columns(sign=pl.lit(-1)), sources.with_columns(sign=pl.lit(1))])
    rows = feeds["write_offs"].with_columns(id=pl.coalesce("invoice_id", "source_id")).drop("entity_id")
    rows = rows.join(documents, on="id")
    reversed_ = rows.filter(pl.col("reversed_on").is_not_null())
    recovered = feeds["recoveries"].drop("entity_id").join(rows.drop("amount"), on="write_off_id")
    return [
        _dated(rows, "written_off_on", pl.col("sign") * pl.col("amount")),
        _dated(reversed_, "reversed_on", -pl.col("sign") * pl.col("amount")),
        _dated(recovered, "recovered_on", -pl.col("sign") * pl.col("amount")),
    ]


def _taken_back(reversals: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    """Payments that bounced, whole."""
    return _dated(reversals.join(payments, left_on="payment_id", right_on="id"), "reversed_on", pl.col("total"))


def _dated(rows: pl.DataFrame, day: str, amount: pl.Expr) -> pl.DataFrame:
    return rows.select(*KEY, day=day, amount=amount.cast(MONEY))


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(*KEY, "day").agg(pl.col("amount").sum().cast(MONEY))
