"""Which sheets the workbook has, in order, and those that list what the published tables hold.

How they are written belongs to `workbook`, the sheets that explain to `analyses`.
"""

from __future__ import annotations

from collections.abc import Iterator

from assets.pack import analyses, figures
from assets.pack.blocks import Block, of_mart
from assets.pack.edition import Edition
from assets.pack.sheet import Sheet
from assets.resources.warehouse import Warehouse
from models.contract import contract

ITEMS = (
    "entity_id customer_id payer_id document_type document_id instalment document_date due_date days_past_due"
    " aging_bucket"
    " currency original_amount open_amount open_amount_base disputed_amount promised_date flags"
)
LARGEST = "abs(coalesce(open_amount_base, open_amount)) desc, entity_id, document_type, document_id, instalment"
JUDGED = "passed severity layer table_name check_name failing_rows failing_amount blocking"


def sheets(bundle: Warehouse, edition: Edition) -> Iterator[Sheet]:
    """The sheets behind the Summary, in order; of the tables of one publication."""
    items = "Open items, unapplied receipts and credits as negative items"
    yield analyses.receipts()
    yield analyses.ageing(bundle, edition)
    detail = of_mart("open_items", items, "aging_detail", ITEMS, order=LARGEST)
    yield Sheet("Ageing detail", "Which items are open, the largest first", (detail,))
    yield analyses.metrics()
    yield analyses.allowance()
    yield analyses.bridge()
    goals = of_mart("targets", "Goals", "targets", order="period_end, entity_id, collector, metric")
    yield Sheet("Targets", "How likely each goal is met, and which items matter most for it", (goals, _swing_items()))
    first = "Checks, those that did not pass first"
    judged = of_mart("checks", first, "data_quality", JUDGED, order="passed, severity, table_name, check_name")
    yield Sheet("Checks", "What was checked, and what did not pass", (judged,))
    columns = "Columns of the published tables"
    meanings = of_mart("definitions", columns, "glossary", "column_name meaning unit tables")
    yield Sheet("Definitions", "What each column means, in which unit", (meanings,))
    yield from _data()


def _swing_items() -> Block:
    title = "The ten open items whose payment raises each goal's chance most"
    order = "period_end, entity_id, collector, metric, rank"
    return of_mart("swing_items", title, "swing_items", where="rank <= 10", order=order)


def _data() -> Iterator[Sheet]:
    """Long tables for pivots: the marts under their own column names."""
    narrowed = {
        "aging": "true",
        "aging_monthly": f"month_end in {figures.NEWEST_MONTHS}",
        "rollforward": f"amount <> 0 and period_end in {figures.NEWEST_MONTHS}",
        "dso": f"period_end in {figures.NEWEST_MONTHS}",
        "collection_metrics": f"level = 'entity' and period_end in {figures.NEWEST_MONTHS}",
        "cash_forecast": "level <> 'payer' and component <> 'other' and statistic in ('mean', 'p10', 'p50', 'p90')",
        "payer_monthly": f"period_end in {figures.NEWEST_MONTHS}",
    }
    for mart, where in narrowed.items():
        note = "" if where == "true" else f"Of the table, the rows where {_plain(where)}."
        block = of_mart(
            f"data_{mart}",
            f"marts.{mart}",
            mart,
            where=where,
            order=_newest_first(mart),
            plain_headings=True,
            note=note,
        )
        yield Sheet(f"data_{mart}", "For pivots: the published table, under its own column names", (block,))


def _newest_first(mart: str) -> str:
    key = [name for name in contract(f"marts.{mart}").key if name != "as_of"]
    first = [name for name in ("month_end", "period_end") if name in key]
    return ", ".join([*(f"{name} desc" for name in first), *(name for name in key if name not in first)])


def _plain(where: str) -> str:
    return where.replace(figures.NEWEST_MONTHS, f"the newest {figures.MONTHS_SHOWN} month-ends")
