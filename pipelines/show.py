"""What the command line prints: progress while a run works, and how it ended.

No figure is computed here.
"""

from __future__ import annotations

import sys
import traceback
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from assets.pack.files import PAGE
from assets.resources.home import Home, HomeBusy, HomeGone
from assets.resources.warehouse import Warehouse
from pipelines.outcome import Exit, Outcome
from pipelines.run import run_day, step_count


@cache
def console() -> Console:
    """The one console; what is printed has no markup, since ids may hold brackets."""
    narrow = not sys.stdout.isatty()
    return Console(markup=False, highlight=False, width=140 if narrow else None)


def printable(text: str | None, longest: int = 60) -> str:
    """What somebody else wrote, as it may stand on a terminal: no control characters, and not too long."""
    shown = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text or "")
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def money(amount: Decimal | None) -> str:
    """An amount to the cent, or as exactly as it is; nothing where there is none."""
    if amount is None:
        return ""
    return f"{amount:,.2f}" if amount == round(amount, 2) else f"{amount.normalize():,f}"


def running(home: Home, day: date) -> Outcome:
    """Run a day with a progress bar, or plain lines where the output is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        task = progress.add_task("starting", total=step_count())

        def show(step: str) -> None:
            progress.update(task, advance=1, description=step.replace("__", "."))

        return run_day(home, day, show)


def show_outcome(home: Home, outcome: Outcome) -> None:
    """Say how a run ended: what failed or warns, and where the publication is."""
    _show_checks(outcome)
    for line in outcome.told:
        console().print(line)
    if outcome.exit is Exit.ERROR:
        console().print(f"error: {outcome.error}")
        return
    if outcome.publication is None:
        for line in stopped_files(home):
            console().print(line)
        console().print(
            f"blocked: nothing was published for {outcome.as_of}; the last good publication stays."
            " Mend what failed above and run again."
        )
        return
    show_summary(outcome.publication)
    said = "published with warnings" if outcome.exit is Exit.PUBLISHED_WITH_WARNINGS else "published"
    console().print(f"{said}: {outcome.publication}", soft_wrap=True)
    console().print(f"report: {outcome.publication / PAGE}", soft_wrap=True)


def stopped_files(home: Home) -> list[str]:
    """What is wrong with each file that stopped its batch, in words."""
    with home.warehouse(read_only=True) as warehouse:
        if not warehouse.exists("raw.file_notes"):
            return []
        rows = warehouse.rows(
            "select file_name, line, found, expected from raw.file_notes where kind = 'stopped' order by 1"
        )
    return [
        f"{name}{'' if line is None else f', line {line:,}'}: found {found}, expected {expected}"
        for name, line, found, expected in rows
    ]


def _show_checks(outcome: Outcome) -> None:
    failed = [result for result in outcome.results if not result.passed]
    if not failed:
        return
    table = Table(box=SIMPLE, title="checks that did not pass", title_justify="left")
    for column in ("", "table", "what should hold", "rows", "amount"):
        table.add_column(
            column, justify="right" if column in ("rows", "amount") else "left", no_wrap=column == "amount"
        )
    for result in sorted(failed, key=lambda found: (found.severity, found.table_name, found.check_name)):
        amount = "" if result.failing_amount is None else f"{result.failing_amount:,.2f}"
        table.add_row(result.severity, result.table_name, result.description, f"{result.failing_rows:,}", amount)
    console().print(table)


def show_summary(publication: Path) -> None:
    """The ageing of a publication by currency, credits apart, as a small table."""
    with Warehouse(publication / "receivables.duckdb", read_only=True) as bundle:
        cells = bundle.rows(
            "select currency, aging_bucket, min(bucket_order), sum(open_amount) from aging where view = 'separate'"
            " group by currency, aging_bucket order by 3"
        )
        days = dict(
            bundle.rows(
                "select currency, case when sum(sales) > 0 then sum(receivables) / sum(sales) * 90 end from dso"
                " where definition = 'simple_90' and period_end = as_of group by currency"
            )
        )
    buckets = list(dict.fromkeys(bucket for _, bucket, _, _ in cells))
    amounts = {(currency, bucket): amount for currency, bucket, _, amount in cells}
    table = Table(
        box=SIMPLE, title="open items by days past due, in whole units of each currency", title_justify="left"
    )
    for column in ("currency", *buckets, "open", "DSO 90"):
        table.add_column(column, justify="left" if column == "currency" else "right", no_wrap=True)
    for currency in sorted({currency for currency, _ in amounts}):
        row = [amounts.get((currency, bucket), 0) for bucket in buckets]
        dso = days.get(currency)
        table.add_row(currency, *[f"{amount:,.0f}" for amount in [*row, sum(row)]], "" if dso is None else f"{dso:.1f}")
    console().print(table)


def plain_error(error: Exception) -> str:
    """An error as a person reads it; what nobody foresaw comes with its trace."""
    from assets.resources.warehouse import WarehouseError
    from models.raw.declaration import DeclarationError

    if isinstance(error, DeclarationError | HomeBusy | HomeGone | WarehouseError | ValueError | OSError):
        return f"error: {error}"
    return "".join(traceback.format_exception(error))
