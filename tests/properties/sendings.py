"""Other ways to send a book: in another order, in several files, with rows that are wrong, as whole snapshots.

Belongs here: what a sender does to the rows of `tests/oracle/books.py` before they are files. Does not: what must
hold of what was received.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from models.contract import feeds
from tests.oracle.books import BATCH_TIMES, KEYS, OPEN_END, book_rows_by_batch, books
from tests.oracle.facts import COLUMNS
from tests.oracle.settlement import Book
from tests.properties.pipeline import Deliveries, cell, csv_text, file_name

DOCUMENTS = ("invoices", "payments", "credit_memos")
DATE_COLUMNS = {
    "invoices": "invoice_date",
    "payments": "payment_date",
    "credit_memos": "credit_date",
    "applications": "applied_on",
    "payment_reversals": "reversed_on",
    "refunds": "refunded_on",
    "write_offs": "written_off_on",
    "recoveries": "recovered_on",
    "instalments": "due_date",
    "promises": "made_on",
    "disputes": "opened_on",
}
END_COLUMNS = ("voided_on", "unapplied_on", "undone_on", "reversed_on", "withdrawn_on", "resolved_on")
BAD_AMOUNTS = ("NaN", "-5.00", "0", "1.23456", "1e3", "", "1,000")
SNAPSHOT = "sources: [{name: landing, path: inbox, mode: snapshot}]"


@dataclass(frozen=True)
class Row:
    """A row as text, and whether it breaks a rule that a row can break by itself."""

    cells: dict[str, str]
    is_broken: bool = False


@dataclass(frozen=True)
class Sheet:
    """One file: rows of one feed in one batch."""

    feed: str
    time: datetime
    rows: tuple[Row, ...]
    part: str = ""

    @property
    def name(self) -> str:
        """The file's name."""
        return file_name(self.feed, self.time, self.part)

    @property
    def text(self) -> str:
        """The file's content."""
        return csv_text([row.cells for row in self.rows], self.time, self.part)


def sheets_of(book: Book) -> list[Sheet]:
    """What an increment source would have sent, one file for each feed and batch."""
    return [
        Sheet(feed, time, tuple(Row({name: cell(value) for name, value in row.items()}) for row in rows))
        for time, by_feed in book_rows_by_batch(book)
        for feed, rows in by_feed.items()
    ]


def delivered(sheets: list[Sheet]) -> Deliveries:
    """Files by the time of their batch."""
    by_time: dict[datetime, dict[str, str]] = defaultdict(dict)
    for sheet in sheets:
        by_time[sheet.time][sheet.name] = sheet.text
    return sorted(by_time.items())


@st.composite
def spoiled_sheets(draw: st.DrawFn) -> list[Sheet]:
    """A book's files with exact duplicates, contradictions, broken rows, and times of recording in what comes first."""
    sheets = sheets_of(draw(books()))
    recorded = draw(st.sets(st.sampled_from([sheet.feed for sheet in sheets if sheet.time == BATCH_TIMES[0]])))
    spoiled = [draw(_spoiled(sheet)) for sheet in sheets]
    return [_recorded(draw, sheet) if sheet.feed in recorded else sheet for sheet in spoiled]


