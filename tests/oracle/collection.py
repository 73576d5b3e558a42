"""Collection metrics: how well receivables are collected, from what stood at a day and what happened in a window.

Belongs here: every metric of marts.md with both its sides and what it leaves out, at each level. Does not: open items
(ledger.py), sales (days_sales.py), what cash settled which invoice (settlement.py).

A metric is (numerator, denominator, excluded) in Fractions: nothing is rounded here.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle.claims import APPLIED, Claim
from tests.oracle.days_sales import sales_between
from tests.oracle.documents import ZERO, Book, Document, OraclePolicy, customer_on, documents
from tests.oracle.ledger import aged_from, good_due_date, open_items
from tests.oracle.settlement import settled

Group = tuple[str, str, str, str, str]  # level, entity_id, segment, collector, currency
YEAR = 365
AT_RISK_DAYS = 90


@dataclass
class Paid:
    """Cash of one payment on one invoice."""

    took_effect_on: date
    cash: Decimal
    days_to_pay: int
    terms_days: int | None
    invoice: Document


class Times:
    """A book asked about many days: each day is worked out once."""

    def __init__(self, book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> None:
        self.book, self.as_of, self.known_at, self.policy = book, as_of, known_at, policy
        self.documents = documents(book, known_at, policy)
        self._items: dict[date, list[dict]] = {}
        self._settled: dict[date, tuple[dict[tuple, Document], list[Claim]]] = {}

    def items(self, day: date) -> list[dict]:
        """The open items of a day."""
        if day not in self._items:
            self._items[day] = open_items(self.book, day, self.known_at, self.policy, customers_on=self.as_of)
        return self._items[day]

    def claims(self, day: date) -> list[Claim]:
        """The claims that are live on a day."""
        if day not in self._settled:
            self._settled[day] = settled(self.book, day, self.known_at, self.policy)
        return self._settled[day][1]

    def customer(self, customer_id: str) -> dict:
        """The customer as on the day of the run."""
        return customer_on(self.book, customer_id, self.as_of, self.known_at)

    def is_related(self, customer_id: str) -> bool:
        """Whether the customer is of the same group, as on the day of the run."""
        return self.customer(customer_id).get("related_party") is True

    def groups(self, entity_id: str, customer_id: str, currency: str) -> Iterator[Group]:
        """The three groups in which a customer's money counts."""
        customer = self.customer(customer_id)
        yield "entity", entity_id, "all", "all", currency
        yield "segment", entity_id, customer.get("segment") or "", "all", currency
        yield "collector", entity_id, "all", customer.get("collector") or "", currency

    def due_day(self, document: Document, due_date: date | None) -> date | None:
        """The due date that can be believed, else the day from which the policy ages, if any."""
        good = good_due_date(document, due_date, self.policy)[0]
        return good or aged_from(document, None, self.customer(document.customer_id), self.policy)

    def paid_by(self, day: date) -> list[Paid]:
        """Every application of cash that stands on the day."""
        found = []
        for c in self.claims(day):
            if c.kind == APPLIED and c.invoice and c.source.document_type == "payment" and c.cash:
                due_day = self.due_day(c.invoice, c.invoice.due_date)
                invoiced = c.invoice.document_date
                terms = None if due_day is None else (due_day - invoiced).days
                days_to_pay = (c.source.document_date - invoiced).days
                found.append(Paid(c.effective_from, c.cash, days_to_pay, terms, c.invoice))
        return found


@dataclass
class Parts:
    """What one group's metrics at one period end are made of."""

    times: Times
    period_end: date
    items: list[dict] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    def owed(self) -> list[dict]:
        """Items that customers owe."""
        return [item for item in self.items if item["open_amount"] > 0]

    def due_day_of(self, item: dict) -> date | None:
        """The day on which an item was due, for days beyond terms."""
        if item["due_date"] is None and item["days_past_due"] is not None:
            return self.period_end - timedelta(item["days_past_due"])
        return item["due_date"]

    def days_late(self, item: dict) -> int:
        """How many days the item is beyond its day; 0 where it has none."""
        due_day = self.due_day_of(item)
        return 0 if due_day is None else max(0, (self.period_end - due_day).days)

    def paid_since(self, first: date) -> list[Paid]:
        """Cash that took effect from a day on."""
        return [paid for paid in self.paid if paid.took_effect_on >= first]


def is_past_due(item: dict) -> bool:
    """Whether the item is past due, whatever the grace: not known to be not yet due, as in best-possible DSO."""
    return item["days_past_due"] is None or item["days_past_due"] > 0


def amount_of(items: list[dict]) -> Decimal:
    """What is open of items."""
    return sum((item["open_amount"] for item in items), ZERO)


Sides = tuple[Fraction, Fraction, Decimal]  # numerator, denominator, and what else it leaves out


