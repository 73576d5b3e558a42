"""The slides as a PowerPoint file: native charts and tables that can be edited, on slides of one look.

Names are text wherever they stand; the same publication has the same bytes. What slides say belongs to `slides`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from assets.pack.edition import Edition
from assets.review.charts import add_chart
from assets.review.scope import Scope
from assets.review.slide import Panel, Slide
from assets.review.tables import add_table, printable

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.5
TOP, BOTTOM = 1.3, 6.45
GAP = 0.3
WIDER = 1.35
"""How much wider a table is than the chart beside it."""
DARK, QUIET, ALARM = "1F3864", "595959", "9C0006"
FIRST, TITLE_ONLY = 0, 5
"""Layouts of the library's own template."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member of the file: none of the machine's."""


def deck_of(edition: Edition, scope: Scope, slides: Sequence[Slide]) -> bytes:
    """The bytes of a review: its slides between one that says whom it is of and one that says how to read it."""
    import pptx
    from pptx.util import Inches

    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    told = deck.core_properties
    told.title, told.subject = printable(f"Business review of {scope.name}"), edition.status
    told.author, told.last_modified_by, told.revision = "receivables", "receivables", 1
    told.created = told.modified = told.last_printed = edition.created
    _first(deck, edition, scope)
    for number, slide in enumerate(slides, 2):
        _slide(deck, edition, slide, number)
    _last(deck, edition, len(slides) + 2)
    packed = io.BytesIO()
    deck.save(packed)
    return timeless(packed.getvalue())


def timeless(packed: bytes) -> bytes:
    """A zip file with the same members, all of one time."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(member, old.read(name))
    return made.getvalue()


def _first(deck: Any, edition: Edition, scope: Scope) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[FIRST])
    title, subtitle = slide.placeholders
    _place(title, MARGIN + 0.3, 2.0, WIDTH - 2 * MARGIN - 0.6, 1.4)
    _say(title.text_frame, "Quarterly business review", 40, DARK, bold=True)
    _place(subtitle, MARGIN + 0.3, 3.4, WIDTH - 2 * MARGIN - 0.6, 1.9)
    lines = [scope.name[:1].upper() + scope.name[1:], f"Receivables as of {edition.as_of:%d %B %Y}", edition.status]
    _say(subtitle.text_frame, lines[0], 26, DARK)
    for line, colour in ((lines[1], QUIET), (lines[2], QUIET if edition.is_good else ALARM)):
        _say(subtitle.text_frame, line, 18, colour, first=False)
    _foot(slide, edition, 1)


def _slide(deck: Any, edition: Edition, slide: Slide, number: int) -> None:
    drawn = _titled(deck, edition, slide.message, number)
    shares = [WIDER if panel.kind == "table" else 1.0 for panel in slide.panels]
    left, unit = MARGIN, (WIDTH - 2 * MARGIN - GAP * (len(shares) - 1)) / sum(shares)
    for panel, share in zip(slide.panels, shares, strict=True):
        _panel(drawn, panel, (left, TOP, unit * share, BOTTOM - TOP))
        left += unit * share + GAP
    if slide.note:
        _text(drawn, slide.note, (MARGIN, BOTTOM + 0.05, WIDTH - 2 * MARGIN, 0.5), 11, QUIET)


def _panel(drawn: Any, panel: Panel, box: tuple[float, float, float, float]) -> None:
    if panel.is_empty:
        left, top, width, _ = box
        _text(drawn, f"{panel.title}: there is nothing.", (left, top + 1.5, width, 0.8), 16, QUIET)
    elif panel.kind == "table":
        left, top, width, height = box
        _text(drawn, panel.title, (left, top, width, 0.4), 14, DARK, bold=True)
        add_table(drawn, panel, (left, top + 0.45, width, height - 0.45))
    else:
        add_chart(drawn, panel, box)


def _last(deck: Any, edition: Edition, number: int) -> None:
    drawn = _titled(deck, edition, "How to read these figures", number)
    manifest = edition.manifest
    lines = [
        f"As of {edition.as_of}, from run {manifest['run_id']}, knowing {edition.known_at}. {edition.status}.",
        "Every figure is one of the published tables, or a sum, a difference or a quotient of theirs; the tables, the"
        " workbook and the page of that run have the rest.",
        "Charts can be edited: each has its numbers in a sheet of its own (Edit Data).",
        "Days from invoice to payment, and days beyond terms, are weighed by cash applied in the month; early payments"
        " count as the policy says.",
        "What is owed and the credits that nobody has applied stand apart, except where it says net.",
        "An account is a payer: what it owes for its own invoices and for those of others that it pays.",
    ]
    failed = [f"{check['check'].replace('_', ' ')} ({check['failing_rows']:,})" for check in edition.failed]
    if failed:
        most = failed[:6] + ([f"{len(failed) - 6} more, on the page and in the workbook"] if len(failed) > 6 else [])
        lines.append(f"Checks that did not pass, with the rows that fail: {'; '.join(most)}.")
    box = drawn.shapes.add_textbox(*_inches(MARGIN, TOP, WIDTH - 2 * MARGIN, BOTTOM - TOP))
    box.text_frame.word_wrap = True
    for place, line in enumerate(lines):
        _say(box.text_frame, line, 16, "1A1A1A", first=not place)


def _titled(deck: Any, edition: Edition, message: str, number: int) -> Any:
    drawn = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    title = drawn.shapes.title
    _place(title, MARGIN, 0.35, WIDTH - 2 * MARGIN, 0.85)
    _say(title.text_frame, message, 24 if len(message) <= 90 else 20, DARK, bold=True)
    _foot(drawn, edition, number)
    return drawn


def _foot(drawn: Any, edition: Edition, number: int) -> None:
    """The day, the run, the status and the slide's number, on every slide."""
    said = f"As of {edition.as_of}  ·  run {edition.manifest['run_id']}  ·  {edition.status}"
    _text(drawn, said, (MARGIN, 7.0, 10.5, 0.35), 10, QUIET if edition.is_good else ALARM)
    _text(drawn, str(number), (WIDTH - MARGIN - 1, 7.0, 1, 0.35), 10, QUIET, right=True)


def _text(
    drawn: Any, text: str, box: tuple[float, float, float, float], size: int, colour: str,
    bold: bool = False, right: bool = False,
) -> None:  # fmt: skip
    from pptx.enum.text import PP_ALIGN

    made = drawn.shapes.add_textbox(*_inches(*box))
    made.text_frame.word_wrap = True
    _say(made.text_frame, text, size, colour, bold)
    if right:
        made.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT


def _say(frame: Any, text: str, size: int, colour: str, bold: bool = False, first: bool = True) -> None:
    """One paragraph of a text frame, to the left and in the middle of its height."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    paragraph = frame.paragraphs[0] if first else frame.add_paragraph()
    frame.vertical_anchor = MSO_ANCHOR.TOP
    paragraph.alignment, paragraph.space_after = PP_ALIGN.LEFT, Pt(8 if not first or size > 14 else 0)
    run = paragraph.add_run()
    run.text = printable(text)
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, RGBColor.from_string(colour)


def _place(shape: Any, *box: float) -> None:
    shape.left, shape.top, shape.width, shape.height = _inches(*box)


def _inches(*box: float) -> list[Any]:
    from pptx.util import Inches

    return [Inches(number) for number in box]
