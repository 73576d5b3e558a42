"""Books in several currencies: what was booked in the entity's own, and the rates of some days.

Belongs here: drawing them over the books of `tests/oracle`, and what a converted line must be, in fractions. Does
not: the oracle's ledger, which knows no currency but the document's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import strategies as st

from tests.oracle.books import BATCH_TIMES, KEYS, as_ofs, books
from tests.oracle.settlement import MINOR_DIGITS, NOT_POSTED, Book, known
from tests.properties.pipeline import Deliveries, csv_text, deliveries_of

OWN_DATES = {"invoices": "invoice_date", "payments": "payment_date", "credit_memos": "credit_date"}
CURRENCIES = ("USD", "EUR", "JPY")
CARRY_DAYS = 7


@dataclass(frozen=True)
class ForeignBook:
    """A book, the entities' functional currencies, and (day, from, to) -> rate; all but the book come first."""

    book: Book
    functional: dict[str, str]
    rates: dict[tuple[date, str, str], Decimal]

    @property
    def deliveries(self) -> Deliveries:
        """The files of its batches."""
        deliveries = deliveries_of(self.book)
        first = deliveries[0][1]
        entities = [{"entity_id": name, "functional_currency": code} for name, code in self.functional.items()]
        first["entities.csv"] = csv_text(entities, BATCH_TIMES[0])
        columns = ("rate_date", "from_currency", "to_currency", "rate")
        rates = [dict(zip(columns, (*of, rate), strict=True)) for of, rate in self.rates.items()]
        if rates:
            first["fx_rates.csv"] = csv_text(rates, BATCH_TIMES[0])
        return deliveries

    def functional_amount(self, item: dict[str, Any], known_at: datetime) -> Decimal | None:
        """What is open at the booking rate, pro rata; what was not booked is, at the rate of its posting day."""
        currency = self.functional[item["entity_id"]]
        if item["currency"] == currency:
            return item["open_amount"]
        document = self._document(item, known_at)
        if document["functional_amount"] is None:
            own_date = next(document[name] for name in OWN_DATES.values() if name in document)
            rate = self.rate(item["currency"], currency, document["posting_date"] or own_date)
            if rate is None:
                return None
            document = document | {"functional_amount": half_up(Fraction(document["amount"]) * rate, currency)}
        share = Fraction(item["open_amount"]) / Fraction(document["amount"])
        return half_up(Fraction(document["functional_amount"]) * share, currency)

    def base_amount(self, item: dict[str, Any], currency: str | None, as_of: date) -> Decimal | None:
        """What is open at the newest rate by the day that is not too old; a currency is worth one of itself."""
        if currency in (None, item["currency"]):
            return currency and item["open_amount"]
        rate = self.rate(item["currency"], currency, as_of)
        return None if rate is None else half_up(Fraction(item["open_amount"]) * rate, currency)

    def rate(self, given: str, wanted: str, on: date) -> Fraction | None:
        """The newest rate by the day that is not too old."""
        days = [day for day, *of in self.rates if of == [given, wanted] and 0 <= (on - day).days <= CARRY_DAYS]
        return Fraction(self.rates[max(days), given, wanted]) if days else None

    def base_currency(self, chosen: str | None, as_of: date, known_at: datetime) -> str | None:
        """The policy's; else the only functional, else the only document, currency of what is posted by the day."""
        there = [
            (row["entity_id"] or "main", row["currency"])
            for feed, own_date in OWN_DATES.items()
            for row in known(self.book, feed, known_at)
            if row["status"] not in NOT_POSTED and (row["posting_date"] or row[own_date]) <= as_of
        ]
        for found in ({self.functional[entity] for entity, _ in there}, {currency for _, currency in there}):
            if chosen is None and len(found) == 1:
                return found.pop()
        return chosen

    def _document(self, item: dict[str, Any], known_at: datetime) -> dict[str, Any]:
        feed = {"payment": "payments", "credit_memo": "credit_memos"}.get(item["document_type"], "invoices")
        wanted = (item["entity_id"], item["document_id"])
        rows = known(self.book, feed, known_at)
        return next(row for row in rows if (row["entity_id"] or "main", row[KEYS[feed][1]]) == wanted)


def half_up(exact: Fraction, currency: str) -> Decimal:
    """Rounded to the currency's minor unit, a half away from zero."""
    digits = MINOR_DIGITS.get(currency, 2)
    units = floor(abs(exact) * 10**digits + Fraction(1, 2))
    return Decimal(units if exact > 0 else -units).scaleb(-digits)


@st.composite
def foreign_books(draw: st.DrawFn) -> ForeignBook:
    """A book whose documents were booked at a rate of their own, or at none that is known; rates of up to six days."""
    book = draw(books())
    booked: dict[tuple, Decimal | None] = {}
    booking_rates = st.sampled_from((None, Decimal("0.93"), Decimal("1.071"), Decimal("0.0066")))
    for feed in OWN_DATES:
        for row in book[feed]:
            rate = booked.setdefault((feed, row["entity_id"], row[KEYS[feed][1]]), draw(booking_rates))
            row["functional_amount"] = rate and max(Decimal("0.01"), round(row["amount"] * rate, 2))
    values = st.sampled_from((Decimal("0.91"), Decimal("151.25"), Decimal("0.0066")))
    days = draw(st.sets(as_ofs, max_size=6))
    pairs = [(day, given, wanted) for day in sorted(days) for given in CURRENCIES for wanted in CURRENCIES]
    functional = {name: draw(st.sampled_from(("USD", "EUR"))) for name in ("main", "east")}
    return ForeignBook(book, functional, {pair: draw(values) for pair in pairs if pair[1] != pair[2]})
