"""Real ledgers as spells of open items, straight from their files, and the counts of them.

Belongs here: reading and counting for measurement. Does not: forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from assets.resources.warehouse import Warehouse
from models.contract import sql
from models.forecasts.calendar import business_days, count_weeks
from models.forecasts.hazard import COUNT_ORDER
from models.forecasts.lateness import lateness_bins
from models.forecasts.standing import known_at

DATA = Path("/work/shared/data")
COUNTED = ("spell_days", "lateness_spans", "hazard_counts", "calendar_counts", "delay_counts", "recent_spans")


@dataclass(frozen=True)
class Book:
    """One ledger: spells, its calendar, its last day, and the first and last origin to measure."""

    name: str
    spells: pl.DataFrame
    days: pl.DataFrame
    end: date
    first_origin: date
    last_origin: date


def b2b_brl() -> Book:
    """One Brazilian seller's invoices to 2020-09-30. Rows without an amount are left out; nothing says when they were entered but issue."""
    raw = pl.read_csv(
        DATA / "b2b_brl" / "invoices_asof_2020-09-30.csv",
        separator=";",
        try_parse_dates=True,
        schema_overrides={"ID_CLIENTE": pl.Utf8},
    )
    rows = raw.filter(pl.col("VALOR_A_PAGAR").is_not_null()).select(
        payer="ID_CLIENTE",
        entry_date="DATA_EMISSAO_DOCUMENTO",
        due_date="DATA_VENCIMENTO",
        settled_date="DATA_PAGAMENTO",
        amount="VALOR_A_PAGAR",
    )
    return _book("b2b_brl", rows, "BR", date(2020, 9, 30), date(2019, 3, 3), date(2020, 9, 27))


def sap_extract() -> Book:
    """One distributor's cleared and open items to 2020-02-23.

    Cleared items have no posting date: it is taken to be the customer's usual terms before the due date (the commonest in
    the open file, else 15 days, as 8 of 10 open items have), or the clearing date where that is earlier.
    """
    opened = pl.read_csv(DATA / "sap_extract" / "open_items.csv").with_columns(
        pl.col("posting_date", "due_in_date").str.to_date("%d-%m-%Y")
    )
    terms = opened.group_by("cust_number").agg(
        terms=(pl.col("due_in_date") - pl.col("posting_date")).dt.total_days().mode().min()
    )
    cleared = pl.read_csv(DATA / "sap_extract" / "cleared_items.csv", try_parse_dates=True).join(
        terms, on="cust_number", how="left"
    )
    entry = pl.col("due_date") - pl.duration(days=pl.col("terms").fill_null(15))
    rows = cleared.select(
        payer="cust_number",
        entry_date=pl.min_horizontal(entry, "clear_date"),
        due_date="due_date",
        settled_date="clear_date",
        amount="amount",
    )
    rest = opened.select(
        payer="cust_number",
        entry_date="posting_date",
        due_date="due_in_date",
        settled_date=pl.lit(None, pl.Date),
        amount="converted_usd",
    )
    return _book("sap_extract", pl.concat([rows, rest]), "US", date(2020, 2, 23), date(2019, 6, 30), date(2020, 2, 16))


def _book(name: str, rows: pl.DataFrame, country: str, end: date, first: date, last: date) -> Book:
    days = business_days(country, date(2016, 1, 1), date(2028, 12, 31))
    spells = (
        rows.sort("entry_date", "due_date", "payer", "amount", "settled_date", nulls_last=True)
        .with_row_index("spell_key")
        .with_columns(
            spell_key=pl.col("spell_key").cast(pl.Int64),
            payer_key=pl.col("payer").rank("dense").cast(pl.Int64),
            entity_id=pl.lit(name),
            amount=pl.col("amount").cast(pl.Decimal(18, 4)),
            exit_kind=pl.lit("cash"),
            calendar_number=pl.lit(0),
        )
    )
    return Book(name, spells.drop("payer"), days, end, first, last)


def counts(book_spells: pl.DataFrame, days: pl.DataFrame, as_of: date) -> dict[str, pl.DataFrame]:
    """The counted features of spells as of a day, by the project's own SQL."""
    known = known_at(book_spells, as_of).rename({"amount": "amount_base"})
    first = book_spells["entry_date"].min()
    weeks = pl.concat(count_weeks(own, as_of, first) for own in days.partition_by("calendar_number"))
    tables = {
        "receivable_spells": known,
        "business_days": days.rename({"date": "day"}),
        "lateness_bins": lateness_bins(),
        "count_weeks": weeks.rename({"first_date": "week_start", "last_date": "week_end"}),
    }
    with Warehouse(None, memory_limit="2GB") as warehouse:
        for name, frame in tables.items():
            with warehouse.reading(given=frame.with_columns(as_of=pl.lit(as_of))):
                warehouse.execute(f"create table features.{name} as select * from given")
        for name in COUNTED:
            text = sql(f"features.{name}")
            made = f"create table features.{name} as select $as_of as as_of, made.* from ({text}) as made"
            warehouse.execute(made, {"as_of": as_of})
        names = [name for name in COUNTED if name not in ("spell_days", "lateness_spans")]
        found = {name: warehouse.frame(f"select * exclude (as_of) from features.{name}") for name in names}
        amounts = pl.col("at_risk_amount", "exit_amount", "cash_exit_amount").cast(pl.Float64)
        return found | {"hazard_counts": found["hazard_counts"].sort(COUNT_ORDER).with_columns(amounts)}
