"""In which currencies an entity and the group keep their books, and what one currency is worth in another on a day.

Belongs here: functional and base currencies, daily rates (direct, inverse, across the pivot, carried forward, kept as
they were when a period was closed). Does not: amounts (foreign.py).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

from tests.oracle.documents import Book, OraclePolicy, documents, known


def functional_currencies(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[str, str]:
    """Entity -> its currency: as its feed says, else the only one of its documents; where there are several, none."""
    of_entity: dict[str, set[str]] = {}
    for d in documents(book, known_at, policy).values():
        if d.posting_date <= as_of:
            of_entity.setdefault(d.entity_id, set()).add(d.currency)
    only = {entity_id: min(found) for entity_id, found in of_entity.items() if len(found) == 1}
    told = {
        row.get("entity_id") or policy.default_entity: row["functional_currency"]
        for row in known(book, "entities", known_at)
        if row.get("functional_currency")
    }
    return only | {entity_id: currency for entity_id, currency in told.items() if entity_id in of_entity}


@dataclass(frozen=True)
class Rate:
    """What one unit of a currency is worth in another, for which day that was said, and how it was come by."""

    value: Fraction
    rate_date: date
    source: str  # own, direct, inverse or cross


@dataclass
class Rates:
    """All rates of a book as known at a time; `pivot` is the currency over which rates are crossed, if any."""

    book: Book
    known_at: datetime
    pivot: str | None
    carry_days: int = 7

    def __post_init__(self) -> None:
        pairs = {(row["rate_date"], row["from_currency"], row["to_currency"]) for row in self.book.get("fx_rates", [])}
        told = {pair: self._told(*pair) for pair in pairs if pair[1] != pair[2]}
        self.told = {pair: Fraction(rate) for pair, rate in told.items() if rate is not None}

    def _told(self, rate_date: date, given: str, wanted: str) -> Decimal | None:
        """What is known of a day's rate; in a closed period what was known at the end of the day of its closing.

        What came only after the closing is better than nothing, and then it is the first that came.
        """
        wanted_key = (rate_date, given, wanted)
        versions = [
            row
            for row in self.book["fx_rates"]
            if (row["rate_date"], row["from_currency"], row["to_currency"]) == wanted_key
            and row["known_from"] <= self.known_at
        ]
        closed_on = self._closed_on(rate_date)
        if closed_on is None:
            return next((row["rate"] for row in versions if row["known_to"] > self.known_at), None)
        then = [row for row in versions if row["known_from"].date() <= closed_on < row["known_to"].date()]
        later = sorted((row for row in versions if row["known_from"].date() > closed_on), key=lambda r: r["known_from"])
        return next((row["rate"] for row in (*then, *later)), None)

    def _closed_on(self, day: date) -> date | None:
        """The first closing, before the day of knowledge, of a fiscal period that holds a day."""
        closings = [
            row["closed_on"]
            for row in known(self.book, "fiscal_periods", self.known_at)
            if row["period_start"] <= day <= row["period_end"]
            and row["closed_on"]
            and row["closed_on"] < self.known_at.date()
        ]
        return min(closings, default=None)

    def rate(self, given: str, wanted: str, on: date) -> Rate | None:
        """As told, else the inverse, else across the pivot; each carried forward as long as the policy allows."""
        if given == wanted:
            return Rate(Fraction(1), on, "own")
        leg = self._leg(given, wanted, on)
        if leg or self.pivot in (None, given, wanted):
            return leg
        first, second = self._leg(given, self.pivot, on), self._leg(self.pivot, wanted, on)
        if first is None or second is None:
            return None
        return Rate(to_ten_digits(first.value * second.value), min(first.rate_date, second.rate_date), "cross")

    def _leg(self, given: str, wanted: str, on: date) -> Rate | None:
        """A rate without a crossing."""
        for source, pair in (("direct", (given, wanted)), ("inverse", (wanted, given))):
            days = [day for day, *of in self.told if tuple(of) == pair and 0 <= (on - day).days <= self.carry_days]
            if days:
                value = self.told[(max(days), *pair)]
                return Rate(value if source == "direct" else to_ten_digits(1 / value), max(days), source)
        return None


def to_ten_digits(exact: Fraction) -> Fraction:
    """A positive rate as it is written: ten digits after the point, half-up."""
    return Fraction(floor(exact * 10**10 + Fraction(1, 2)), 10**10)


def base_currency(chosen: str | None, book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> str | None:
    """The policy's; else the only functional, else the only document, currency of what is posted by the day."""
    posted = [d for d in documents(book, known_at, policy).values() if d.posting_date <= as_of]
    functional = functional_currencies(book, as_of, known_at, policy)
    for found in ({functional.get(d.entity_id) for d in posted}, {d.currency for d in posted}):
        if chosen is None and len(found) == 1 and None not in found:
            return found.pop()
    return chosen
