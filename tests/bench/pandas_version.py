"""The same marts as an analyst would write them in pandas, from the same files: the yardstick for speed.

Belongs here: open items on a day, the three views of their ageing, the ageing of every month-end, and DSO, in
idiomatic pandas with money as int64 cents. Does not belong here: what the product promises beyond the figures
(several times of knowledge, rejected rows, checks, evidence): this version knows one state of the book, and
trusts its files. Reading them belongs to `pandas_book`, DSO to `pandas_days`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.bench.pandas_book import Book, half_up
from tests.bench.pandas_days import days_sales

EDGES = [-np.inf, 0, 30, 60, 90, 120, np.inf]
BUCKETS = ["current", "1-30", "31-60", "61-90", "91-120", "over-120"]
PAYER = ["entity_id", "payer_id", "currency"]
MONEY = ["open_amount", "open_amount_functional", "open_amount_base"]


@dataclass(frozen=True)
class Marts:
    """What the pandas version makes: amounts in cents."""

    open_items: pd.DataFrame
    aging: pd.DataFrame
    aging_monthly: pd.DataFrame
    dso: pd.DataFrame


def make_marts(book: Book, as_of: date) -> Marts:
    """Everything as of a day, and the ageing of every month-end up to it."""
    day = pd.Timestamp(as_of)
    items = open_items(book, day)
    ends = pd.date_range(book.documents["posting_date"].min(), day, freq="ME")
    monthly = pd.concat([_month(book, end) for end in ends], ignore_index=True)
    return Marts(items, aging_views(items), monthly, days_sales(book, monthly, day))


def said(marts: Marts) -> dict[str, Any]:
    """The figures on which both versions must agree: items and cents, and days."""
    days = marts.dso.dropna(subset="days")
    keys = zip(days["month_end"].dt.date, days["entity_id"], days["currency"], days["definition"], strict=True)
    return {
        "open": [len(marts.open_items), int(marts.open_items["open_amount"].sum())],
        "aging": _cents(marts.aging, ["view", "currency", "aging_bucket"]),
        "aging_monthly": _cents(
            marts.aging_monthly.assign(month_end=marts.aging_monthly["month_end"].dt.date),
            ["month_end", "currency", "aging_bucket"],
        ),
        "dso": dict(zip((" ".join(str(cell) for cell in key) for key in keys), days["days"], strict=True)),
    }


def _cents(frame: pd.DataFrame, keys: list[str]) -> dict[str, list[int]]:
    sums = frame.groupby(keys)[["item_count", "open_amount"]].sum()
    return {" ".join(str(cell) for cell in key): [int(cell) for cell in row] for key, *row in sums.itertuples()}


def _month(book: Book, end: pd.Timestamp) -> pd.DataFrame:
    items = open_items(book, end)
    keys = ["entity_id", "segment", "related_party", "currency", "aging_bucket"]
    return summed(items, keys).assign(month_end=end)


def summed(items: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Items counted and added up by some columns; a missing amount stays missing."""
    grouped = items.groupby(keys, observed=True, sort=False)
    return grouped[MONEY].sum(min_count=1).assign(item_count=grouped.size()).reset_index()


def open_items(book: Book, day: pd.Timestamp) -> pd.DataFrame:
    """Documents that are not settled at the end of a day, with their age and value."""
    documents = book.documents
    exists = (documents["posting_date"] <= day) & ~(documents["voided_on"] <= day)
    taken, drawn = _settled(book, day)
    balance = documents["amount"].where(exists, 0) * documents["sign"]
    balance = balance.sub(taken, fill_value=0).add(drawn, fill_value=0).astype("int64")
    items = documents[balance != 0].assign(open_amount=balance[balance != 0])
    late = (day - items["aged_from"]).dt.days
    items["days_past_due"] = late
    items["aging_bucket"] = pd.cut(late, EDGES, labels=BUCKETS).astype(str)
    return _valued(items, book, day)


