"""A review read back from its file: what its charts and tables say, beside what the published tables hold.

One that says anything else is not kept. How it was written belongs to `deck`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from assets.pack.read_back import PLACES, PackError
from assets.review.charts import categories, name_of, numbers
from assets.review.slide import Panel, Slide
from assets.review.tables import headings, texts


def verify_deck(packed: bytes, slides: Sequence[Slide]) -> int:
    """Read every chart and table of a review and compare them with the marts; returns how many totals agree.

    Raises PackError, which names each slide, block and column that differ.
    """
    import pptx

    found = list(pptx.Presentation(io.BytesIO(packed)).slides)
    wrong, count = [], 0
    for number, (slide, drawn) in enumerate(zip(slides, found[1:], strict=False), 2):
        shapes = {shape.name: shape for shape in drawn.shapes}
        for panel in (panel for panel in slide.panels if not panel.is_empty):
            shape = shapes.get(panel.name)
            said = ["is not there"] if shape is None else [*_drawn(panel, shape), *_totals(panel)]
            wrong += [f"slide {number}: {panel.name} {what}" for what in said]
            count += len(panel.shown.totals)
    if len(found) != len(slides) + 2:
        wrong.append(f"it has {len(found)} slides, not {len(slides) + 2}")
    if wrong:
        raise PackError(f"the review is not what was published: {'; '.join(wrong)}")
    return count


def _drawn(panel: Panel, shape: Any) -> Iterator[str]:
    """What a chart's numbers, or a table's cells, have otherwise than the rows that they were made from."""
    if panel.kind == "table":
        cells = [[cell.text for cell in row.cells] for row in shape.table.rows]
        if cells != [headings(panel), *texts(panel)]:
            yield "has other cells"
        return
    if [str(label) for label in shape.chart.plots[0].categories] != categories(panel):
        yield "has other categories"
    held = {series.name: list(series.values) for plot in shape.chart.plots for series in plot.series}
    for name in panel.series:
        if held.get(name_of(name)) != numbers(panel.shown.frame[name]):
            yield f"has other numbers as {name}"


def _totals(panel: Panel) -> Iterator[str]:
    """The columns whose rows do not add up to what the published table holds."""
    for column, total in panel.shown.totals.items():
        held = (panel.shown.frame[column].sum() or Decimal(0)) + panel.shown.left_out.get(column, Decimal(0))
        if Decimal(held).quantize(PLACES) != Decimal(total).quantize(PLACES):
            yield f"adds up to {held} as {column}, and the published table to {total}"
