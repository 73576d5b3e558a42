"""What several tests of the synthetic book measure it with.

Belongs here: settings of the books under test and sums over their rows. Does not belong here: expectations.
"""

from datetime import date
from functools import cache

import polars as pl

from models.raw.declaration import Entry
from models.raw.synthetic import Book, BookSettings, generate
from models.staging.conform import Setting, conform

AS_OF = date(2026, 10, 31)
KEYS = {
    "entities": ["entity_id"],
    "customers": ["customer_id", "valid_from"],
    "invoices": ["entity_id", "invoice_id"],
    "payments": ["entity_id", "payment_id"],
    "credit_memos": ["entity_id", "credit_memo_id"],
    "applications": ["entity_id", "application_id"],
    "disputes": ["entity_id", "dispute_id"],
    "promises": ["entity_id", "promise_id"],
    "fx_rates": ["rate_date", "from_currency", "to_currency"],
    "write_offs": ["entity_id", "write_off_id"],
    "recoveries": ["entity_id", "recovery_id"],
    "refunds": ["entity_id", "refund_id"],
    "payment_reversals": ["entity_id", "reversal_id"],
    "billing_schedule": ["entity_id", "schedule_id"],
    "specific_events": ["entity_id", "event_id", "scenario"],
    "targets": ["entity_id", "metric", "period_end"],
    "gl_balances": ["entity_id", "period_end", "account", "currency"],
}


@cache
def book_of(invoices: int = 20_000, seed: int = 7, **settings) -> Book:
    """The book of these settings, made once for all tests."""
    return generate(BookSettings(invoices=invoices, seed=seed, **settings))


def taken(applications: pl.DataFrame) -> pl.DataFrame:
    """What each application takes off its invoice, cash, discount and tax withheld together."""
    parts = [pl.col(name).fill_null(0) for name in ("discount_amount", "withheld_amount")]
    return applications.with_columns(
        taken=pl.col("amount") + parts[0] + parts[1], is_cash=~pl.col("source_id").str.starts_with("CM-")
    )


def settled(book: Book) -> pl.DataFrame:
    """Posted invoices with what live applications took, how many payments, and what was credited."""
    live = taken(book.feeds["applications"].filter(pl.col("unapplied_on").is_null()))
    found = live.group_by("invoice_id").agg(
        pl.col("taken").sum(),
        payments=pl.col("source_id").filter(pl.col("is_cash")).n_unique(),
        credited=pl.col("taken").filter(~pl.col("is_cash")).sum(),
    )
    posted = book.feeds["invoices"].filter(pl.col("status") == "posted")
    return posted.join(found, on="invoice_id", how="left").with_columns(
        pl.col("taken", "payments", "credited").fill_null(0)
    )


def refused(feed: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a feed that staging's own rules refuse."""
    text = frame.cast(pl.String).select(
        pl.lit(1, dtype=pl.Int32).alias("_file"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("_line"),
        pl.all(),
    )
    possible = Setting("main", date(1900, 1, 1), date(2100, 12, 31))
    lines = conform(text, Entry(pattern=feed, feed=feed), possible, []).rejected["line"]
    return frame[lines.to_list()]
