"""The headline figures: a few numbers with what they were before, and the goals; the same in the workbook and on
the page.

Every one is a sum, a difference or a quotient of published columns; what they mean belongs to `models`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from assets.pack.edition import Edition
from assets.pack.figures import SERVED, literal
from assets.resources.warehouse import Warehouse

Number = Decimal | float | int | None
SMALLEST_SHARE = Decimal("0.05")
"""A currency with less of a book's receivables has no headline of its own; its figures are on the sheet of metrics."""


@dataclass(frozen=True)
class Headline:
    """One figure: `kind` says how it reads, `better` which way is good news (0: neither), `than` what `before` is
    of."""

    name: str
    label: str
    unit: str
    kind: Literal["money", "days", "percent", "count"]
    now: Number
    before: Number = None
    than: str = ""
    target: Number = None
    better: int = 0

    @property
    def change(self) -> Number:
        """How much more it is than before."""
        return None if self.now is None or self.before is None else self.now - self.before  # type: ignore[operator]

    @property
    def news(self) -> str:
        """Whether the change is good or bad news, in a word, so that no colour has to say it."""
        if not self.better or not self.change:
            return ""
        return "better" if (self.change > 0) == (self.better > 0) else "worse"


def headlines(bundle: Warehouse, edition: Edition) -> list[Headline]:
    """The headline figures of a publication, in the order in which they are read."""
    return [
        *_balances(bundle, edition),
        *_days(bundle, edition),
        *_cash(bundle, edition),
        *_allowance(bundle, edition),
        *_goals(bundle),
        Headline("failed_checks", "Checks that did not pass", "checks", "count", len(edition.failed)),
    ]


def _balances(bundle: Warehouse, edition: Edition) -> Iterator[Headline]:
    late = [
        found["aging_bucket"]
        for found in edition.manifest["policy"]["settings"]["aging"]["buckets"]
        if (found.get("first_day") or 0) > 0
    ]
    names = ", ".join(literal(name) for name in late) or "''"
    rows = bundle.rows(
        f"select month_end, sum(open_amount_base), sum(case when aging_bucket in ({names}) then open_amount_base"
        f" else 0 end)"
        " from aging_monthly group by month_end order by month_end desc limit 2"
    )
    if not rows:
        return
    (_, open_now, late_now), *earlier = rows
    day, open_then, late_then = earlier[0] if earlier else (None, None, None)
    than = f"at {day}" if day else ""
    yield Headline(
        "open_receivables", "Open receivables, net of credits", edition.base, "money", open_now, open_then, than
    )
    yield Headline("past_due", "Past due, net of credits", edition.base, "money", late_now, late_then, than, better=-1)
    shares = (_share(late_now, open_now), _share(late_then, open_then))
    yield Headline("past_due_share", "Past due of open receivables", "share", "percent", *shares, than, better=-1)


def _share(part: Decimal | None, whole: Decimal | None) -> float | None:
    return float(part / whole) if part is not None and whole else None


def _days(bundle: Warehouse, edition: Edition) -> Iterator[Headline]:
    """DSO of each currency that matters; entities of one currency together, as both sides add up."""
    rows = bundle.rows(
        "select currency, period_end, sum(receivables), sum(sales) from dso where definition = 'simple_90' and"
        " period_end in"
        " (select period_end from (select distinct period_end from dso) as ends order by period_end desc limit 2)"
        " group by currency, period_end order by currency, period_end desc"
    )
    newest = max((row[1] for row in rows), default=None)
    open_in = dict(bundle.rows("select currency, abs(sum(open_amount_base)) from aging_detail group by currency"))
    least = SMALLEST_SHARE * sum(amount or 0 for amount in open_in.values())
    for currency in sorted({row[0] for row in rows}):
        own = {row[1]: row for row in rows if row[0] == currency}
        now, before = own.get(newest), next((row for day, row in own.items() if day != newest), None)
        if now is None or now[3] <= 0 or (open_in.get(currency) or 0) < least:
            continue
        than = f"at {before[1]}" if before else ""
        was = _quotient(before) if before else None
        label = f"DSO over 90 days, {currency}"
        goal = _goal(bundle, currency)
        yield Headline(f"dso_90_{currency.lower()}", label, "days", "days", _quotient(now), was, than, goal, -1)


def _quotient(row: tuple[str, object, Decimal, Decimal]) -> float | None:
    return float(row[2] / row[3] * 90) if row[3] > 0 else None


def _goal(bundle: Warehouse, currency: str) -> Decimal | None:
    """The one goal that entities set for DSO over 90 days in a currency for the newest period; None where they
    differ."""
    found = bundle.rows(
        "select target from targets where metric = 'dso' and definition = 'simple_90' and collector = '' and"
        " currency = $code"
        " and period_end = (select min(period_end) from targets where period_end >= as_of) group by target",
        {"code": currency},
    )
    return found[0][0] if len(found) == 1 else None


def _cash(bundle: Warehouse, edition: Edition) -> Iterator[Headline]:
    where = "level = 'total' and component = 'total' and statistic = 'mean'"
    weeks = [row[0] for row in bundle.rows(f"select amount from cash_forecast where {where} order by horizon_week")]
    if not weeks or any(amount is None for amount in weeks):
        return
    before = bundle.value("select sum(amount_base) from forecast_bridge where step = 'previous'")
    yield Headline("cash_4_weeks", "Cash expected in 4 weeks", edition.base, "money", sum(weeks[:4]))
    yield Headline(
        "cash_13_weeks",
        "Cash expected in 13 weeks",
        edition.base,
        "money",
        sum(weeks),
        before,
        "a week before",
        better=1,
    )
    found = bundle.rows(
        f"select wape, ratio from forecast_accuracy where scope = 'total' and grain = 'week' and horizon_weeks = '1-4'"
        f" and model = {SERVED}"
    )
    if found and found[0][0] is not None:
        label = "Error of such forecasts over weeks 1 to 4, of what came"
        yield Headline("forecast_error", label, "share", "percent", found[0][0])
    if found and found[0][1] is not None:
        label = "That error beside the best simple rule's (below 100 % is better)"
        yield Headline("forecast_error_ratio", label, "share", "percent", found[0][1])


def _allowance(bundle: Warehouse, edition: Edition) -> Iterator[Headline]:
    lines = dict(bundle.rows("select line, sum(amount_base) from allowance_rollforward group by line"))
    if "closing" not in lines:
        return
    opened = edition.manifest.get("opened_from")
    before = lines.get("opening") if opened else None
    than = f"at the close of {opened['as_of']}" if opened else ""
    yield Headline("allowance", "Allowance for credit losses", edition.base, "money", lines["closing"], before, than)
    exposure = bundle.value("select sum(exposure_base) from allowance_schedule")
    label = "Allowance of the exposure on the schedule"
    held = bundle.value("select sum(allowance_base) from allowance_schedule")
    yield Headline("allowance_rate", label, "share", "percent", _share(held, exposure))


def _goals(bundle: Warehouse) -> Iterator[Headline]:
    likely, judged = bundle.rows(
        "select coalesce(sum(case when probability_met >= 0.5 then 1 else 0 end), 0), count(probability_met)"
        " from targets"
        " where period_end = (select min(period_end) from targets where period_end >= as_of)"
    )[0]
    if judged:
        label = "Goals of the period that are more likely met than not"
        yield Headline("goals_likely_met", label, f"of {judged} goals", "count", int(likely))
