"""The front of the workbook: what About says, and the Summary.

How cells are written belongs to `workbook`; the headline figures to `headlines`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from assets.pack import figures
from assets.pack.blocks import Block, Shown, of_mart, shown
from assets.pack.edition import Edition
from assets.pack.headlines import headlines
from assets.resources.warehouse import Warehouse

MIXED = ("Now", "Before", "Change", "Target")
"""Columns of the headline figures, in which money stays decimal beside days and shares."""


def told(name: str, title: str, rows: list[dict[str, Any]], note: str = "") -> Shown:
    """Rows that come from the manifest rather than a mart, as a block."""
    mixed = {name: pl.Object for name in (rows[0] if rows else {}) if name in MIXED}
    frame = pl.DataFrame(rows, schema_overrides=mixed, infer_schema_length=None)
    return Shown(Block(name, title, "", note=note, plain_headings=True), frame, frame.height, {}, {})


def facts(edition: Edition, bundle: Warehouse, inexact: int) -> Iterator[tuple[str, str, str]]:
    """What About says above its tables: the defined name of a fact, if it has one, its label, and itself."""
    manifest = edition.manifest
    yield "status", "Status", edition.status
    yield "as_of", "As of", edition.as_of.isoformat()
    yield "known_at", "Known", edition.known_at
    yield "run_id", "Run", manifest["run_id"]
    yield "base_currency", "Base currency", edition.base or "none is set, so that figures in base currency are empty"
    yield (
        "",
        "Facts",
        {"recorded": "as they were recorded at the time", "reconstructed": "loaded later, by their own dates"}[
            manifest["vintage"]
        ],
    )
    opened = manifest.get("opened_from")
    yield "", "Opens from", f"the approved close of {opened['as_of']}" if opened else "no approved close"
    yield "", "General ledger", tie_out(bundle)
    yield "", "Policy", f"SHA-256 {manifest['policy']['sha256']}"
    yield "", "Code", f"SHA-256 {manifest['code']['sha256']}"
    said = "every amount is a number, exact as it is published"
    if inexact:
        said = (
            f"{inexact:,} amounts have more digits than a spreadsheet's number holds; they are text, to the last digit"
        )
    yield "", "Amounts", f"{said}. Negative amounts stand in parentheses; ids are text."


def tie_out(bundle: Warehouse) -> str:
    """How the newest period end ties to the general ledger, in words."""
    rows = bundle.rows(
        "select max(period_end), count(*), sum(case when is_tied then 1 else 0 end) from gl_tieout where class ="
        " 'total'"
        " and period_end = (select max(period_end) from gl_tieout)"
    )
    day, accounts, tied = rows[0]
    if not accounts:
        return "no balances of a general ledger were given, so that nothing is tied to it"
    return f"{tied} of {accounts} accounts tie at {day}"


def contents(
    edition: Edition,
    bundle: Warehouse,
    pages: Iterable[Any],
    places: Mapping[str, tuple[str, int, int]],
    blocks: Mapping[str, Shown],
) -> Iterator[Shown]:
    """The tables of About: contents, checks that did not pass, tie-out, and the policy's settings."""
    rows = []
    for page in pages:
        own = [name for name, place in places.items() if place[0] == page.name]
        count = sum(blocks[name].frame.height for name in own)
        rows.append({"Sheet": page.name, "Answers": page.answers, "Tables": ", ".join(own), "Rows": count})
    yield told("contents", "Contents", rows)
    failed = [
        {
            "Severity": check["severity"],
            "Table": check["table"],
            "Check": check["check"].replace("_", " "),
            "Failing rows": check["failing_rows"],
        }
        for check in edition.failed
    ]
    if failed:
        yield told("failed_checks", "Checks that did not pass", failed)
    yield shown(
        of_mart(
            "tie_out",
            "Tie-out to the general ledger at the newest period end",
            "gl_tieout",
            "entity_id account currency currency_kind class subledger_amount gl_amount amount is_tied",
            "period_end = (select max(period_end) from gl_tieout)",
            "entity_id, account, currency, currency_kind, class",
        ),
        bundle,
    )
    yield told(
        "parameters", "Parameters: the policy of the run", list(_settings(edition.manifest["policy"]["settings"]))
    )


def _settings(settings: Any, path: str = "") -> Iterator[dict[str, str]]:
    if isinstance(settings, Mapping) and settings:
        for name, value in sorted(settings.items()):
            yield from _settings(value, f"{path}.{name}" if path else name)
    elif isinstance(settings, list) and settings and isinstance(settings[0], Mapping):
        for number, value in enumerate(settings, 1):
            yield from _settings(value, f"{path}.{number}")
    else:
        said = (
            ", ".join(map(str, settings)) if isinstance(settings, list) else "" if settings is None else str(settings)
        )
        yield {"Setting": path, "Value": said}


def summary(bundle: Warehouse, edition: Edition) -> Iterator[Shown]:
    """The blocks of the Summary: headline figures, and the payers that owe most."""
    rows = [
        {
            "Figure": found.label,
            "Unit": found.unit,
            "Now": None if found.now is None else found.now,
            "Before": found.before,
            "Change": found.change,
            "Before is": found.than,
            "News": found.news,
            "Target": found.target,
        }
        for found in headlines(bundle, edition)
    ]
    note = "Percentages and days stand as such; before says as of when the figure before is."
    yield told("headlines", "Headline figures", rows, note)
    yield shown(
        Block(
            "largest_payers",
            "Payers that owe most, in base currency",
            figures.PAYERS,
            order="abs(open_exposure) desc, payer_id",
            most_rows=25,
        ),
        bundle,
    )
