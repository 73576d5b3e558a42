"""Days of sales: sales of a window, countback, and the ten definitions for one entity and currency.

Belongs here: the arithmetic of DSO over open items and documents that are given. Does not: which items are
open, for which days it is asked (ledger.py). Days are Fraction, so nothing is rounded.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle.settlement import ZERO, Document

WINDOWS = (30, 90, 365)


def first_postings(found: dict[tuple, Document]) -> dict[tuple[str, str], date]:
    """(entity_id, currency) -> the first posting date of any document there, a later void or not."""
    firsts: dict[tuple[str, str], date] = {}
    for d in found.values():
        pair = (d.entity_id, d.currency)
        firsts[pair] = min(firsts.get(pair, d.posting_date), d.posting_date)
    return firsts


def sales_between(documents_of_pair: list[Document], after: date, until: date) -> Decimal:
    """Billings less credit memos posted in (after, until]; a void takes its document back on its own day."""
    sales = ZERO
    for d in documents_of_pair:
        if d.document_type == "payment":
            continue
        if after < d.posting_date <= until:
            sales += d.sign * d.amount
        if d.voided_on is not None and after < d.voided_on <= until:
            sales -= d.sign * d.amount
    return sales


def countback(receivables: Decimal, months: Iterable[tuple[int, Decimal]]) -> dict:
    """Take months' (days, sales), newest first, off receivables, the last pro rata.

    -> days, sales (of every month looked at, whole), flags.
    """
    if receivables <= 0:
        return {"days": Fraction(0), "sales": ZERO, "flags": {"no_receivables"}}
    counted, remaining, taken, flags = Fraction(0), receivables, ZERO, set()
    for days, sales in months:
        taken += sales
        if sales >= remaining:
            counted += days * Fraction(remaining) / Fraction(sales)
            return {"days": counted, "sales": taken, "flags": flags}
        if sales <= 0:
            flags.add("month_without_sales")
        counted += days
        remaining -= sales
    return {"days": counted, "sales": taken, "flags": flags | {"history_ends"}}


def months_back(documents_of_pair: list[Document], first: date, period_end: date) -> list[tuple[int, Decimal]]:
    """(days, sales) of the months from the period end's (running to it) back to the first posting's."""
    months = []
    until = period_end
    while until >= first:
        after = until.replace(day=1) - timedelta(1)
        months.append(((until - after).days, sales_between(documents_of_pair, after, until)))
        until = after
    return months


def _row(days: Fraction | None, receivables: Decimal, sales: Decimal, excluded: Decimal, flags: set[str]) -> dict:
    return {
        "days": days,
        "receivables": receivables,
        "sales": sales,
        "excluded_amount": excluded,
        "flag": ";".join(sorted(flags)),
    }


def dso_of_pair(
    items: list[dict], documents_of_pair: list[Document], related: set[str], first: date, period_end: date
) -> dict[str, dict]:
    """definition -> row at one period end; items and documents are those of one entity and currency."""
    excluded = sum((i["open_amount"] for i in items if i["customer_id"] in related), ZERO)
    ours = [i for i in items if i["customer_id"] not in related]
    billed = [d for d in documents_of_pair if d.customer_id not in related]
    receivables = sum((i["open_amount"] for i in ours), ZERO)
    not_yet_due = [i for i in ours if i["days_past_due"] is not None and i["days_past_due"] <= 0]
    best = sum((i["open_amount"] for i in not_yet_due), ZERO)
    rows = {}
    for n in WINDOWS:
        window_start = period_end - timedelta(n - 1)
        sales = sales_between(billed, window_start - timedelta(1), period_end)
        flags = {"short_history"} if first > window_start else set()
        if sales <= 0:
            flags.add("no_sales")
        for definition, amount in (
            (f"simple_{n}", receivables),
            (f"best_possible_{n}", best),
            (f"average_days_delinquent_{n}", receivables - best),
        ):
            days = Fraction(amount) / Fraction(sales) * n if sales > 0 else None
            rows[definition] = _row(days, amount, sales, excluded, flags)
    back = countback(receivables, months_back(billed, first, period_end))
    rows["countback"] = _row(back["days"], receivables, back["sales"], excluded, back["flags"])
    return rows
