"""Native tables of a slide, and how a value reads in one. Which tables there are belongs to `slides`."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from assets.pack.cells import CODES, bracketed, heading, in_words
from assets.review.slide import Panel
from models.staging.currencies import MINOR_UNITS

ROW = 0.36
LONGEST = 36
"""Characters of a name in a cell; a longer one is cut, and shows it."""
SHORT = {
    **{"expected_resolution_date": "Ends about", "age_days": "Days open", "blocked_amount": "Blocked"},
    **{"keep_probability": "Chance", "times_broken_before": "Broken before", "promised_date": "Promised for"},
    **{"expected_date": "Expected", "date_p10": "P10", "date_p90": "P90", "customer_id": "Customer"},
    **{"invoice_id": "Invoice", "document_id": "Document", "payer_id": "Payer", "horizon_weeks": "Weeks ahead"},
    **{"wape": "Error", "coverage_80": "80 % held", "best_baseline": "Best rule", "origins": "Forecasts"},
}
"""Headings that are shorter than the columns' names."""
UNSEEN = ("Cc", "Cf", "Cs", "Cn")
"""Kinds of characters that XML refuses, that turn a line around, or that are none."""


def printable(text: str) -> str:
    """A text without the characters that no slide may hold or nobody sees; the rest stays, whatever it begins with."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in UNSEEN or sign in "\t\n")


def add_table(drawn: Any, panel: Panel, box: tuple[float, float, float, float]) -> None:
    """Draw a table into a box, in inches; its rows are as many as its block kept."""
    from pptx.util import Inches

    frame = panel.shown.frame
    left, top, width, height = box
    row = min(ROW, height / (frame.height + 1))
    made = drawn.shapes.add_table(
        frame.height + 1, frame.width, *[Inches(number) for number in (left, top, width, row * (frame.height + 1))]
    )
    made.name = panel.shown.block.name
    made._element.nvGraphicFramePr.cNvPr.set("descr", printable(panel.alt))
    cells = [headings(panel), *texts(panel)]
    size = 12 if frame.width < 5 else 10
    for column, share in enumerate(_widths(cells)):
        made.table.columns[column].width = Inches(width * share)
    right = [kind.is_numeric() for kind in frame.dtypes]
    for number, line in enumerate(cells):
        made.table.rows[number].height = Inches(row)
        for column, text in enumerate(line):
            _cell(made.table.cell(number, column), text, size, right[column], head=not number)


def headings(panel: Panel) -> list[str]:
    """The heading of each column."""
    frame = panel.shown.frame
    if panel.shown.block.plain_headings:
        return [name.capitalize() for name in frame.columns]
    words = [SHORT.get(name) or heading(name, panel.unit, "currency" in frame.columns) for name in frame.columns]
    return [text.removesuffix(" (row's currency)") for text in words]


def texts(panel: Panel) -> list[list[str]]:
    """The cells of each row as they read: money with the decimals of its currency."""
    frame = panel.shown.frame
    return [
        [_text(name, value, row.get("currency") or panel.unit) for name, value in row.items()]
        for row in frame.iter_rows(named=True)
    ]


def _text(name: str, value: Any, currency: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return bracketed(value, MINOR_UNITS.get(currency, 2))
    if isinstance(value, float):
        is_share = "days" not in name and name != "ratio"
        return f"{bracketed(value * 100, 1)}%" if is_share else bracketed(value, 2 if name == "ratio" else 1)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, date):
        return f"{value}"
    text = printable(str(value)).replace("\n", " ")
    text = in_words(text) if name in CODES or name == "reason" else text
    return text if len(text) <= LONGEST or name in ("figure", "now", "beside") else f"{text[: LONGEST - 1]}…"


def _widths(cells: list[list[str]]) -> list[float]:
    """Each column's share of the width: by its longest text, none too narrow or too wide."""
    longest = [
        max(*map(len, body), *(len(word) + 2 for word in head.split()), 7) for (head, *body) in zip(*cells, strict=True)
    ]
    return [number / sum(longest) for number in longest]


def _cell(cell: Any, text: str, size: int, right: bool, head: bool) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches, Pt

    cell.margin_left = cell.margin_right = Inches(0.06)
    cell.margin_top = cell.margin_bottom = Inches(0.02)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    run = paragraph.add_run()
    run.text = text
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    run.font.size, run.font.bold = Pt(size), head
    run.font.color.rgb = RGBColor(255, 255, 255) if head else RGBColor(0x1A, 0x1A, 0x1A)
    if head:
        cell.fill.solid()
        cell.fill.fore_color.rgb = RGBColor.from_string("1F3864")
