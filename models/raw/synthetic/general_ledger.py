"""The general ledger of a synthetic book: what its receivables account says at each month-end.

Belongs here: the balance of one control account, added up from the feeds by rules of its own, so that the subledger has
something to tie to. Does not belong here: what the product makes of the same rows (`models/ledger`).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from models.raw.synthetic.columns import MONEY
from models.raw.synthetic.currencies import WITHOUT_CENTS

ACCOUNT = "1200"
KEY = ["entity_id", "currency"]
DOCUMENT = [*KEY, "feed", "id", "total", "booked"]
"""What is told of a document beside what moves it: whose it is, its amount, and what it was booked at in the entity's
own currency (null where that is its own)."""

DOCUMENTS = (
    ("invoices", "invoice_id", "invoice_date"),
    ("credit_memos", "credit_memo_id", "credit_date"),
    ("payments", "payment_id", "payment_date"),
)
"""Feed, id and date of what is posted to the account; what is `void` there stays, with its end."""


def entries(feeds: dict[str, pl.DataFrame], over_payments: pl.DataFrame, entities: pl.DataFrame) -> pl.DataFrame:
    """What the feeds of a slice, before bad rows, put into the account: entity_id, currency, day, amount (debit: +),
    amount_functional.

    Documents in the currency of each; an application moves nothing within a currency but its deductions, and takes from
    one currency what it gives to another. What an invoice had no room for (`over_payments`) stays with its source.

    In the own currency of `entities` a document keeps the share of what it was booked at that is left of it; what
    that leaves between an invoice and its payment is a gain or a loss, in another account.
    """
    invoices, credits_, payments = (_documents(feeds, *of) for of in DOCUMENTS)
    sources = pl.concat([credits_, payments])
    found = [
        _posted(invoices, 1),
        _posted(sources, -1),
        *_settled(_standing(feeds, over_payments), invoices, sources),
        *_given_up(feeds, invoices, sources),
        _taken_back(feeds["payment_reversals"], payments),
        _dated(
            feeds["refunds"]
            .drop("entity_id")
            .join(payments, left_on="source_id", right_on="id")
            .with_columns(id="source_id"),
            "refunded_on",
            pl.col("amount"),
        ),
    ]
    return _added(_valued(pl.concat(found), entities))


def orphans(payments: pl.DataFrame, bad_rows: pl.DataFrame) -> pl.DataFrame:
    """Entries of receipts that are in the book though nobody knows their customer."""
    listed = bad_rows.filter(feed="payments", expected="orphan")
    rows = payments.join(listed.select(payment_id="id"), on="payment_id", how="semi").filter(status="posted")
    day = pl.coalesce("posting_date", "payment_date").str.to_date()
    amount = -pl.col("amount").cast(MONEY)
    functional = -pl.coalesce(pl.col("functional_amount").cast(MONEY), pl.col("amount").cast(MONEY))
    return _added(rows.select(*KEY, day=day, amount=amount, amount_functional=functional))


def balances(found: Sequence[pl.DataFrame], entities: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """The `gl_balances` feed: the account at each month-end from `first` to `last`.

    Of `entities` (entity_id, functional_currency) every second keeps it in its own currency, all documents together;
    the others keep it in each currency of their documents. An account of one currency has one balance.
    """
    ends = pl.date_range(first, last, "1d", eager=True).alias("period_end")
    ends = ends.filter(ends == ends.dt.month_end()).to_frame()
    moved = _added(pl.concat(found)).join(ends, how="cross").filter(pl.col("day") <= pl.col("period_end"))
    own = moved.drop("currency").join(entities.gather_every(2, 1), on="entity_id")
    summed = pl.concat(
        [
            moved.join(own, on="entity_id", how="anti").select(
                "entity_id", "period_end", "currency", currency_kind=pl.lit("document"), balance="amount"
            ),
            own.select(
                "entity_id",
                "period_end",
                currency="functional_currency",
                currency_kind=pl.lit("functional"),
                balance="amount_functional",
            ),
        ]
    )
    by = ["entity_id", "period_end", "currency", "currency_kind"]
    return (
        summed.group_by(by)
        .agg(pl.col("balance").sum())
        .sort(by)
        .select(
            "entity_id",
            "period_end",
            account=pl.lit(ACCOUNT),
            account_kind=pl.lit("receivable"),
            currency="currency",
            currency_kind="currency_kind",
            balance="balance",
        )
    )


def _documents(feeds: dict[str, pl.DataFrame], feed: str, name: str, dated: str) -> pl.DataFrame:
    """What is posted or was, with the day on which it counts and the day on which it no longer does."""
    rows = feeds[feed].filter(pl.col("status").is_in(["posted", "void"]))
    day = pl.coalesce("posting_date", dated) if "posting_date" in rows.columns else pl.col(dated)
    voided_on = pl.col("voided_on") if "voided_on" in rows.columns else pl.lit(None, dtype=pl.Date)
    # one that is void without a date never was
    void = pl.when(status="void").then(pl.coalesce(voided_on, day)).otherwise(voided_on)
    return rows.select(
        *KEY, feed=pl.lit(feed), id=name, total="amount", booked="functional_amount", day=day, voided_on=void
    )


def _posted(documents: pl.DataFrame, sign: int) -> pl.DataFrame:
    voided = documents.filter(pl.col("voided_on").is_not_null())
    return pl.concat(
        [_dated(documents, "day", sign * pl.col("total")), _dated(voided, "voided_on", -sign * pl.col("total"))]
    )


def _standing(feeds: dict[str, pl.DataFrame], over_payments: pl.DataFrame) -> pl.DataFrame:
    """The applications as far as they count: without what there was no room for, and until their payment bounces."""
    bounced = feeds["payment_reversals"].select(source_id="payment_id", bounced_on="reversed_on")
    rows = feeds["applications"].join(
        over_payments.select("application_id", "excess_amount"), on="application_id", how="left"
    )
    return rows.join(bounced, on="source_id", how="left").with_columns(
        amount=pl.col("amount") - pl.col("excess_amount").fill_null(0),
        unapplied_on=pl.min_horizontal("unapplied_on", "bounced_on"),
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
        _dated(sides.with_columns(id="invoice_id"), "day", -pl.col("ends") * taken),
        _dated(
            sides.with_columns(
                id="source_id", **{name: f"{name}_source" for name in DOCUMENT if name not in ("entity_id", "id")}
            ),
            "day",
            pl.col("ends") * drawn,
        ),
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
    rows = reversals.drop("entity_id").join(payments, left_on="payment_id", right_on="id").with_columns(id="payment_id")
    return _dated(rows, "reversed_on", pl.col("total"))


def _dated(rows: pl.DataFrame, day: str, amount: pl.Expr) -> pl.DataFrame:
    return rows.select(*DOCUMENT, day=day, amount=amount.cast(MONEY))


def _valued(moves: pl.DataFrame, entities: pl.DataFrame) -> pl.DataFrame:
    """Moves by day, with what they are in the entity's own currency, a share of what each was booked at."""
    daily = moves.group_by(*DOCUMENT, "day").agg(pl.col("amount").sum()).sort(*KEY, "feed", "id", "day")
    scales = pl.when(pl.col("functional_currency").is_in(WITHOUT_CENTS)).then(1).otherwise(100)
    daily = daily.join(entities.select("entity_id", scale=scales), on="entity_id", maintain_order="left")
    one = [*KEY, "feed", "id"]
    left = pl.col("amount").cast(pl.Float64).cum_sum().over(one)
    share = (pl.col("booked").cast(pl.Float64) * left / pl.col("total").cast(pl.Float64) * pl.col("scale")).round(4)
    units = (share.sign() * (share.abs() + 0.5).floor()).cast(pl.Int64)
    moved = (units - units.shift(1).over(one).fill_null(0)) * 100 // pl.col("scale")
    return daily.with_columns(amount_functional=pl.coalesce(moved.cast(MONEY) * pl.lit(Decimal("0.01")), "amount"))


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(*KEY, "day").agg(pl.col("amount", "amount_functional").sum().cast(MONEY))