def _recorded(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    """The file with a column that says when the source knew each row: before or after the batch, or nothing."""
    times = st.none() | st.integers(-60, 3).map(lambda days: sheet.time + timedelta(days))
    rows = (replace(row, cells=row.cells | {"recorded_at": cell(draw(times))}) for row in sheet.rows)
    return replace(sheet, rows=tuple(rows))


@st.composite
def _spoiled(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    rows = list(sheet.rows)
    for kind in draw(st.lists(st.sampled_from(("duplicate", "contradiction", "broken")), max_size=3)):
        row = draw(st.sampled_from(sheet.rows))
        if kind == "contradiction":
            row = Row(row.cells | dict((draw(st.sampled_from(_contradictions(sheet.feed, row.cells))),)))
        if kind == "broken":
            row = Row(row.cells | dict((draw(st.sampled_from(_faults(sheet.feed, row.cells))),)), is_broken=True)
        rows.append(row)
    return replace(sheet, rows=tuple(rows))


def _contradictions(feed: str, cells: dict[str, str]) -> list[tuple[str, str]]:
    """What the same key could say otherwise."""
    if feed == "applications":
        return [("amount", "7"), ("unapplied_on", "2024-07-07"), ("invoice_id", "I99")]
    if feed == "customers":
        return [("segment", "other"), ("terms_days", "77")]
    said = [("amount", "7"), (DATE_COLUMNS[feed], "2024-02-28")]
    return [("customer_id", "somebody"), *said] if feed in DOCUMENTS else said


def _faults(feed: str, cells: dict[str, str]) -> list[tuple[str, str]]:
    """What a row may not say, of a feed: a column and its value. Of a deleted row only the key matters."""
    own_id = next(name for name in KEYS[feed] if name != "entity_id")
    faults = [(own_id, ""), (own_id, "a\tb"), ("_deleted", "perhaps")]
    if cells["_deleted"] == "true":
        return faults
    if feed == "customers":
        return [*faults, ("terms_days", "soon"), ("related_party", "2")]
    # a reversal without an amount takes back all of its payment, a dispute disputes all of its invoice
    is_all = feed in ("payment_reversals", "disputes")
    faults += [("amount", amount) for amount in BAD_AMOUNTS if amount or not is_all]
    if feed == "applications":
        return [*faults, ("applied_on", "2024-13-01"), ("invoice_id", ""), ("discount_amount", "x")]
    if feed not in DOCUMENTS:
        return [*faults, (DATE_COLUMNS[feed], "2024-13-01")]
    faults += [("currency", ""), ("currency", "XXX"), ("customer_id", ""), ("status", "lost"), ("amount", "1.001")]
    return [*faults, (DATE_COLUMNS[feed], "2024-13-01"), (DATE_COLUMNS[feed], "1850-01-01"), ("posting_date", "1 May")]


def key_of(feed: str, cells: dict[str, str]) -> tuple[str, ...]:
    """A text row's key, an empty entity being the default one."""
    return tuple((cells[name] or "main") if name == "entity_id" else cells[name] for name in KEYS[feed])


@st.composite
def resent(draw: st.DrawFn, sheets: list[Sheet]) -> list[Sheet]:
    """The same rows in another order, each file in up to three parts."""
    sent = []
    for sheet in sheets:
        rows = draw(st.permutations(sheet.rows))
        cuts = sorted(draw(st.sets(st.integers(1, len(rows) - 1), max_size=2))) if len(rows) > 1 else []
        for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            sent.append(replace(sheet, rows=tuple(rows[start:end]), part=f"_{draw(st.integers(0, 9))}{start}"))
    return sent


def without_future(book: Book, day: date) -> Book:
    """The book as if nothing had been planned, posted, applied, undone or become valid after the day."""
    stripped: Book = {}
    for feed, rows in book.items():
        stripped[feed] = [_undated(feed, row, day) for row in rows if not _starts(feed, row) > day]
    return stripped


def _starts(feed: str, row: dict[str, Any]) -> date:
    if feed == "customers":
        return row["valid_from"] or date.min
    return date.min if feed == "instalments" else row.get("posting_date") or row[DATE_COLUMNS[feed]]


def _undated(feed: str, row: dict[str, Any], day: date) -> dict[str, Any]:
    ends = {name: None for name in END_COLUMNS if name != DATE_COLUMNS.get(feed) and row.get(name) and row[name] > day}
    was_void = {"status": "posted"} if "voided_on" in ends and row["status"] == "void" else {}
    return row | ends | was_void


def snapshots_of(book: Book) -> Deliveries:
    """The whole book in each batch that changes anything, every feed in two files."""
    times = sorted({time for rows in book.values() for row in rows for time in (row["known_from"], row["known_to"])})
    return [(time, _snapshot(book, time)) for time in times if time < OPEN_END]


def _snapshot(book: Book, time: datetime) -> dict[str, str]:
    files = {}
    for feed in book:
        rows = [row for row in book[feed] if row["known_from"] <= time < row["known_to"]]
        for part, some in (("_a", rows[::2]), ("_b", rows[1::2])):
            plain = [{name: row[name] for name in COLUMNS[feed].split()} for row in some]
            empty = ",".join([*feeds()[feed].columns, "exported"]) + "\n"
            # A file is known by its bytes: an empty part says in its header whose it is.
            text = csv_text(plain, time, part) if plain else empty.replace("exported", f"exported_{time:%Y%m%d}{part}")
            files[file_name(feed, time, part)] = text
    return files
