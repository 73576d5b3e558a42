"""Books and expectations as ASCII tables, the way a controller would draw them.

Belongs here: reading a table, filling what it does not say, comparing rows with one. Does not: accounting.
A day without a year (`01-31`) is of 2026. An empty cell is nothing; a column that is left out is its default.
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from tests.oracle.settlement import Book

LATER = datetime(2030, 1, 1)  # when everything in a table that says no other time is known
DEFAULTS = {
    "customers": {},
    "invoices": {"customer_id": "acme", "currency": "USD"},
    "payments": {"customer_id": "acme", "currency": "USD"},
    "credit_memos": {"customer_id": "acme", "currency": "USD"},
    "applications": {},
    "instalments": {},
    "payment_reversals": {},
    "refunds": {},
    "write_offs": {},
    "recoveries": {},
    "promises": {"customer_id": "acme"},
    "disputes": {},
    "fiscal_periods": {},
    "gl_balances": {"currency": "USD", "account_kind": None, "currency_kind": None},
    "gl_entries": {"currency": "USD", "class": None, "functional_amount": None},
}


def day(text: str) -> date:
    """`01-31` or `2025-12-31`."""
    return date.fromisoformat(f"2026-{text}" if len(text) == 5 else text)


def _typed(column: str, text: str) -> object:
    if column == "flags":
        return set(text.split())
    if text == "":
        return "" if column in ("flag", "segment", "instalment") else None
    if column in ("known_from", "known_to"):
        return datetime.combine(day(text), datetime.min.time())
    if column in ("valid_from", "period_end", "month_end") or column.endswith(("_date", "_on")):
        return day(text)
    if column in ("receivables", "sales", "balance") or column.endswith("amount"):
        return Decimal(text.replace(",", ""))
    if column == "days":
        return Fraction(text)
    if column in ("terms_days", "days_past_due", "item_count"):
        return int(text)
    return text == "yes" if column == "related_party" else text


def read(text: str) -> list[dict]:
    """The rows of a table whose first line is its header; a line of dashes is drawing."""
    lines = [line.strip() for line in text.strip().splitlines()]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line.strip("-+")]
    header, *rows = cells
    return [{c: _typed(c, value) for c, value in zip(header, row, strict=True)} for row in rows]


def book(**feeds: str) -> Book:
    """A book of the tables given, known from long ago for ever unless a table says otherwise."""
    known = {"known_from": datetime(2020, 1, 1), "known_to": datetime(9999, 12, 31)}
    filled: Book = {}
    for feed, text in feeds.items():
        filled[feed] = [
            known | DEFAULTS[feed] | {c: value for c, value in row.items() if value is not None} for row in read(text)
        ]
    return filled


def expect(rows: list[dict], text: str) -> None:
    """The rows are exactly those of the table, in its columns, in any order."""
    wanted = read(text)
    columns = [cell.strip() for cell in text.strip().splitlines()[0].split("|")]
    left = [{column: row[column] for column in columns} for row in rows]
    missing = []
    for row in wanted:
        if row in left:
            left.remove(row)
        else:
            missing.append(row)
    assert not missing and not left, f"missing: {missing}\nnot expected: {left}"


def rows_of(totals: dict[tuple, tuple[int, Decimal]], *keys: str) -> list[dict]:
    """Totals by key as rows: the key's columns, item_count and amount."""
    return [
        dict(zip(keys, key, strict=True)) | {"item_count": count, "amount": amount}
        for key, (count, amount) in totals.items()
    ]
