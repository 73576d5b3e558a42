"""Open items, ageing and DSO by hand: loops over documents with Decimal and dates, and nothing of the project.

Belongs here: the arithmetic that `marts.md` defines, for books in which a receipt pays one invoice and a credit
is applied or given back, never both. Does not: reading a file, which each test does for itself; the caps on
receipts that pay several invoices, which the oracle has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

LONGEST_TERMS = timedelta(days=400)
BUCKETS = ((0, "current"), (30, "1-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"))
ZERO = Decimal(0)


@dataclass(frozen=True)
class Document:
    """An invoice, or a payment or credit memo, which count negative."""

    id: str
    kind: str
    on: date
    amount: Decimal
    due: date | None = None
    currency: str = "USD"
    entity: str = "main"
    posted: date | None = None

    @property
    def posting(self) -> date:
        return self.posted or self.on

    @property
    def sign(self) -> int:
        return 1 if self.kind == "invoice" else -1

    @property
    def has_believable_due_date(self) -> bool:
        return self.due is not None and self.on <= self.due <= self.on + LONGEST_TERMS

    @property
    def aged_from(self) -> date:
        return self.due if self.due and self.has_believable_due_date else self.on


@dataclass(frozen=True)
class Paid:
    """So much of a payment (or credit) for one invoice, on a day; `id` orders those of one day."""

    id: str
    source: str
    invoice: str
    on: date
    amount: Decimal


@dataclass(frozen=True)
class Refund:
    """So much given back out of a credit, on a day."""

    id: str
    source: str
    on: date
    amount: Decimal


@dataclass(frozen=True)
class Book:
    """Documents by (kind is an invoice, id), what was paid on invoices, and what was given back of credits."""

    documents: list[Document]
    paid: list[Paid]
    refunds: tuple[Refund, ...] = ()

    def of(self, entity: str, currency: str) -> list[Document]:
        return [d for d in self.documents if (d.entity, d.currency) == (entity, currency)]

    def pairs(self, as_of: date) -> set[tuple[str, str]]:
        return {(d.entity, d.currency) for d in self.documents if d.posting <= as_of}


def open_items(book: Book, as_of: date) -> dict[Document, Decimal]:
    """What is open at the end of a day; receipts and credits negative. First come, first served."""
    owed = {d.id: d for d in book.documents if d.sign == 1 and d.posting <= as_of}
    held = {d.id: d for d in book.documents if d.sign == -1 and d.posting <= as_of}
    left = {d: d.amount for d in [*owed.values(), *held.values()]}
    effective = []
    for p in book.paid:
        if p.source in held and p.invoice in owed and p.on <= as_of:
            source, invoice = held[p.source], owed[p.invoice]
            effective.append((max(p.on, source.posting, invoice.posting), p.id, source, invoice, p.amount))
    for _, _, source, invoice, asked in sorted(effective, key=lambda row: row[:2]):
        taken = min(asked, left[source], left[invoice])
        left[source] -= taken
        left[invoice] -= taken
    # no credit is both applied and given back here, so the order between the two does not matter
    for refund in sorted(book.refunds, key=lambda r: (r.on, r.id)):
        if refund.source in held and refund.on <= as_of:
            source = held[refund.source]
            left[source] -= min(refund.amount, left[source])
    return {d: d.sign * amount for d, amount in left.items() if amount}


def bucket(days: int) -> str:
    return next((name for last, name in BUCKETS if days <= last), "over-120")


def ageing(items: dict[Document, Decimal], as_of: date) -> dict[tuple[str, str, str], tuple[int, Decimal]]:
    """(entity, currency, bucket) -> how many and how much, receipts and credits in the bucket of their own date."""
    found: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for d, amount in items.items():
        at = (d.entity, d.currency, bucket((as_of - d.aged_from).days))
        count, total = found.get(at, (0, ZERO))
        found[at] = (count + 1, total + amount)
    return found


def dso(documents: list[Document], items: dict[Document, Decimal], as_of: date) -> dict[str, tuple]:
    """Definition -> (days, receivables, sales) on a day, for the documents and open items of one currency."""
    receivables = sum(items.values(), ZERO)
    not_due = sum((amount for d, amount in items.items() if d.aged_from >= as_of), ZERO)
    per_day: dict[date, Decimal] = defaultdict(Decimal)
    for d in documents:
        if d.kind != "payment" and d.posting <= as_of:
            per_day[d.posting] += d.sign * d.amount
    found = {}
    for n in (30, 90, 365):
        sales = sum((amount for day, amount in per_day.items() if day > as_of - timedelta(days=n)), ZERO)
        for name, part in (
            ("simple", receivables),
            ("best_possible", not_due),
            ("average_days_delinquent", receivables - not_due),
        ):
            found[f"{name}_{n}"] = (_ratio(part * n, sales) if sales > 0 else None, part, sales)
    first = min(d.posting for d in documents if d.posting <= as_of)
    found["countback"] = countback(receivables, months_back(per_day, first, as_of))
    return found


def months_back(per_day: dict[date, Decimal], first: date, until: date) -> Iterator[tuple[int, Decimal]]:
    """(days, sales) of each month, newest first: from that of the day, running to it, to that of the first."""
    by_month: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for day, amount in per_day.items():
        by_month[day.year, day.month] += amount
    while until >= first:
        start = until.replace(day=1)
        yield (until - start).days + 1, by_month[until.year, until.month]
        until = start - timedelta(days=1)


def countback(receivables: Decimal, months: Iterable[tuple[int, Decimal]]) -> tuple:
    """Months of sales taken off receivables, the last pro rata: (days, receivables, sales of all months looked at)."""
    days, looked_at = Decimal(0), ZERO
    if receivables <= 0:
        return days, receivables, looked_at
    for month_days, sales in months:
        before, looked_at = looked_at, looked_at + sales
        if looked_at >= receivables:
            return days + _ratio((receivables - before) * month_days, sales), receivables, looked_at
        days += month_days
    return days, receivables, looked_at


def _ratio(numerator: Decimal, denominator: Decimal) -> Decimal:
    with localcontext(prec=40):
        return numerator / denominator
