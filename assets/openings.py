"""What the allowance of a day opens with, and what its own approved close says of it.

It opens with the last approved close, item by item, or with what the feed of openings tells. Which closes are approved
belongs to `approvals`; what becomes of an opening to `models/allowance`.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from assets.approvals import Approval
from assets.resources.warehouse import Warehouse
from models.contract import contract

TOLD = """
    select
        period_end, 'told' as basis, entity_id, currency, coalesce(pool, '') as line_pool, coalesce(pool, '') as pool,
        '' as aging_bucket, '' as document_type, '' as document_id, '' as instalment,
        cast(0 as decimal(38, 4)) as exposure, cast(amount as decimal(38, 4)) as allowance
    from staging.allowance_openings
    where known_from <= $known_at and known_to > $known_at and period_end < $as_of and period_end > $after
        and period_end = (
            select max(period_end) from staging.allowance_openings
            where known_from <= $known_at and known_to > $known_at and period_end < $as_of
        )
"""
KEY = ("entity_id", "currency", "pool", "aging_bucket")
KEPT = (
    "entity_id",
    "currency",
    "line_pool",
    "pool",
    "aging_bucket",
    "document_type",
    "document_id",
    "instalment",
    "exposure",
    "rate",
    "unadjusted_rate",
    "allowance",
    "allowance_functional",
    "allowance_base",
)


def opening(warehouse: Warehouse, as_of: date, approved: Approval | None, known_at: datetime) -> pl.DataFrame:
    """A day's `allowance.openings`: the later of the approved close and the feed, the close on a tie."""
    after = approved.as_of if approved else date(1900, 1, 1)
    told = warehouse.frame(TOLD, {"as_of": as_of, "known_at": known_at, "after": after})
    if told.height:
        return at_closing_rates(warehouse, told, as_of)
    return of_close(approved) if approved else pl.DataFrame()


def of_close(approved: Approval) -> pl.DataFrame:
    """The items of an approved close, with the rate that each had before adjustments."""
    lines = pl.read_parquet(approved.table("allowance_schedule")).select(
        *KEY, unadjusted_rate=pl.col("historical_rate") + pl.col("floor_or_credibility")
    )
    items = pl.read_parquet(approved.table("allowance_items")).filter(
        (pl.col("treatment") != "ineligible") & pl.col("allowance").is_not_null()
    )
    specific = pl.when(pl.col("treatment") == "specific").then(pl.lit("specific")).otherwise(pl.col("pool"))
    return (
        items.with_columns(line_pool=specific)
        .join(lines, on=KEY, how="left")
        .select(*KEPT, period_end=pl.lit(approved.as_of), basis=pl.lit("approved"))
    )


def closings(opened: pl.DataFrame, approved: Approval | None) -> pl.DataFrame:
    """A day's `allowance.closings`: what the close that it opens from closed at, as the frozen roll-forward says."""
    if approved is None or (opened.height and opened["basis"][0] == "told"):
        return pl.DataFrame()
    lines = pl.read_parquet(approved.table("allowance_rollforward")).filter(pl.col("line") == "closing")
    return lines.select(
        "entity_id", "currency", period_end=pl.lit(approved.as_of), line_pool=pl.col("pool"), allowance=pl.col("amount")
    )


def closed_items(approved: Approval | None) -> pl.DataFrame:
    """A day's `allowance.closed_items`: what its own approved close says of each item."""
    if approved is None:
        return pl.DataFrame()
    columns = list(contract("allowance.closed_items").columns)
    return pl.read_parquet(approved.table("allowance_items")).select(columns)


def at_closing_rates(warehouse: Warehouse, told: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What the feed tells, in functional and base currency at the day's rates, since it tells neither."""
    text = """
        select
            told.*,
            cast(round(cast(told.allowance as decimal(20, 4)) * own.rate, 2) as decimal(38, 4)) as allowance_functional,
            cast(round(cast(told.allowance as decimal(20, 4)) * base.rate, 2) as decimal(38, 4)) as allowance_base
        from told
        left join ledger.entities as entities on told.entity_id = entities.entity_id and entities.as_of = $as_of
        left join ledger.closing_rates as own
            on told.currency = own.from_currency and entities.functional_currency = own.to_currency
            and own.as_of = $as_of and own.period_end = $as_of
        left join ledger.closing_rates as base
            on told.currency = base.from_currency and entities.base_currency = base.to_currency
            and base.as_of = $as_of and base.period_end = $as_of
        order by told.entity_id, told.currency, told.line_pool
    """
    with warehouse.reading(told=told):
        return warehouse.frame(text, {"as_of": as_of})
