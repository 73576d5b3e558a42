"""Which slides a review has: on each a message from its own figures, and the charts and tables that show it.

A message states what is there; it gives no reason and no advice. How slides are drawn belongs to `deck`.
"""

from __future__ import annotations

from collections.abc import Iterator

from assets.pack.blocks import Shown, shown
from assets.pack.edition import Edition
from assets.resources.warehouse import Warehouse
from assets.review import figures
from assets.review import messages as said
from assets.review.scope import Scope
from assets.review.slide import Panel, Parts, Slide
from assets.review.summary import summary


def slides(bundle: Warehouse, edition: Edition, scope: Scope) -> list[Slide]:
    """The slides between the first and the last, in the order in which they are read."""
    months = shown(figures.months(scope), bundle)
    return [
        Slide(*summary(bundle, edition, scope)),
        Slide(*_largest(bundle, scope)),
        Slide(*_payments(months, scope)),
        Slide(*_ageing(bundle, scope, months)),
        Slide(*_beyond_terms(bundle, scope, months)),
        Slide(*_disputes(bundle, scope, months)),
        Slide(*_promises(bundle, scope)),
        Slide(*_forecast(bundle, scope)),
    ]


def alone(scope: Scope) -> str:
    """What a slide in one currency says of the others."""
    others = ", ".join(scope.others)
    return f"In {scope.currency} alone: what is in {others} is left out." if others else ""


def _largest(bundle: Warehouse, scope: Scope) -> Parts:
    block = figures.open_items(scope) if scope.payer else figures.payers()
    found = shown(block, bundle)
    panel = Panel(found, "table", block.title, unit=scope.base)
    note = "Expected cash: what of the item is thought to be paid. P10 and P90: one in ten is paid by then, or after."
    if not scope.payer:
        note = f"Exposure in {scope.base or 'base currency: none is set'}; days and shares over 365 days."
    return said.of_largest(found, scope), (panel,), f"{note} {_cut(found)}".strip()


def _payments(months: Shown, scope: Scope) -> Parts:
    billed = Panel(
        months, "columns", f"Billed and collected by month, {scope.currency}", "period_end",
        ("billed_amount", "collected_amount"), scope.currency,
    )  # fmt: skip
    days = Panel(
        months, "lines", "Days from invoice to payment, weighed by cash", "period_end", ("days_to_pay",), "days"
    )
    return said.of_payments(months.frame, scope.currency), (billed, days), alone(scope)


def _ageing(bundle: Warehouse, scope: Scope, months: Shown) -> Parts:
    now = shown(figures.ageing(scope), bundle)
    unit = scope.aged[1]
    today = Panel(
        now, "stacked", f"Open on the day by days past due, {unit}", "aging_bucket", ("owed", "unapplied_credits"), unit
    )
    if scope.payer:
        names = ("not_past_due_amount", "past_due_amount")
        history = Panel(months, "stacked", f"Open at month-ends, {scope.currency}", "period_end", names, scope.currency)
        note = f"Not past due is net of credits. {alone(scope) and f'Month-ends: {alone(scope)}'}".strip()
        return said.of_ageing(now.frame, unit), (today, history), note
    found = "select aging_bucket from aging_monthly group by 1 order by min(bucket_order), 1"
    buckets = [row[0] for row in bundle.rows(found)]
    by_month = shown(figures.ageing_by_month(scope, buckets), bundle)
    history = Panel(
        by_month, "stacked", f"Open at month-ends by days past due, {unit}", "month_end", tuple(buckets), unit
    )
    return said.of_ageing(now.frame, unit), (today, history), "" if scope.base else alone(scope)


