"""A small book whose names would be run, if anything ran them, and with an amount beyond a spreadsheet's digits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assets.pack.files import WORKBOOK
from assets.resources.warehouse import Warehouse
from pipelines.run import Outcome
from tests.small_books import SmallBook

FORMULA = "=HYPERLINK(1;2)"
MARKUP = "<img src=x onerror=alert(1)>"
CLOSING = "</script><script>alert(2)</script>"
BEYOND = "12345678901234.56"
"""An amount of sixteen digits: one more than a double gives back for sure."""
BOOK = {
    "customers": f"""
| customer_id | name | segment   |
| {FORMULA}   | Ada  | {CLOSING} |
| {MARKUP}    | Ben  | +cmd      |
| 007         | Cleo | @x        |
""",
    "invoices": f"""
| invoice_id | customer_id | invoice_date | due_date   | currency | amount    |
| 0001       | {FORMULA}   | 2026-01-05   | 2026-02-04 | EUR      | 100.10    |
| -2+3       | {FORMULA}   | 2026-01-20   | 2026-02-19 | EUR      | 250.50    |
| {CLOSING}  | {MARKUP}    | 2026-02-10   | 2026-03-12 | EUR      | 80.00     |
| 1E5        | 007         | 2026-02-12   | 2026-03-12 | EUR      | {BEYOND}  |
| 4          | 007         | 2026-02-12   | 2026-03-12 | JPY      | 700       |
""",
    "payments": f"""
| payment_id | customer_id | payment_date | currency | amount |
| P1         | {FORMULA}   | 2026-02-10   | EUR      | 150.00 |
""",
    "applications": """
| application_id | source_id | invoice_id | applied_on | amount |
| A1             | P1        | 0001       | 2026-02-10 | 100.10 |
""",
}


def run(root: Path) -> Outcome:
    """The night of the hostile book."""
    book = SmallBook(root, policy="base_currency: EUR\nforecast: {origins: 2, draws: 20}\n")
    book.put(**BOOK)
    outcome = book.run("2026-02-28", recorded_at="2026-03-02T08:00:00")
    assert outcome.publication is not None, (outcome.error, [found for found in outcome.results if found.blocks])
    return outcome


def manifest_of(place: Path) -> dict[str, Any]:
    """The manifest of a publication."""
    return json.loads((place / "manifest.json").read_text(encoding="utf-8"))


def tables_of(place: Path) -> Warehouse:
    """The tables of a publication, to be used as a context manager."""
    return Warehouse(place / "receivables.duckdb", read_only=True)


__all__ = ["WORKBOOK", "manifest_of", "run", "tables_of"]
