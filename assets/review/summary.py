"""The slide that says how things stand: a few figures, each with what it is compared with.

Of the book they are the headlines of the workbook and the page; of an account, what `payment_trends` and its
neighbours hold. Nothing is worked out here that no table has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from assets.pack.blocks import Block, Shown
from assets.pack.edition import Edition
from assets.pack.headlines import headlines
from assets.pack.messages import of_headlines, told
from assets.resources.warehouse import Warehouse
from assets.review.scope import Scope
from assets.review.slide import Panel, Parts

Line = tuple[str, str, str]


def summary(bundle: Warehouse, edition: Edition, scope: Scope) -> Parts:
    """The message, the table and the note of the slide."""
    if scope.payer:
        lines = list(_of_account(bundle, edition, scope))
        is_open = bundle.value(f"select coalesce(sum(open_exposure), 0) from payment_trends where {scope.own}")
        how = f"{lines[0][1]} is open, {lines[1][1]} of it past due" if is_open else "nothing is open"
        message = f"Account {scope.payer}: {how}"
        note = "Of 12 months: 365 days to the day. Amounts are in base currency, at the day's closing rates."
    else:
        found = headlines(bundle, edition)
        message = of_headlines(found)
        lines = [
            (one.label, told(one, one.now), f"{told(one, one.before)} {one.than}" if one.than else "") for one in found
        ]
        note = ""
    columns = list(zip(*lines, strict=True))
    names = ("figure", "now", "beside")
    frame = pl.DataFrame(dict(zip(names, columns, strict=True)), schema=dict.fromkeys(names, pl.String))
    block = Block("summary", "How things stand", "", plain_headings=True)
    return message, (Panel(Shown(block, frame, frame.height, {}, {}), "table", block.title),), note


def _of_account(bundle: Warehouse, edition: Edition, scope: Scope) -> Iterator[Line]:
    found = bundle.frame(f"select * from payment_trends where {scope.own}").to_dicts()
    trends = found[0] if found else dict.fromkeys(bundle.frame("select * from payment_trends limit 0").columns)
    unit = trends["base_currency"] or edition.base
    yield "Open", _amount(trends["open_exposure"], unit), f"{_percent(trends['concentration'])} of the whole book"
    yield "Past due", _amount(trends["past_due_exposure"], unit), ""
    yield "Billed in 12 months", _amount(trends["billed_12m"], unit), f"paid {_amount(trends['paid_12m'], unit)}"
    yield (
        "Days from invoice to payment, 12 months",
        _days(trends["days_to_pay_12m"]),
        f"{_days(trends['days_to_pay_3m'])} over 3 months",
    )
    terms = "Days beyond terms, 12 months"
    yield terms, _days(trends["days_beyond_terms_12m"]), f"{_days(trends['days_beyond_terms_3m'])} over 3 months"
    parts = f"in parts {_percent(trends['partial_share'])}, with a discount {_percent(trends['discounted_share'])}"
    yield "Cash that came late, 12 months", _percent(trends["late_share"]), parts
    yield "Billings disputed, 12 months", _percent(trends["disputed_share"]), ""
    count = trends["promise_count"] or 0
    yield "Promises broken", f"{trends['broken_promise_count'] or 0:,}", f"of {count:,}"
    score = trends["payment_score"]
    yield "Payment score (100 is best)", "–" if score is None else f"{score:,.0f}", ""
    yield from _behaviour(bundle, scope)


def _behaviour(bundle: Warehouse, scope: Scope) -> Iterator[Line]:
    """The calendar on which an account pays, and whether it pays otherwise than it used to."""
    for day, share in bundle.rows(f"select next_run_date, share_on_pattern from payment_runs where {scope.own}"):
        yield "Next day on which it usually pays", f"{day}", f"{_percent(share)} of its payments keep to that calendar"
    changes = f"select direction, changed_on, days_before, days_after from behaviour_changes where {scope.own}"
    for direction, day, before, after in bundle.rows(changes):
        yield (
            "Pays otherwise than it used to",
            f"{direction} since {day}",
            f"{_days(before)} before, {_days(after)} after",
        )


def _amount(value: Any, unit: str) -> str:
    return "–" if value is None else f"{unit} {value:,.0f}".strip()


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f} days"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
