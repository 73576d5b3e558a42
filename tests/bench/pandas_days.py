"""Days sales outstanding in pandas, on every definition, at every month-end.

Belongs here: sales by day, and DSO from them and from the receivables of each month-end. Does not belong here: what is
receivable (`pandas_version`).
"""

from __future__ import annotations

import pandas as pd

from tests.bench.pandas_book import Book

BOOK = ["entity_id", "currency"]
WINDOWS = (30, 90, 365)


def daily_sales(book: Book, day: pd.Timestamp) -> pd.DataFrame:
    """What was billed less what was credited, by day (rows), entity and currency (columns), without related parties."""
    documents = book.documents
    billed = documents[(documents["document_type"] != "payment") & ~documents["related_party"]]
    billed = billed[~(billed["voided_on"] <= billed["posting_date"])]
    voided = billed[billed["voided_on"].notna()]
    events = pd.concat(
        [
            billed[BOOK].assign(date=billed["posting_date"], amount=billed["amount"] * billed["sign"]),
            voided[BOOK].assign(date=voided["voided_on"], amount=-voided["amount"] * voided["sign"]),
        ]
    )
    events = events[events["date"] <= day]
    wide = events.pivot_table(index="date", columns=BOOK, values="amount", aggfunc="sum", fill_value=0)
    return wide.reindex(pd.date_range(wide.index.min(), day), fill_value=0)


def days_sales(book: Book, monthly: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """DSO at every month-end of `monthly`, the ageing of each; a column `days`, empty where there were no sales."""
    own = monthly[~monthly["related_party"]]
    receivables = _wide(own)
    current = _wide(own[own["aging_bucket"] == "current"])
    sales = daily_sales(book, day)
    found = []
    for n in WINDOWS:
        sold = sales.rolling(n, min_periods=1).sum()
        for name, amount in (
            ("simple", receivables),
            ("best_possible", current),
            ("average_days_delinquent", receivables.sub(current, fill_value=0)),
        ):
            found.append(_long(_over(amount, sold, n), f"{name}_{n}"))
    firsts = book.documents.groupby(BOOK)["posting_date"].min()
    found.append(_long(_countback(receivables, sales, firsts), "countback"))
    return pd.concat(found, ignore_index=True)


def _wide(items: pd.DataFrame) -> pd.DataFrame:
    return items.pivot_table(index="month_end", columns=BOOK, values="open_amount", aggfunc="sum", fill_value=0)


def _over(amount: pd.DataFrame, sold: pd.DataFrame, n: int) -> pd.DataFrame:
    sold = sold.reindex(amount.index)
    amount = amount.reindex(columns=sold.columns, fill_value=0)
    return (amount * n / sold).where(sold > 0)


def _countback(receivables: pd.DataFrame, sales: pd.DataFrame, firsts: pd.Series) -> pd.DataFrame:
    months = sales.groupby(sales.index.to_period("M")).sum().reindex(columns=receivables.columns, fill_value=0)
    counted = {
        book: {
            end: _count_back(receivables.loc[end, book], months[book], firsts[book], end) for end in receivables.index
        }
        for book in receivables.columns
    }
    days = pd.DataFrame(counted)
    return days.rename_axis(columns=BOOK, index="month_end")


def _count_back(left: float, months: pd.Series, first: pd.Timestamp, end: pd.Timestamp) -> float:
    """Whole months from the newest back while they do not cover what is left, then part of the last."""
    if end < first:
        return float("nan")
    if left <= 0:
        return 0.0
    days = 0.0
    for month in pd.period_range(first, end, freq="M")[::-1]:
        if months[month] >= left:
            return days + month.days_in_month * left / months[month]
        left -= months[month]
        days += month.days_in_month
    return days


def _long(wide: pd.DataFrame, definition: str) -> pd.DataFrame:
    return wide.stack(BOOK, future_stack=True).rename("days").reset_index().assign(definition=definition)
