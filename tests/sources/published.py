"""What a run published, held against figures that were worked out by hand: to the cent, and days to 1e-9.

Belongs here: reading published rows and comparing. Working figures out belongs to `by_hand`.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from tests.sources import by_hand

Frames = dict[str, pl.DataFrame]


def assert_agrees(frames: Frames, book: by_hand.Book, as_of: date) -> dict[by_hand.Document, Decimal]:
    """Every open item, the ageing and the DSO of a day are those worked out by hand; returns the open items."""
    items = by_hand.open_items(book, as_of)
    assert published_items(frames) == {(d.entity, d.kind, d.id): (d.currency, amount) for d, amount in items.items()}
    aged = by_hand.ageing(items, as_of)
    assert published_ageing(frames) == aged
    assert sum(total for _, total in aged.values()) == sum(items.values())
    for entity, currency in book.pairs(as_of):
        own = {d: amount for d, amount in items.items() if (d.entity, d.currency) == (entity, currency)}
        expected = by_hand.dso(book.of(entity, currency), own, as_of)
        assert_days_agree(published_dso(frames, as_of, entity, currency), expected)
    return items


def published_items(frames: Frames) -> dict[tuple, tuple]:
    """(entity, type, document) -> (currency, open amount) of each row of the ageing detail."""
    rows = frames["aging_detail"].iter_rows(named=True)
    return {(r["entity_id"], r["document_type"], r["document_id"]): (r["currency"], r["open_amount"]) for r in rows}


def published_ageing(frames: Frames) -> dict[tuple, tuple]:
    """(entity, currency, bucket) -> (count, total) of the gross view."""
    gross = frames["aging"].filter(pl.col("view") == "gross")
    return _counted(gross, "entity_id", "currency", "aging_bucket")


def published_month(frames: Frames, month_end: date) -> dict[tuple, tuple]:
    """(entity, currency, bucket) -> (count, total) of one month-end of the monthly ageing."""
    return _counted(frames["aging_monthly"].filter(month_end=month_end), "entity_id", "currency", "aging_bucket")


def _counted(frame: pl.DataFrame, *by: str) -> dict[tuple, tuple]:
    summed = frame.group_by(*by).agg(pl.col("item_count").sum(), pl.col("open_amount").sum())
    return {row[:-2]: row[-2:] for row in summed.iter_rows()}


def published_dso(frames: Frames, period_end: date, entity: str, currency: str) -> dict[str, tuple]:
    """Definition -> (days, receivables, sales) at one period end."""
    rows = frames["dso"].filter(period_end=period_end, entity_id=entity, currency=currency)
    return {r["definition"]: (r["days"], r["receivables"], r["sales"]) for r in rows.iter_rows(named=True)}


def assert_days_agree(found: dict[str, tuple], expected: dict[str, tuple]) -> None:
    """Amounts are equal; days too, as far as a DOUBLE can hold them."""
    assert len(expected) == 10
    assert {name: row[1:] for name, row in found.items()} == {name: row[1:] for name, row in expected.items()}
    days = {name: None if row[0] is None else float(row[0]) for name, row in expected.items()}
    assert {name: row[0] for name, row in found.items()} == pytest.approx(days, abs=1e-9)


def sent_rows(frames: Frames, file_name: str, feed: str) -> dict[str, int]:
    """What became of the rows of one file as one feed."""
    files = frames["raw.files"].filter(file_name=file_name, feed=feed)
    totals = frames["staging.batch_totals"].join(files.select("file_number"), on="file_number", how="semi")
    kinds = ("loaded", "rejected", "duplicate", "skipped")
    return {kind: totals[f"{kind}_rows"].sum() for kind in kinds if totals[f"{kind}_rows"].sum()}


def warnings_of(results: list) -> set[str]:
    """The checks that did not pass."""
    return {result.check_name for result in results if not result.passed}
