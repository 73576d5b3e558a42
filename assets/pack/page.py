"""The page `receivables.html`: the figures as a person reads them, one file that asks nothing of any network.

Its text is escaped by the template, its tables hold exact amounts, and they are read back. Charts are drawn in the
browser from plain data. What stands in a block belongs to `analyses` and `page_blocks`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

from assets.pack import charts, messages
from assets.pack.blocks import Shown, shown
from assets.pack.cells import CODES, DAY, DAYS, PERCENT, TEXT, bracketed, format_of, heading, in_words
from assets.pack.edition import Edition
from assets.pack.headlines import Headline, headlines
from assets.pack.page_blocks import page_blocks
from assets.resources.warehouse import Warehouse

LONG = 40
"""Characters from which a text may break."""
TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Cell:
    """A value as the page shows it, and an amount exactly."""

    text: str
    right: bool = False
    exact: str | None = None

    @property
    def side(self) -> str:
        """How it stands in its column; words give way where a table is wider than the page, an id never does."""
        if self.right:
            return "number"
        return "long" if len(self.text) > LONG else "words" if " " in self.text else "text"


@dataclass(frozen=True)
class Table:
    """A block as the page shows it."""

    name: str
    title: str
    heads: list[Cell]
    rows: list[list[Cell]]
    note: str


@dataclass(frozen=True)
class Part:
    """A section: its message, and its chart with the table behind it, or tables alone."""

    id: str
    short: str
    message: str
    kind: str
    beside: list[Table] = field(default_factory=list)
    table: Table | None = None
    alt: str = ""
    caption: str = ""

    @property
    def rows(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.table and self.table.rows)


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    place = FileSystemLoader(TEMPLATES)
    return Environment(loader=place, autoescape=True, undefined=StrictUndefined).get_template("receivables.html.j2")


@cache
def _plotly() -> str:
    """The library that draws, as its package brings it; found without importing the package, which takes a second."""
    found = util.find_spec("plotly")
    assert found is not None and found.origin is not None
    return Path(found.origin).with_name("package_data").joinpath("plotly.min.js").read_text(encoding="utf-8")


def write_page(
    path: Path, bundle: Warehouse, manifest: Mapping[str, Any], written: Mapping[str, Shown]
) -> dict[str, Shown]:
    """Write the page of a publication from the blocks of its workbook and its own; returns what each table shows."""
    from markupsafe import Markup

    edition = Edition.of(manifest, bundle)
    blocks = {**written, **{block.name: shown(block, bundle) for block in page_blocks(bundle)}}
    tables = {name: table_of(one, edition) for name, one in blocks.items() if name in SHOWN}
    found = headlines(bundle, edition)
    mood = "failed" if not edition.is_good else "warned" if edition.failed else "good"
    text = _template().render(
        edition=edition,
        mood=mood,
        css=Markup((TEMPLATES / "page.css").read_text(encoding="utf-8")),
        js=Markup((TEMPLATES / "page.js").read_text(encoding="utf-8")),
        plotly=Markup(_plotly()),
        figures=Markup(_inert(_figures(blocks, edition.base))),
        headline_message=messages.of_headlines(found),
        cards=[_card(one) for one in found],
        parts=_parts(blocks, tables, found, edition.base),
        entities=tables["entities"],
        entity_names=sorted(set(blocks["entities"].frame["entity_id"])),
        payers=_drill(blocks, tables),
        items=tables["items"],
    )
    path.write_text(text, encoding="utf-8")
    path.chmod(0o640)
    return {name: blocks[name] for name in SHOWN if name != "items"}


SHOWN = (
    *("ageing_by_month", "dso_by_month", "receipts_by_week", "forecast_accuracy", "forecast_bridge", "roll_rates"),
    *("allowance_steps", "behaviour_changes", "promise_states", "open_promises", "goals_now", "failing", "tie_out"),
    *("entities", "payers", "items"),
)
"""The tables that the page holds."""


def _inert(figures: Mapping[str, Any]) -> str:
    """Figures as JSON that cannot end the element it stands in."""
    said = json.dumps(figures, sort_keys=True, allow_nan=False)
    return said.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _figures(blocks: Mapping[str, Shown], base: str) -> dict[str, charts.Figure]:
    frames = {name: blocks[name].frame for name in SHOWN}
    months = frames["ageing_by_month"]
    drawn = {
        "ageing": ("ageing_by_month", charts.stacked(months, "month_end", months.columns[1:-1], base)),
        "dso": (
            "dso_by_month",
            charts.lines(frames["dso_by_month"], "period_end", frames["dso_by_month"].columns[3:], "days"),
        ),
        "receipts": ("receipts_by_week", charts.fan(frames["receipts_by_week"], base)),
        "bridge": ("forecast_bridge", charts.waterfall(frames["forecast_bridge"], base)),
        "rolls": ("roll_rates", charts.heat_map(frames["roll_rates"], "from_month")),
        "allowance": ("allowance_steps", charts.waterfall(frames["allowance_steps"], base)),
    }
    return {name: figure for name, (block, figure) in drawn.items() if frames[block].height}


def _parts(blocks: Mapping[str, Shown], tables: Mapping[str, Table], found: list[Headline], base: str) -> list[Part]:
    """The sections between the headline figures and the payers, in order."""
    frames = {name: blocks[name].frame for name in SHOWN}
    bridge = messages.of_bridge(frames["forecast_bridge"], "Cash expected in thirteen weeks", base)
    reserve = messages.of_bridge(frames["allowance_steps"], "The allowance", base)
    days, weeks = messages.of_days(frames["dso_by_month"]), messages.of_weeks(frames["receipts_by_week"], base)
    drawn = {
        "ageing": (
            "Ageing",
            messages.of_ageing(found),
            "ageing_by_month",
            "Columns by month-end, one colour a bucket.",
        ),
        "dso": ("DSO", days, "dso_by_month", "A line a definition of DSO, by month-end."),
        "receipts": ("Receipts", weeks, "receipts_by_week", FAN),
        "bridge": ("Forecast bridge", bridge, "forecast_bridge", BRIDGE),
        "rolls": (
            "Roll rates",
            messages.of_rates(frames["roll_rates"]),
            "roll_rates",
            "A month a column, a bucket a row.",
        ),
        "allowance": ("Allowance", reserve, "allowance_steps", BRIDGE),
    }
    beside = {"receipts": [tables["forecast_accuracy"]]}
    parts = [
        Part(name, short, message, "chart", beside.get(name, []), tables[block], f"{message}. {caption}", caption)
        for name, (short, message, block, caption) in drawn.items()
    ]
    return [*parts, *_lists(tables), Part("payers", "Payers", "", "drill")]


def _lists(tables: Mapping[str, Table]) -> list[Part]:
    """The sections that are tables alone."""
    counts = {name: len(tables[name].rows) for name in ("goals_now", "behaviour_changes", "failing")}
    said = {
        "goals": ("Goals", _counted(counts["goals_now"], "goal", "of the period that ends next", "No goals are set")),
        "changes": (
            "Changed payers",
            _counted(counts["behaviour_changes"], "payer", "changed behaviour", "No payer changed behaviour"),
        ),
        "promises": ("Promises", "What was promised, and what came of it"),
        "health": ("Data health", _counted(counts["failing"], "check", "did not pass", "Every check passed")),
    }
    held = {
        "goals": ("goals_now",),
        "changes": ("behaviour_changes",),
        "promises": ("promise_states", "open_promises"),
        "health": ("failing", "tie_out"),
    }
    return [Part(name, *words, "table", [tables[table] for table in held[name]]) for name, words in said.items()]


def _counted(count: int, what: str, said: str, none: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'} {said}" if count else none


FAN = (
    "Solid columns came, hatched ones are expected; the band is not left with a chance of 80 %; diamonds are what was"
    " forecast a week before. Below: how such forecasts did."
)
BRIDGE = "From the first level to the last; green adds, orange takes away, and each column says its amount."


def table_of(one: Shown, edition: Edition) -> Table:
    """A block as a table of the page: amounts with the decimals of their currency, and exactly beneath."""
    names, base = one.frame.columns, edition.base
    by_row = "currency" in names
    formats = [format_of(name, kind) for name, kind in one.frame.schema.items()]
    own = names.index("currency") if by_row else None
    rows = []
    for values in one.frame.iter_rows():
        currency = values[own] if own is not None else None
        places = [edition.decimals(None if name.endswith("_base") else currency) for name in names]
        cells = zip(names, values, formats, places, strict=True)
        rows.append([cell_of(_worded(name, value), number, decimals) for name, value, number, decimals in cells])
    right = [number not in (TEXT, DAY) for number in formats]
    plain = one.block.plain_headings
    heads = [
        Cell(name if plain else heading(name, base, by_row), side) for name, side in zip(names, right, strict=True)
    ]
    return Table(one.block.name, one.block.title, heads, rows, one.note)


def cell_of(value: Any, number: str, places: int) -> Cell:
    """A value in words; `number` as `format_of` gives it."""
    if value is None:
        return Cell("", True)
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, Decimal):
        shown_as = bracketed(value, places) if number == "money" else f"{bracketed(value * 100, 1)} %"
        return Cell(shown_as, True, f"{value:f}")
    if isinstance(value, float):
        share, digits = f"{bracketed(value * 100, 1)} %", bracketed(value, 1 if number == DAYS else 2)
        return Cell(share if number == PERCENT else digits, True)
    if isinstance(value, int):
        return Cell(bracketed(value, 0), True)
    return Cell(str(value))


def _worded(name: str, value: Any) -> Any:
    """A code as words; everything else, ids above all, as it is."""
    return in_words(value) if name in CODES and isinstance(value, str) else value


def _card(found: Headline) -> dict[str, str]:
    change = (
        f"{messages.told(found, found.change, True)} against {found.than.removeprefix('at ')}" if found.change else ""
    )
    target = "" if found.target is None else messages.told(found, found.target)
    return {
        "label": found.label,
        "now": messages.told(found, found.now),
        "change": change,
        "news": found.news,
        "target": target,
    }


def _drill(blocks: Mapping[str, Shown], tables: Mapping[str, Table]) -> dict[str, Any]:
    """Payers, each with those of its items that the page holds."""
    held: dict[tuple[str, ...], list[list[Cell]]] = {}
    for row, cells in zip(blocks["items"].frame.iter_rows(), tables["items"].rows, strict=True):
        held.setdefault(row[:3], []).append(cells)
    payers, table = blocks["payers"].frame, tables["payers"]
    drill = []
    for row, cells in zip(payers.iter_rows(), table.rows, strict=True):
        entries = held.get(row[:3], [])
        left = row[3] - len(entries)
        more = f"{left:,} more items are in the workbook and in tables/aging_detail.parquet." if left else ""
        drill.append({"entity": row[0], "payer": row[1], "cells": cells, "entries": entries, "more": more})
    message = f"{blocks['payers'].row_count:,} payers by entity and currency, the largest first"
    return {"name": table.name, "heads": table.heads, "note": table.note, "message": message, "drill": drill}