def _beyond_terms(bundle: Warehouse, scope: Scope, months: Shown) -> Parts:
    title = "Days beyond terms by month, of what was paid"
    if scope.payer:
        names = ("days_beyond_terms", "days_beyond_terms_of_all")
        panels = (Panel(months, "lines", title, "period_end", names, "days"),)
        return (
            said.of_beyond_terms(months.frame, scope),
            panels,
            f"Of all: every payer, weighed by cash. {alone(scope)}".strip(),
        )
    ends = shown(figures.days_beyond_terms(scope), bundle)
    panels = (
        Panel(months, "lines", title, "period_end", ("days_beyond_terms",), "days"),
        Panel(
            ends, "lines", "Days beyond terms over 90 days, by month-end", "period_end",
            ("dbt_paid", "dbt_open", "dbt_all"), "days",
        ),
    )  # fmt: skip
    note = "Paid: cash of 90 days, days early negative. Open: what is past due at the month-end. All: both."
    return said.of_beyond_terms(months.frame, scope), panels, f"{note} {alone(scope)}".strip()


def _disputes(bundle: Warehouse, scope: Scope, months: Shown) -> Parts:
    found = shown(figures.open_disputes(scope), bundle)
    reasons = bundle.rows(
        "select coalesce(nullif(reason, ''), 'not said'), count(*), sum(blocked_amount) from disputes"
        f" where {scope.own} and {scope.in_currency} group by 1 order by 2 desc, 3 desc, 1"
    )
    if scope.payer:
        title = f"Blocked by open disputes at month-ends, {scope.currency}"
        trend = Panel(months, "columns", title, "period_end", ("blocked_amount",), scope.currency)
    else:
        by_month = shown(figures.disputes_by_month(scope), bundle)
        names = ("opened_amount", "resolved_amount")
        title = f"Disputed and resolved by month, {scope.currency}"
        trend = Panel(by_month, "columns", title, "period_end", names, scope.currency)
    table = Panel(found, "table", found.block.title)
    return said.of_disputes(reasons, scope), (trend, table), f"{alone(scope)} {_cut(found)}".strip()


def _promises(bundle: Warehouse, scope: Scope) -> Parts:
    states = shown(figures.promises(scope), bundle)
    pending = shown(figures.open_promises(scope), bundle)
    chart = Panel(
        states, "columns", f"Promised and kept, by how promises ended, {scope.currency}", "state",
        ("amount", "kept_amount"), scope.currency,
    )  # fmt: skip
    panels = (chart, Panel(pending, "table", pending.block.title))
    return said.of_promises(states.frame, scope), panels, f"{alone(scope)} {_cut(pending)}".strip()


def _forecast(bundle: Warehouse, scope: Scope) -> Parts:
    found = shown(figures.receipts(scope, bundle), bundle)
    of_items = scope.payer and "p10" not in found.frame.columns
    unit = scope.currency if of_items else scope.base
    series = tuple(name for name in ("actual", "expected", "p10", "p90") if name in found.frame.columns)
    title = f"{found.block.title}, {unit or 'no base currency is set'}"
    chart = Panel(found, "fan", title, "week_end", series, unit)
    notes = list(_of_forecasts(scope, bool(of_items)))
    if scope.payer:
        return said.of_receipts(found.frame, unit), (chart,), " ".join(notes)
    record = shown(figures.accuracy(), bundle)
    table = Panel(record, "table", "How such forecasts did before, of what came")
    return said.of_receipts(found.frame, unit), (chart, table), " ".join(notes)


def _of_forecasts(scope: Scope, of_items: bool) -> Iterator[str]:
    if of_items:
        yield "Each open item's expected cash in the week of its expected date. Billings to come are not in it,"
        yield "nor what is expected later."
        yield alone(scope)
    else:
        yield "Expected: the mean. P10 and P90: one week in ten is below, or above. Billings to come are in it."
    if not scope.payer:
        yield "Error: what was missed, of what came; below 1, the ratio says that the best simple rule did worse."


def _cut(found: Shown) -> str:
    """How many rows a table leaves out."""
    left_out = found.row_count - found.frame.height
    return f"{left_out:,} more of {found.row_count:,} are in the published tables." if left_out else ""
