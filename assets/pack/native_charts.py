"""Native charts of a workbook: of a table's own columns, with a title, a text for those who cannot see it, and one
palette.

Which charts there are belongs to `sheets`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assets.pack.sheet import Chart, Sheet
    from assets.pack.workbook import Written

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F7F7F", "#000000")
"""Colours that people with any kind of colour blindness tell apart (Okabe and Ito, 2008)."""
OF_BRIDGES = {"level_base": "#595959", "rise_base": "#009E73", "fall_base": "#D55E00"}
SIZE = {"width": 860, "height": 380}
ROWS_OF_A_CHART = 20


def insert_charts(written: Written, sheet: Any, page: Sheet, row: int) -> None:
    """Draw a sheet's charts above its tables, from the top down."""
    for number, chart in enumerate(page.charts):
        if written.blocks[chart.block].frame.height:
            options = {"description": chart.alt, "object_position": 3, "x_offset": 4}
            sheet.insert_chart(row + number * ROWS_OF_A_CHART, 0, _chart(written, chart), options)


def _chart(written: Written, chart: Chart) -> Any:
    name, first, last = written.places[chart.block]
    frame = written.blocks[chart.block].frame
    places = {column: number for number, column in enumerate(frame.columns)}
    drawn = written.book.add_chart({"type": chart.kind, **({"subtype": chart.subtype} if chart.subtype else {})})
    lines = written.book.add_chart({"type": "line"}) if chart.lines and chart.kind != "line" else None
    for number, series in enumerate([*chart.series, *chart.lines]):
        target = lines if lines is not None and series in chart.lines else drawn
        target.add_series(
            {
                "name": [name, first, places[series]],
                "categories": [name, first + 1, places[chart.categories], last, places[chart.categories]],
                "values": [name, first + 1, places[series], last, places[series]],
                **_look(chart, series, OF_BRIDGES.get(series, PALETTE[number % len(PALETTE)])),
            }
        )
    if lines is not None:
        drawn.combine(lines)
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}, "overlay": False})
    drawn.set_x_axis(
        {"num_format": "yyyy-mm-dd", "text_axis": True, "num_font": {"rotation": -45}, "label_position": "low"}
    )
    drawn.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    unseen = [number for number, series in enumerate(chart.series) if series in chart.unseen]
    drawn.set_legend({"position": "bottom", "delete_series": unseen})
    drawn.set_size(SIZE)
    return drawn


def _look(chart: Chart, series: str, colour: str) -> dict[str, Any]:
    """Solid for what came, hatched for what is expected, lines for the rest."""
    if series in chart.lines or chart.kind == "line":
        return {"line": {"color": colour, "width": 1.75}}
    if series in chart.unseen:
        return {"fill": {"none": True}, "border": {"none": True}, "gap": 40}
    if series in chart.hatched:
        return {
            "pattern": {"pattern": "wide_upward_diagonal", "fg_color": colour, "bg_color": "#FFFFFF"},
            "border": {"color": colour},
            "gap": 40,
        }
    return {"fill": {"color": colour}, "gap": 40}