def _settled(book: Book, day: pd.Timestamp) -> tuple[pd.Series, pd.Series]:
    """What live applications take off each invoice and draw from each source, neither beyond what is there."""
    live = book.applications
    live = live[(live["effective_from"] <= day) & (live["effective_to"] > day)]
    before = live.groupby("source")["drawn"].cumsum() - live["drawn"]
    drawn = np.minimum(live["drawn"], (live["source_total"] - before).clip(lower=0))
    cash = live["cash"].where(
        drawn == live["drawn"],
        drawn.where(live["cash"] == live["drawn"], half_up(live["cash"] * drawn / live["drawn"], live["currency"])),
    )
    asked = cash + live["discount"] + live["withheld"]
    before = asked.groupby(live["invoice"]).cumsum() - asked
    taken = np.minimum(asked, (live["invoice_total"] - before).clip(lower=0))
    cut = np.minimum(asked - taken, cash)
    ratio = (cash - cut) / cash.replace(0, 1)
    kept = (drawn - cut).where(cash == drawn, half_up(drawn * ratio, live["source_currency"]))
    drawn = drawn.where(cut == 0, kept).where((cut == 0) | (cut != cash), 0)
    return taken.groupby(live["invoice"]).sum(), drawn.groupby(live["source"]).sum()


def _valued(items: pd.DataFrame, book: Book, day: pd.Timestamp) -> pd.DataFrame:
    """Functional amounts at the booking rate, pro rata; base amounts at the newest rate of the last seven days."""
    share = items["open_amount"] / (items["sign"] * items["amount"])
    booked = half_up(items["functional_amount"] * items["sign"] * share, items["functional_currency"])
    items["open_amount_functional"] = items["open_amount"].where(
        items["currency"] == items["functional_currency"], booked
    )
    rates = book.rates
    rates = rates[(rates["rate_date"] <= day) & (rates["rate_date"] >= day - pd.Timedelta(days=7))]
    newest = rates.sort_values("rate_date").groupby("currency")["rate"].last()
    newest[book.base_currency] = 1.0
    rate = items["currency"].map(newest)
    items["open_amount_base"] = half_up(items["open_amount"] * rate, book.base_currency)
    return items


def aging_views(items: pd.DataFrame) -> pd.DataFrame:
    """Open items by customer and bucket: as they stand, with credits apart, and with credits set off by age."""
    keys = ["view", "entity_id", "customer_id", "currency", "aging_bucket"]
    apart = items["aging_bucket"].where(items["open_amount"] > 0, "unapplied")
    set_off = _set_off(items)
    views = [
        items.assign(view="gross"),
        items.assign(view="separate", aging_bucket=apart),
        set_off[set_off["open_amount"] != 0].assign(view="fifo"),
    ]
    return summed(pd.concat(views, ignore_index=True), keys)


def _set_off(items: pd.DataFrame) -> pd.DataFrame:
    """Credits taken off what was due first, within entity, payer and currency; what is left of them is unapplied."""
    owed = items[items["open_amount"] > 0].sort_values(
        ["days_past_due", "document_id", "document_type"], ascending=[False, True, True]
    )
    credits = items[items["open_amount"] < 0].sort_values(["document_date", "document_id", "document_type"])
    total_credit = (-credits.groupby(PAYER)["open_amount"].sum()).rename("counter")
    total_owed = owed.groupby(PAYER)["open_amount"].sum().rename("counter")
    owed = owed.join(total_credit, on=PAYER).fillna({"counter": 0})
    credits = credits.join(total_owed, on=PAYER).fillna({"counter": 0})
    left = owed.groupby(PAYER)["open_amount"].cumsum() - owed["counter"]
    owed = _scaled(owed, np.minimum(owed["open_amount"], left.clip(lower=0)))
    left = -credits.groupby(PAYER)["open_amount"].cumsum() - credits["counter"]
    credits = _scaled(credits, -np.minimum(-credits["open_amount"], left.clip(lower=0)))
    return pd.concat([owed, credits.assign(aging_bucket="unapplied")], ignore_index=True)


def _scaled(items: pd.DataFrame, left: pd.Series) -> pd.DataFrame:
    share = left / items["open_amount"]
    return items.assign(
        open_amount=left.astype("int64"),
        open_amount_functional=half_up(items["open_amount_functional"] * share, items["functional_currency"]),
        open_amount_base=half_up(items["open_amount_base"] * share, items["base_currency"]),
    )
