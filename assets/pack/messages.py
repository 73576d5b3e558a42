"""What a chart says, in one sentence above it, from its own figures.

A message states what is there; it gives no reason and no advice.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from assets.pack.cells import in_words
from assets.pack.headlines import Headline

CALENDAR = ("rolled_off", "rolled_on")
"""Steps that the passing of a week makes: they say nothing of payers."""


def money(amount: Decimal | float | None, unit: str, places: int = 0) -> str:
    """An amount as a sentence has it."""
    return "nothing that can be told" if amount is None else f"{unit} {amount:,.{places}f}".strip()


def told(found: Headline, value: Any, signed: bool = False) -> str:
    """A headline's value, or change, as it reads."""
    if value is None:
        return "–"
    sign = "+" if signed else ""
    if found.kind == "percent":
        return f"{float(value) * 100:{sign},.1f} {'points' if signed else '%'}"
    if found.kind == "days":
        return f"{float(value):{sign},.1f} days"
    number = f"{value:{sign},.0f}"
    return f"{found.unit} {number}" if found.kind == "money" else " ".join([number, *_of_how_many(found.unit)])


def _of_how_many(unit: str) -> list[str]:
    return [unit] if unit.startswith("of ") else []


def of_headlines(found: list[Headline]) -> str:
    """The sentence over all."""
    by_name = {one.name: one for one in found}
    balance, late = by_name.get("open_receivables"), by_name.get("past_due_share")
    if balance is None or late is None or late.now is None:
        return "The figures of the day"
    return f"{told(balance, balance.now)} is open, {told(late, late.now)} of it past due"


def of_ageing(found: list[Headline]) -> str:
    """How the part past due moved."""
    late = next((one for one in found if one.name == "past_due_share"), None)
    if late is None or late.now is None:
        return "Open receivables by days past due"
    moved = f", {told(late, late.change, True)} against {late.than.removeprefix('at ')}" if late.change else ""
    return f"{told(late, late.now)} of open receivables is past due{moved}"


def of_days(frame: pl.DataFrame) -> str:
    """DSO where most is open, and the best that terms allow."""
    if frame.is_empty() or frame["simple_90"][-1] is None:
        return "Days sales outstanding cannot be told: there were no sales to set receivables against"
    last = frame.row(-1, named=True)
    best = f"; {last['best_possible_90']:,.1f} were possible" if last["best_possible_90"] is not None else ""
    return f"DSO over 90 days is {last['simple_90']:,.1f} days in {last['entity_id']}, {last['currency']}{best}"


def of_weeks(frame: pl.DataFrame, base: str) -> str:
    """What is expected in all, and how sure the next week is."""
    ahead = frame.filter(pl.col("kind") == "forecast")
    if ahead.is_empty() or ahead["expected"].null_count():
        return "Receipts cannot be forecast in base currency"
    first = ahead.row(0, named=True)
    return (
        f"{money(ahead['expected'].sum(), base)} is expected in {ahead.height} weeks; next week"
        f" {money(first['p10'], base)}"
        f" to {money(first['p90'], base)} with a chance of 80 %"
    )


def of_bridge(frame: pl.DataFrame, what: str, base: str) -> str:
    """What a bridge comes to, and its largest step."""
    if frame.height < 2:
        return f"{what}: there is nothing to compare"
    first, last = frame["amount_base"][0], frame["amount_base"][-1]
    steps = (
        frame.slice(1, frame.height - 2)
        .filter(~pl.col("step").is_in(CALENDAR))
        .sort(pl.col("amount_base").cast(pl.Float64).abs(), descending=True)
    )
    change = last - first
    said = f"{what} is {money(abs(change), base)} {'more' if change > 0 else 'less'} than {money(first, base)}"
    if not change:
        said = f"{what} is what it was, {money(first, base)}"
    largest = steps.row(0, named=True) if steps.height else None
    if largest is None or not largest["amount_base"]:
        return said
    return f"{said}; the largest step is {in_words(largest['step'])}, {money(largest['amount_base'], base)}"


def of_rates(frame: pl.DataFrame) -> str:
    """From which bucket most rolled in the newest month."""
    if frame.is_empty():
        return "Roll rates: the book has no month to follow"
    last = {
        name: value for name, value in frame.row(-1, named=True).items() if name != "from_month" and value is not None
    }
    if not last:
        return "Roll rates: nothing was open at the newest month-end"
    bucket = max(last, key=lambda name: last[name])
    return f"From {bucket}, {last[bucket] * 100:.0f} % rolled on in the newest month, the most of any bucket"
