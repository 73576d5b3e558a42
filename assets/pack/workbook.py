"""The workbook `receivables.xlsx`: the sheets of `sheets` behind an About and a Summary, written cell by cell.

Text is text whatever it begins with; money is a number where a double holds it exactly; the same publication has the
same bytes. What stands on which sheet belongs to `sheets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from assets.pack.blocks import Shown, shown
from assets.pack.cells import (
    CODES,
    COUNT,
    DAY,
    DAYS,
    MONEY,
    PERCENT,
    TEXT,
    as_number,
    as_text,
    format_of,
    heading,
    in_words,
)
from assets.pack.edition import Edition
from assets.pack.front import contents, facts, summary
from assets.pack.native_charts import ROWS_OF_A_CHART, insert_charts
from assets.pack.receipts import across
from assets.pack.sheet import Sheet
from assets.pack.sheets import sheets
from assets.resources.warehouse import Warehouse

INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDEST, NARROWEST = 64, 11
SAMPLED = 200
TOP = 5
"""The row on which the first block begins, under title, status and the way back."""
UNITS = {"days": DAYS, "share": PERCENT}


@dataclass
class Written:
    """Where things stand in a workbook that is being written, and what was written of each block."""

    book: Any
    edition: Edition
    formats: dict[tuple[str, ...], Any] = field(default_factory=dict)
    blocks: dict[str, Shown] = field(default_factory=dict)
    places: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    inexact: int = 0

    def format(self, number: str = "", *styles: str) -> Any:
        """A cell format, made once: a number format and any of `bold`, `title`, `link`, `wrap`, `alarm`, `quiet`."""
        key = (number, *styles)
        if key not in self.formats:
            known: dict[str, dict[str, Any]] = {
                "bold": {"bold": True},
                "title": {"bold": True, "font_size": 16},
                "link": {"font_color": "#0B5394", "underline": 1},
                "wrap": {"text_wrap": True, "valign": "top"},
                "alarm": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#9C0006"},
                "warning": {"bold": True, "font_color": "#3D2B00", "bg_color": "#FFE699"},
                "good": {"bold": True, "font_color": "#0B3D0B", "bg_color": "#D9EAD3"},
                "quiet": {"font_color": "#595959", "italic": True},
                "right": {"align": "right"},
                "left": {"align": "left", "indent": 1},
                "head": {
                    "bold": True,
                    "text_wrap": True,
                    "valign": "top",
                    "font_color": "#FFFFFF",
                    "bg_color": "#1F3864",
                },
            }
            settings = {"num_format": number} if number else {}
            self.formats[key] = self.book.add_format(settings | {k: v for s in styles for k, v in known[s].items()})
        return self.formats[key]

    @property
    def banner(self) -> Any:
        """The format in which the status stands."""
        if not self.edition.is_good:
            return self.format("", "alarm")
        return self.format("", "warning" if self.edition.failed else "good")


def write_workbook(path: Path, bundle: Warehouse, manifest: Mapping[str, Any]) -> dict[str, Shown]:
    """Write the workbook of a publication; returns what each of its tables shows, by the table's name."""
    import xlsxwriter

    edition = Edition.of(manifest, bundle)
    with xlsxwriter.Workbook(path, {**INERT, "default_date_format": DAY, "nan_inf_to_errors": False}) as book:
        book.set_properties(
            {
                "title": f"Receivables as of {edition.as_of}",
                "subject": edition.status,
                "created": edition.created,
                "comments": f"Run {manifest['run_id']}",
            }
        )
        book.set_size(2400, 1600)
        written = Written(book, edition)
        pages = [Sheet("Summary", "The headline figures, and who owes most", ()), *sheets(bundle, edition)]
        front = book.add_worksheet("About")
        for page in pages:
            sheet = book.add_worksheet(page.name)
            _top(written, sheet, page)
            found = [shown(block, bundle) for block in page.blocks] or list(summary(bundle, edition))
            if found[0].block.name == "receipts_by_week":
                found = [across(found[0], edition.base), *found]
            _blocks(written, sheet, page, found)
        _about(written, front, bundle, pages)
    path.chmod(0o640)
    return written.blocks


def _top(written: Written, sheet: Any, page: Sheet) -> None:
    """Title, status and the way back, on screen and in print."""
    edition = written.edition
    sheet.write_string(0, 0, f"{page.name}: {page.answers}", written.format("", "title"))
    sheet.write_string(1, 0, edition.status, written.banner)
    for column in (1, 2):  # a merged cell would hide from filters and pivots
        sheet.write_blank(1, column, None, written.banner)
    sheet.write_string(2, 0, f"As of {edition.as_of}, run {edition.manifest['run_id']}, known: {edition.known_at}")
    sheet.write_url(3, 0, "internal:'About'!A1", written.format("", "link"), "Back to About")
    sheet.set_header(f"&L{page.name.replace('&', '&&')}&C{edition.status}&R{edition.as_of}")
    sheet.set_footer(f"&Lrun {edition.manifest['run_id']}&RPage &P of &N")
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _blocks(written: Written, sheet: Any, page: Sheet, found: list[Shown]) -> None:
    """The blocks of a sheet below one another, charts to the right of the widest, and panes frozen under the first
    heading."""
    widths: dict[int, int] = {}
    row = TOP + ROWS_OF_A_CHART * len(page.charts)
    for one in found:
        row = write_block(written, sheet, one, row, widths) + 2
    heading_row = written.places[found[0].block.name][1]
    if len(found) == 1:
        sheet.freeze_panes(heading_row + 1, 1)
        sheet.repeat_rows(heading_row)
    else:
        sheet.freeze_panes(TOP - 1, 0)
    _set_widths(sheet, widths)
    insert_charts(written, sheet, page, TOP)