def standing_metrics(p: Parts) -> dict[str, Sides]:
    """How things stand at the period end."""
    owed = p.owed()
    whole = Fraction(amount_of(owed))
    late = [item for item in owed if p.days_late(item) > 0]
    undated = amount_of([item for item in owed if p.due_day_of(item) is None])
    weight = sum((item["open_amount"] * p.days_late(item) for item in late), ZERO)
    past_due = amount_of([item for item in owed if is_past_due(item)])
    over_90 = amount_of([item for item in owed if (item["days_past_due"] or 0) > 90])
    unapplied = -amount_of([item for item in p.items if item["open_amount"] < 0])
    return {
        "percent_current": (whole - Fraction(past_due), whole, ZERO),
        "percent_past_due": (Fraction(past_due), whole, ZERO),
        "percent_over_90": (Fraction(over_90), whole, ZERO),
        "unapplied_share": (Fraction(unapplied), whole, ZERO),
        "dbt_open": (Fraction(weight), Fraction(amount_of(late)), undated),
    }


def window_metrics(p: Parts, days: int, before: Decimal) -> dict[str, Sides]:
    """What happened in the window up to the period end; `before`: what was open before its whole months."""
    paid = p.paid_since(p.period_end - timedelta(days - 1))
    dated = [one for one in paid if one.terms_days is not None]
    cash, dated_cash = (sum((one.cash for one in some), ZERO) for some in (paid, dated))
    undated = cash - dated_cash
    floor = 0 if p.times.policy.early_payments == "floored" else -(10**9)
    beyond = sum((one.cash * max(floor, one.days_to_pay - one.terms_days) for one in dated), ZERO)
    late, late_amount, undated_owed = standing_metrics(p)["dbt_open"]
    return {
        "cei": cei(p, days, before),
        "at_risk_rate": at_risk(p, days),
        "weighted_days_to_pay": (sides_of(paid, [one.days_to_pay for one in paid]), Fraction(cash), ZERO),
        "weighted_terms": (sides_of(dated, [one.terms_days for one in dated]), Fraction(dated_cash), undated),
        "dbt_paid": (Fraction(beyond), Fraction(dated_cash), undated),
        "dbt_all": (Fraction(beyond) + late, Fraction(dated_cash) + late_amount, undated + undated_owed),
    }


def sides_of(paid: list[Paid], days: list[int]) -> Fraction:
    """Cash times days, added up."""
    return Fraction(sum((one.cash * n for one, n in zip(paid, days, strict=True)), ZERO))


def months_of(days: int) -> int:
    """The whole months nearest to a window."""
    return max(1, round(days / 30.4375))


def months_before(day: date, months: int) -> date:
    """The last day before that many months, the newest of which is the day's own."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def cei(p: Parts, days: int, before: Decimal) -> Sides:
    """What was collected of what could have been."""
    months = months_of(days)
    sales = Fraction(sales_between(p.documents, months_before(p.period_end, months), p.period_end))
    if p.times.policy.cei_months == "monthly_average":
        sales = sales / months
    closing = Fraction(amount_of(p.items))
    not_yet_due = closing - Fraction(amount_of([item for item in p.items if is_past_due(item)]))
    return Fraction(before) + sales - closing, Fraction(before) + sales - not_yet_due, ZERO


def at_risk(p: Parts, days: int) -> Sides:
    """Of the billings that became ninety days old in the window, what was unpaid on that day, written off or not."""
    billed = unpaid = ZERO
    for d in p.documents:
        day = d.document_date + timedelta(AT_RISK_DAYS)
        is_void = d.voided_on is not None and d.voided_on <= day
        if d.sign < 0 or is_void or not p.period_end - timedelta(days) < day <= p.period_end:
            continue
        taken = sum(
            (c.taken for c in p.times.claims(day) if c.kind == APPLIED and c.invoice and c.invoice.key == d.key), ZERO
        )
        standing = p.times._settled[day][0][d.key]
        billed += d.amount
        unpaid += min(d.amount, d.amount - taken + standing.reopened)
    return Fraction(unpaid), Fraction(billed), ZERO


def turnover(p: Parts, balances: list[Decimal]) -> Sides:
    """Sales of a year over the mean of the newest balances."""
    sales = sales_between(p.documents, p.period_end - timedelta(YEAR), p.period_end)
    return Fraction(sales), Fraction(sum(balances, ZERO)) / max(1, len(balances)), ZERO


def parts_at(times: Times, period_end: date) -> dict[tuple[Group, bool], Parts]:
    """(group, is related) -> its parts at a period end."""
    found: dict[tuple[Group, bool], Parts] = defaultdict(lambda: Parts(times, period_end))

    def parts(entity_id: str, customer_id: str, currency: str) -> Iterator[Parts]:
        for group in times.groups(entity_id, customer_id, currency):
            yield found[(group, times.is_related(customer_id))]

    for item in times.items(period_end):
        for one in parts(item["entity_id"], item["customer_id"], item["currency"]):
            one.items.append(item)
    for paid in times.paid_by(period_end):
        for one in parts(paid.invoice.entity_id, paid.invoice.customer_id, paid.invoice.currency):
            one.paid.append(paid)
    for d in times.documents.values():
        for one in parts(d.entity_id, d.customer_id, d.currency):
            one.documents.append(d)
    return found
