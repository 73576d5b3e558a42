"""Collection metrics as published: every month-end of history and the day, by level, window and group.

Belongs here: which rows there are, what related parties take out of them, and their flag. Does not: what a metric
divides (collection.py).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle.collection import (
    YEAR,
    Group,
    Parts,
    Sides,
    Times,
    amount_of,
    months_before,
    months_of,
    parts_at,
    standing_metrics,
    turnover,
    window_metrics,
)
from tests.oracle.days_sales import first_postings
from tests.oracle.documents import ZERO, Book, OraclePolicy
from tests.oracle.ledger import month_ends

PERCENT = ("cei", "percent_current", "percent_past_due", "percent_over_90")
NO_SIDES = (Fraction(0), Fraction(0), ZERO)
Metrics = dict[tuple[str, int], Sides]  # (metric, window_days) -> both sides, and what it leaves out


def collection_metrics(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple, dict]:
    """(level, period_end, window_days, entity_id, segment, collector, currency, metric) -> value, sides, flag.

    A row whose sides and what it leaves out are all zero is none.
    """
    times = Times(book, as_of, known_at, policy)
    firsts = first_postings(times.documents)
    rows: dict[tuple, dict] = {}
    for period_end in sorted({*month_ends(min(firsts.values(), default=as_of), as_of), as_of}):
        found = parts_at(times, period_end)
        for group in {group for group, _ in found}:
            first = firsts[(group[1], group[4])]
            if first > period_end:
                continue
            ours, theirs = (metrics_of(times, found.get((group, is_related)), group) for is_related in (False, True))
            for name, days in {*ours, *theirs}:
                row = row_of(name, ours.get((name, days), NO_SIDES), theirs.get((name, days), NO_SIDES))
                row["flag"] = "short_history" if days and first > period_end - timedelta(days - 1) else ""
                level, entity_id, segment, collector, currency = group
                if row["numerator"] or row["denominator"] or row["excluded_amount"]:
                    rows[(level, period_end, days, entity_id, segment, collector, currency, name)] = row
    return rows


def metrics_of(times: Times, parts: Parts | None, group: Group) -> Metrics:
    """Every metric of one group at one period end, related parties or all others; none where it has no customer."""
    if parts is None:
        return {}
    is_related = bool(parts.documents) and times.is_related(parts.documents[0].customer_id)

    def balance(day: date) -> Decimal:
        return amount_of(
            [
                item
                for item in times.items(day)
                if group in times.groups(item["entity_id"], item["customer_id"], item["currency"])
                and times.is_related(item["customer_id"]) == is_related
            ]
        )

    metrics: Metrics = {(name, 0): sides for name, sides in standing_metrics(parts).items()}
    ends = [parts.period_end, *(months_before(parts.period_end, n) for n in range(1, 13))]
    ever_owed = [d.posting_date for d in parts.documents if d.voided_on is None or d.voided_on > d.posting_date]
    first = min(ever_owed, default=parts.period_end)
    balances = [balance(day) for day in ends if (day.year, day.month) >= (first.year, first.month)]
    sales, mean, _ = metrics[("turnover", YEAR)] = turnover(parts, balances)
    metrics[("turnover_days", YEAR)] = (mean, sales, Decimal(0))
    for days in times.policy.windows:
        before = balance(months_before(parts.period_end, months_of(days)))
        metrics |= {(name, days): sides for name, sides in window_metrics(parts, days, before).items()}
    for (name, days), (numerator, denominator, left_out) in metrics.items():
        if is_related:  # beside what it leaves out by itself: all that the figure is about
            metrics[(name, days)] = (numerator, denominator, whole_of(name, parts, denominator) + left_out)
    return metrics


def whole_of(name: str, parts: Parts, denominator: Fraction) -> Decimal:
    """The money that a metric is about: for those that compare two days, what is open at the period end."""
    if name in ("cei", "turnover", "turnover_days"):
        return amount_of(parts.items)
    return denominator.numerator / Decimal(denominator.denominator)


def row_of(name: str, ours: Sides, theirs: Sides) -> dict:
    """A published row: related parties are out of both sides, and said."""
    numerator, denominator, left_out = ours
    return {
        "value": value_of(name, numerator, denominator),
        "numerator": numerator,
        "denominator": denominator,
        "excluded_amount": left_out + theirs[2],
    }


def value_of(name: str, numerator: Fraction, denominator: Fraction) -> Fraction | None:
    """The metric of its two sides, as they are published: empty where there is nothing to divide by."""
    if denominator <= 0 or (name == "turnover_days" and numerator <= 0):
        return None
    return numerator / denominator * (100 if name in PERCENT else YEAR if name == "turnover_days" else 1)