def _set_widths(sheet: Any, widths: Mapping[int, int]) -> None:
    for column, width in widths.items():
        sheet.set_column(column, column, min(max(width + 2, NARROWEST), WIDEST))


def write_block(written: Written, sheet: Any, one: Shown, row: int, widths: dict[int, int]) -> int:
    """Write a block as a real table with its title and note above; returns the row below it."""
    block, frame, base = one.block, one.frame, written.edition.base
    sheet.write_string(row, 0, block.title, written.format("", "bold"))
    if one.note:
        sheet.write_string(row + 1, 0, one.note, written.format("", "quiet"))
        row += 1
    first = row + 1
    names = frame.columns
    by_row = "currency" in names
    headings = [name if block.plain_headings else heading(name, base, by_row) for name in names]
    for column, text in enumerate(headings):
        longest = max((len(str(value)) for value in frame[names[column]].head(SAMPLED)), default=0)
        widths[column] = max(
            widths.get(column, 0), len(text) // 2 + 6, *(len(word) + 2 for word in text.split()), longest
        )
    last = first + max(frame.height, 1)
    sheet.set_row_pixels(first, 40)
    sheet.add_table(first, 0, last, len(names) - 1, _table(written, one, headings))
    _write_rows(written, sheet, one, first + 1)
    sheet.ignore_errors({"number_stored_as_text": f"A{first + 1}:{_column(len(names) - 1)}{last + 1}"})
    written.blocks[block.name] = one
    written.places[block.name] = (sheet.get_name(), first, last)
    return last + 1


def _table(written: Written, one: Shown, headings: list[str]) -> dict[str, Any]:
    """A real table, its headings above numbers to the right as these are."""
    sides = ["left" if kind in (pl.String, pl.Date, pl.Boolean) else "right" for kind in one.frame.dtypes]
    heads = [
        {"header": text, "header_format": written.format("", "head", side)}
        for text, side in zip(headings, sides, strict=True)
    ]
    return {"name": one.block.name, "columns": heads, "style": "Table Style Light 1", "autofilter": True}


def _column(number: int) -> str:
    letters = ""
    while number >= 0:
        number, letters = number // 26 - 1, chr(ord("A") + number % 26) + letters
    return letters


def _write_rows(written: Written, sheet: Any, one: Shown, first: int) -> None:
    frame = one.frame
    places = {name: number for number, name in enumerate(frame.columns)}
    formats = [format_of(name, kind) for name, kind in frame.schema.items()]
    in_base = [name.endswith("_base") for name in frame.columns]
    own, unit = places.get("currency"), places.get("Unit") if one.block.name == "headlines" else None
    worded = set() if one.block.plain_headings else {places[name] for name in CODES if name in places}
    for row, values in enumerate(frame.iter_rows(), first):
        currency = values[own] if own is not None else None
        for column, value in enumerate(values):
            if value is None:
                continue
            number = formats[column]
            if unit is not None and not isinstance(value, str):
                number = UNITS.get(values[unit], MONEY[2] if isinstance(value, Decimal) else COUNT)
            elif number == "money":
                number = MONEY[written.edition.decimals(None if in_base[column] else currency)]
            write_cell(written, sheet, row, column, _worded(value, column in worded, one.block.plain_headings), number)


def _worded(value: Any, is_code: bool, as_published: bool) -> Any:
    """A code, or yes or no, as people read it; a `data_` table has values as they are published."""
    if isinstance(value, bool) and not as_published:
        return "yes" if value else "no"
    return in_words(value) if is_code else value


def write_cell(written: Written, sheet: Any, row: int, column: int, value: Any, kind: str) -> None:
    """Write one value; an amount that a double does not hold is text, to the last digit, and counted."""
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, written.format("", "left"))
    elif isinstance(value, Decimal):
        number = as_number(value)
        if number is None:
            written.inexact += 1
            sheet.write_string(row, column, f"{value:f}", written.format(TEXT, "right"))
        else:
            sheet.write_number(row, column, number, written.format(kind))
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, written.format(kind))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, written.format(DAY, "left"))
    else:
        text = as_text(str(value))
        sheet.write_string(row, column, text, written.format(TEXT, "left", *["wrap"] * (len(text) > WIDEST)))


def _about(written: Written, sheet: Any, bundle: Warehouse, pages: Iterable[Sheet]) -> None:
    """The first sheet: what this is, whether to believe it, what is in it, and the names of what others refer to."""
    edition = written.edition
    sheet.write_string(0, 0, f"Receivables as of {edition.as_of}", written.format("", "title"))
    sheet.write_string(1, 0, edition.status, written.banner)
    row = 3
    for number, (name, label, value) in enumerate(facts(edition, bundle, written.inexact)):
        sheet.write_string(row + number, 0, label, written.format("", "bold"))
        sheet.write_string(row + number, 1, value, written.format(TEXT))
        if name:
            written.book.define_name(name, f"='About'!$B${row + number + 1}")
    row += len(list(facts(edition, bundle, written.inexact))) + 1
    widths: dict[int, int] = {}
    for one in contents(edition, bundle, pages, written.places, written.blocks):
        row = write_block(written, sheet, one, row, widths) + 2
        if one.block.name == "contents":
            _links(written, sheet, one)
    _set_widths(sheet, {**widths, 0: 34, 1: WIDEST, 2: WIDEST})
    sheet.set_header(f"&LReceivables&C{edition.status}&R{edition.as_of}")
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 0)
    sheet.set_landscape()
    sheet.set_first_sheet()
    sheet.activate()


def _links(written: Written, sheet: Any, one: Shown) -> None:
    first = written.places["contents"][1] + 1
    for row, name in enumerate(one.frame["Sheet"], first):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", written.format("", "link"), name)
