"""Amounts in the entity's and the group's currency: at booking rates, at the rate of the day, at the closing rate.

Belongs here: what an open item and a line of the roll-forward are worth in another currency. Does not: rates
(currencies.py), what moved (rollforward.py).

A line is (exact sum, how many amounts were rounded to make it): each may be half a minor unit off at either end.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from tests.oracle.currencies import Rates, base_currency, functional_currencies
from tests.oracle.documents import DOCUMENT_FEEDS, MINOR_DIGITS, ZERO, Book, Document, OraclePolicy, documents, known
from tests.oracle.instalments import parts_of
from tests.oracle.ledger import open_items
from tests.oracle.rollforward import movements

SPACES = {"invoice": "invoice", "debit_memo": "invoice", "payment": "source", "credit_memo": "source"}


def half_up(exact: Fraction, currency: str) -> Decimal:
    """Rounded to the currency's minor unit, a half away from zero."""
    digits = MINOR_DIGITS.get(currency, 2)
    units = floor(abs(exact) * 10**digits + Fraction(1, 2))
    return Decimal(units if exact > 0 else -units).scaleb(-digits)


@dataclass
class Sum:
    """An amount added up of rounded ones; None as soon as one of them has no rate."""

    exact: Fraction | None = field(default_factory=Fraction)
    count: int = 0

    def add(self, amount: Fraction | None) -> None:
        """One more amount."""
        self.count += 1
        self.exact = None if amount is None or self.exact is None else self.exact + amount

    def is_near(self, found: Decimal | None, currency: str) -> bool:
        """Whether it is that, but for the rounding of each amount at both its ends."""
        if found is None or self.exact is None:
            return found is None and self.exact is None
        return abs(Fraction(found) - self.exact) <= self.count * Fraction(1, 10 ** MINOR_DIGITS.get(currency, 2))


class Worth:
    """A book asked what its amounts are worth in the entity's currency and in the group's."""

    def __init__(
        self, book: Book, as_of: date, known_at: datetime, policy: OraclePolicy, chosen: str | None, pivot: str | None
    ) -> None:
        self.book, self.as_of, self.known_at, self.policy = book, as_of, known_at, policy
        self.base = base_currency(chosen, book, as_of, known_at, policy)
        self.rates = Rates(book, known_at, pivot or self.base)
        self.functional = functional_currencies(book, as_of, known_at, policy)
        self.documents = documents(book, known_at, policy)
        rows = {
            (space, row.get("entity_id") or policy.default_entity, row[id_column]): row
            for feed, space, id_column, *_ in DOCUMENT_FEEDS
            for row in known(book, feed, known_at)
        }
        self.told = {key: row.get("functional_amount") for key, row in rows.items()}
        self.accounts = {key: row.get("ar_account") for key, row in rows.items()}

    def booked(self, d: Document) -> Decimal | None:
        """What a document was booked at: as told, else at the rate of its posting day."""
        currency = self.functional.get(d.entity_id)
        if currency == d.currency:
            return d.amount
        if self.told[d.key] is not None or currency is None:
            return self.told[d.key]
        rate = self.rates.rate(d.currency, currency, d.posting_date)
        return None if rate is None else half_up(Fraction(d.amount) * rate.value, currency)

    def share(self, d: Document, amount: Decimal) -> Fraction | None:
        """A part of a document at its booking rate."""
        booked = self.booked(d)
        return None if booked is None else Fraction(booked) * Fraction(amount) / Fraction(d.amount)

    def document_of(self, item: dict) -> Document:
        """The document of an open item."""
        return self.documents[(SPACES[item["document_type"]], item["entity_id"], item["document_id"])]

    def functional_amount(self, item: dict, before: Decimal = ZERO) -> Decimal | None:
        """What an item's open amount was booked at, pro rata: what it adds to what is open of the parts before it."""
        currency = self.functional.get(item["entity_id"])
        if currency == item["currency"]:
            return item["open_amount"]
        d = self.document_of(item)
        through, earlier = self.share(d, before + item["open_amount"]), self.share(d, before)
        if through is None or earlier is None:
            return None
        return half_up(through, currency or "") - half_up(earlier, currency or "")

    def open_before(self, item: dict, items: list[dict]) -> Decimal:
        """What is open of the parts of its document that come before an item."""
        d = self.document_of(item)
        order = [part.instalment for part in parts_of(d, self.book, self.known_at, self.policy)]
        earlier = order[: order.index(item["instalment"])]
        of_document = [one for one in items if self.document_of(one) is d]
        return sum((one["open_amount"] for one in of_document if one["instalment"] in earlier), ZERO)

    def base_amount(self, amount: Decimal, currency: str, on: date) -> Decimal | None:
        """An amount at the rate of a day."""
        if self.base in (None, currency):
            return self.base and amount
        rate = self.rates.rate(currency, self.base, on)
        return None if rate is None else half_up(Fraction(amount) * rate.value, self.base)

    def lines(self, period_start: date) -> dict[tuple[str, str, str], tuple[Sum, Sum]]:
        """(entity_id, currency, line) -> functional and base sums of a period up to the day."""
        found: dict[tuple, tuple[Sum, Sum]] = {}
        day_before = period_start - timedelta(1)
        for line, day in (("opening", day_before), ("closing", self.as_of)):
            for item in open_items(self.book, day, self.known_at, self.policy, customers_on=self.as_of):
                sums = found.setdefault((item["entity_id"], item["currency"], line), (Sum(), Sum()))
                sums[0].add(fraction(self.functional_amount(item)))
                sums[1].add(fraction(self.base_amount(item["open_amount"], item["currency"], day)))
            for d in self.documents.values():  # a balance is the sum of all that moved, settled by now or not
                was_owed = d.posting_date <= day and (d.voided_on is None or d.voided_on > d.posting_date)
                if was_owed and self.booked(d) is None:
                    found.setdefault((d.entity_id, d.currency, line), (Sum(), Sum()))[0].add(None)
        of_day: dict[tuple, Decimal] = defaultdict(
            Decimal
        )  # what a day adds to one side of an account is converted as one
        for day, d, line, amount in movements(self.book, self.as_of, self.known_at, self.policy, period_start):
            sums = found.setdefault((d.entity_id, d.currency, line), (Sum(), Sum()))
            sums[0].add(self.share(d, amount))
            of_day[(d.entity_id, d.currency, line, day, self.accounts[d.key], d.sign)] += amount
        for (entity_id, currency, line, day, *_), amount in of_day.items():
            if amount:
                found[(entity_id, currency, line)][1].add(fraction(self.base_amount(amount, currency, day)))
        return found


def fraction(amount: Decimal | None) -> Fraction | None:
    """The same, exactly."""
    return None if amount is None else Fraction(amount)
