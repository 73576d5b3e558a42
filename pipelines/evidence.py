"""The files of a close's evidence pack: a sheet each, as text that any spreadsheet opens, and a page over them.

Which rows answer which question belongs to `models.allowance.evidence`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from models.allowance.evidence import COLUMNS, QUESTIONS

Sheets = Mapping[str, Sequence[Mapping[str, Any]]]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How text begins that a spreadsheet would run; it is written behind an apostrophe, which shows it as it is."""


def pack(sheets: Sheets, manifest: Mapping[str, Any], signed: str) -> dict[str, bytes]:
    """The files of a pack by name; `signed` says who prepared and who approved the close."""
    files = {f"{name}.csv": sheet(COLUMNS[name].split(), rows) for name, rows in sheets.items()}
    return {"README.md": cover(sheets, manifest, signed).encode(), **files}


def sheet(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as UTF-8 text with commas; amounts in full, empty where there is nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue().encode()


def cover(sheets: Sheets, manifest: Mapping[str, Any], signed: str) -> str:
    """The page of a pack: the close, who signed it, what does not hold, and what is in each sheet."""
    untied = sum(not row["is_tied"] for row in sheets["tie_out"])
    failed = [row["check"] for row in sheets["checks"] if not row["passed"]]
    changed = ", ".join(row["setting"] for row in sheets["policy"] if row["has_changed"]) or "none"
    if not any(row["last_close"] for row in sheets["policy"]):
        changed = "there is none before this one"
    apart = sum(bool(row["difference"]) for row in sheets["recalculation"])
    said = [
        f"# Evidence for the allowance as of {manifest['as_of']}",
        "",
        f"Run `{manifest['run_id']}`, {manifest['status'].replace('_', ' ')}, {manifest['vintage']} from facts known"
        f" at `{manifest['parameters']['known_at']}`. {signed}",
        "",
        f"- Lines recalculated: {len(sheets['recalculation'])}, of which {apart} differ.",
        f"- Other differences between the published tables: {len(sheets['differences'])}.",
        f"- Comparisons of balances: {len(sheets['tie_out'])}, of which {untied} do not tie.",
        f"- Checks: {len(sheets['checks'])}, of which {len(failed)} warn{': ' + ', '.join(failed) if failed else ''}.",
        f"- Settings that differ from the last approved close: {changed}.",
        "",
        "| sheet | what it answers | rows |",
        "| --- | --- | ---: |",
        *(f"| `{name}.csv` | {QUESTIONS[name]} | {len(rows)} |" for name, rows in sheets.items()),
        "",
        "`receivables verify` makes this pack again from the frozen tables and names what differs.",
        "",
    ]
    return "\n".join(said)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA) and not value.lstrip("-+").replace(".", "", 1).isdigit():
        return f"'{value}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
