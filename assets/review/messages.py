"""What a slide says, in one sentence above it, from its own figures.

A message states what is there; it gives no reason and no advice.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from assets.pack.blocks import Shown
from assets.pack.messages import money
from assets.review.scope import Scope


def of_largest(found: Shown, scope: Scope) -> str:
    """How much of what is open the rows of a table are."""
    frame = found.frame
    if frame.is_empty():
        return "Nothing is open"
    if scope.payer:
        first = frame.row(0, named=True)
        least = f"The largest of {found.row_count:,} open items" if found.row_count > 1 else "The one open item"
        return f"{least} is {first['document_id']}, {money(first['open_amount'], first['currency'])}"
    whole = found.totals["open_exposure"]
    held = frame["open_exposure"].sum()
    return f"{frame.height} of {found.row_count:,} payers owe {_share(held, whole)} of {money(whole, scope.base)}"


def of_payments(frame: pl.DataFrame, unit: str) -> str:
    """What the newest months billed and collected, and how many days it took then and before."""
    if frame.is_empty():
        return "Nothing was billed or collected"
    last = frame.tail(3)
    amounts = f"{money(last['billed_amount'].sum(), unit)} was billed and {money(last['collected_amount'].sum(), unit)}"
    sentence = f"{amounts} collected in the last {_months(last.height)}"
    days = [value for value in frame["days_to_pay"].to_list() if value is not None]
    return f"{sentence}; the newest payments took {days[-1]:,.0f} days" if days else sentence


def of_ageing(frame: pl.DataFrame, unit: str) -> str:
    """What is owed, and the oldest of it."""
    owed = frame["owed"].sum() if frame.height else None
    if not owed:
        return "Nothing is owed"
    credits = frame["unapplied_credits"].sum()
    last = frame.filter(pl.col("owed") > 0).row(-1, named=True)
    beside = f", beside {money(-credits, unit)} of credits not applied" if credits else ""
    oldest = f"; {_share(last['owed'], owed)} of it is in {last['aging_bucket']}"
    return f"{money(owed, unit)} is owed{beside}{oldest}"


def of_beyond_terms(frame: pl.DataFrame, scope: Scope) -> str:
    """How far beyond terms the newest payments came, beside all payers' or the month before."""
    known = frame.filter(pl.col("days_beyond_terms").is_not_null())
    if known.is_empty():
        return "Days beyond terms cannot be told: nothing was paid that had a due date"
    last = known.row(-1, named=True)
    sentence = f"In {last['period_end']:%B %Y}, payments came {_days(last['days_beyond_terms'])}"
    if scope.payer:
        return f"{sentence}; those of all payers, {_days(last['days_beyond_terms_of_all'])}"
    mean = known["days_beyond_terms"].mean()
    return f"{sentence}; over {_months(known.height)}, {_days(mean)}"


def of_disputes(reasons: list[tuple[str, int, Decimal]], scope: Scope) -> str:
    """How many disputes are open, what they block, and the reason that most have."""
    if not reasons:
        return "No dispute is open" + (f" in {scope.currency}" if scope.others else "")
    count, blocked = sum(row[1] for row in reasons), sum((row[2] for row in reasons), Decimal(0))
    verb = "dispute is open and blocks" if count == 1 else "disputes are open and block"
    sentence = f"{count:,} {verb} {money(blocked, scope.currency)}"
    return f"{sentence}; the most frequent reason is {reasons[0][0].replace('_', ' ')}"


def of_promises(frame: pl.DataFrame, scope: Scope) -> str:
    """How many promises that came due were kept whole, and what is promised now."""
    counts: dict[str, int] = dict(zip(frame["state"], frame["promise_count"], strict=True)) if frame.height else {}
    due = sum(counts.get(state, 0) for state in ("kept", "partly_kept", "broken"))
    if not counts:
        return "Nothing was promised" + (f" in {scope.currency}" if scope.others else "")
    open_now: Any = frame.filter(state="open")["amount"].sum() if counts.get("open") else None
    ahead = f"{money(open_now, scope.currency)} is promised now" if open_now else "nothing is promised now"
    return (
        f"{counts.get('kept', 0):,} of {due:,} promises that came due were kept whole; {ahead}"
        if due
        else ahead.capitalize()
    )


def of_receipts(frame: pl.DataFrame, unit: str) -> str:
    """What is expected in all, and the range of the first week where it is known."""
    ahead = frame.filter(kind="forecast").sort("week_end") if frame.height else frame
    if ahead.is_empty() or ahead["expected"].null_count():
        return "Receipts cannot be forecast"
    if not ahead["expected"].sum():
        return f"No receipts are expected in {ahead.height} weeks"
    sentence = f"{money(ahead['expected'].sum(), unit)} is expected in {ahead.height} weeks"
    first = ahead.row(0, named=True)
    if first.get("p10") is None:
        return sentence
    low, high = money(first["p10"], unit), money(first["p90"], unit)
    return f"{sentence}; in the first, {low} to {high} with a chance of 80 %"


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{100 * float(part / whole):.0f} %" if whole else "none"


def _months(count: int) -> str:
    return "month" if count == 1 else f"{count} months"


def _days(days: float) -> str:
    if round(days) == 0:
        return "on their due dates"
    unit = "day" if abs(round(days)) == 1 else "days"
    return f"{abs(days):,.0f} {unit} {'after' if days > 0 else 'before'} their due dates"
