"""Native charts of a slide, each with a sheet of its numbers behind it in which no text is a formula.

What came is solid, what is expected hatched, a range is lines. Which charts there are belongs to `slides`.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import polars as pl

from assets.pack.native_charts import PALETTE
from assets.review.slide import Panel
from assets.review.tables import printable

HATCHED, RANGE = "expected", ("p10", "p90")
WORDS = {"p10": "P10", "p90": "P90", "dbt_paid": "paid", "dbt_open": "open", "dbt_all": "all"}
DASHES = ("SOLID", "DASH", "ROUND_DOT", "DASH_DOT")
INERT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def add_chart(drawn: Any, panel: Panel, box: tuple[float, float, float, float]) -> None:
    """Draw a chart into a box, in inches."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    kinds = {"lines": XL_CHART_TYPE.LINE_MARKERS, "stacked": XL_CHART_TYPE.COLUMN_STACKED}
    data = CategoryChartData(number_format="#,##0.0" if panel.unit == "days" else "#,##0")
    data.categories = categories(panel)
    for name in panel.series:
        data.add_series(name_of(name), numbers(panel.shown.frame[name]))
    kind = kinds.get(panel.kind, XL_CHART_TYPE.COLUMN_CLUSTERED)
    frame = drawn.shapes.add_chart(kind, *[Inches(number) for number in box], data)
    frame.name = panel.name
    frame._element.nvGraphicFramePr.cNvPr.set("descr", printable(panel.alt))
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(sheet_of(panel))
    if panel.kind == "fan":
        _range_as_lines(chart, panel)
    _look(chart, panel)


def categories(panel: Panel) -> list[str]:
    """What stands under each place of a chart: a month, the last day of a week, or a code in words."""
    return [_label(value, panel.kind) for value in panel.shown.frame[panel.categories]]


def _label(value: object, kind: str) -> str:
    if isinstance(value, date):
        return f"{value:%d %b}" if kind == "fan" else f"{value:%b %Y}"
    return printable(str(value)).replace("_", " ")


def name_of(series: str) -> str:
    """A column's name as a legend has it."""
    words = WORDS.get(series) or series.removesuffix("_amount").replace("_", " ")
    return printable(words)


def numbers(column: pl.Series) -> list[float | None]:
    """A column as a chart draws it; nothing stays nothing."""
    return [None if value is None else float(value) for value in column]


def sheet_of(panel: Panel) -> bytes:
    """The workbook behind a chart: categories in the first column, a series in each other; text is text."""
    import xlsxwriter

    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, INERT) as book:
        book.set_properties({"created": datetime(1980, 1, 1)})
        sheet = book.add_worksheet()
        for row, text in enumerate(categories(panel), 1):
            sheet.write_string(row, 0, text)
        for column, name in enumerate(panel.series, 1):
            sheet.write_string(0, column, name_of(name))
            for row, number in enumerate(numbers(panel.shown.frame[name]), 1):
                if number is not None:
                    sheet.write_number(row, column, number)
    return packed.getvalue()


def _range_as_lines(chart: Any, panel: Panel) -> None:
    """Draw the range as lines over the columns: the library makes charts of one kind, the format holds several."""
    from lxml import etree

    area = chart._chartSpace.chart.plotArea
    (bars,) = area.findall("{*}barChart")
    space = etree.QName(bars).namespace
    places = [place for place, name in enumerate(panel.series) if name in RANGE]
    found = [series for series in bars.findall("{*}ser") if int(series.find("{*}idx").get("val")) in places]
    if not found:
        return
    lines = bars.makeelement(f"{{{space}}}lineChart")
    for name, value in (("grouping", "standard"), ("varyColors", "0")):
        etree.SubElement(lines, f"{{{space}}}{name}").set("val", value)
    for series in found:
        for inverted in series.findall("{*}invertIfNegative"):
            series.remove(inverted)
        lines.append(series)
    etree.SubElement(lines, f"{{{space}}}marker").set("val", "1")
    for axis in bars.findall("{*}axId"):
        etree.SubElement(lines, f"{{{space}}}axId").set("val", axis.get("val"))
    bars.addnext(lines)


def _look(chart: Any, panel: Panel) -> None:
    from pptx.enum.chart import XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
    from pptx.util import Pt

    chart.font.size = Pt(11)
    chart.has_title = True
    title = chart.chart_title.text_frame
    title.text = printable(panel.title)
    title.paragraphs[0].runs[0].font.size, title.paragraphs[0].runs[0].font.bold = Pt(14), True
    chart.has_legend = len(panel.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.has_major_gridlines = False
    chart.value_axis.tick_labels.number_format = "#,##0"
    chart.value_axis.tick_labels.number_format_is_linked = False
    _grey(chart.value_axis.major_gridlines.format.line)
    _grey(chart.value_axis.format.line)
    place = 0
    for plot in chart.plots:
        for series in plot.series:
            _series(series, panel, panel.series[place], place)
            place += 1
    if panel.kind != "lines":
        chart.plots[0].gap_width = 50
        chart.plots[0].overlap = 100 if panel.kind in ("stacked", "fan") else 0


def _series(series: Any, panel: Panel, name: str, place: int) -> None:
    """Solid for what came, hatched for what is expected, lines that differ in their dashes too."""
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE, MSO_PATTERN
    from pptx.util import Pt

    colour = RGBColor.from_string(PALETTE[place % len(PALETTE)].removeprefix("#"))
    if panel.kind == "lines" or name in RANGE:
        shade = RGBColor.from_string("8A5A00") if name in RANGE else colour
        series.format.line.color.rgb, series.format.line.width = shade, Pt(1.25 if name in RANGE else 2.25)
        dash = DASHES[place % len(DASHES)] if panel.kind == "lines" else ("DASH", "SOLID")[name == "p90"]
        series.format.line.dash_style = getattr(MSO_LINE, dash)
        series.smooth = False
        series.marker.style = XL_MARKER_STYLE.NONE if name in RANGE else XL_MARKER_STYLE.CIRCLE
        if name not in RANGE:
            series.marker.size = 6
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.rgb = colour
        return
    if panel.kind == "fan":
        colour = RGBColor.from_string(PALETTE[0].removeprefix("#"))
    if name == HATCHED:
        series.format.fill.patterned()
        series.format.fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
        series.format.fill.fore_color.rgb, series.format.fill.back_color.rgb = colour, RGBColor(255, 255, 255)
        series.format.line.color.rgb = colour
    else:
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour
    series.invert_if_negative = False


def _grey(line: Any) -> None:
    from pptx.dml.color import RGBColor

    line.color.rgb = RGBColor(0xD9, 0xD9, 0xD9)
