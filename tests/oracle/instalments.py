"""The instalments of an invoice: its parts, and what is open of each.

Belongs here: which parts an invoice has, in which order, and how what is settled is spread over them. Does not: what
is settled of the invoice as a whole (settlement.py), how a part is aged (ledger.py).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

from tests.oracle.claims import APPLIED, Claim
from tests.oracle.documents import MINOR_DIGITS, ZERO, Book, Document, OraclePolicy, known


@dataclass
class Part:
    """What falls due on one day, of one document; a document without instalments is one part of itself."""

    instalment: str  # '': the document itself, or what its instalments leave of it
    due_date: date | None
    amount: Decimal
    settled: Decimal = ZERO

    @property
    def open_amount(self) -> Decimal:
        """What is left of it."""
        return self.amount - self.settled


def parts_of(document: Document, book: Book, known_at: datetime, policy: OraclePolicy) -> list[Part]:
    """Its instalments by due date, the last ones cut to fit its amount, or with the rest in its place among them."""
    parts = []
    for row in known(book, "instalments", known_at):
        entity_id = row.get("entity_id") or policy.default_entity
        if ("invoice", entity_id, row["invoice_id"]) == document.key:
            parts.append(Part(row["instalment"], row["due_date"], row["amount"]))
    parts.sort(key=_in_order)
    left = document.amount
    for part in parts:
        part.amount = min(part.amount, left)
        left -= part.amount
    if left > 0:
        parts.append(Part("", document.due_date, left))
    return sorted((part for part in parts if part.amount > 0), key=_in_order)


def _in_order(part: Part) -> tuple[date, str]:
    """Earliest due first, whether that day can be believed or not; without any, last."""
    return (part.due_date or date.max, part.instalment)


def spread(parts: list[Part], document: Document, live: list[Claim], policy: OraclePolicy) -> None:
    """Spread what is settled net of reopened: linked claims on their own part first, all else as the policy says."""
    left = document.amount - abs(document.balance)
    for part in parts:
        linked = (
            claim.taken
            for claim in live
            if claim.kind == APPLIED and claim.invoice is document and claim.instalment == part.instalment != ""
        )
        part.settled = min(sum(linked, ZERO), part.amount, left)
        left -= part.settled
    if policy.advances == "pro_rata":
        _by_share(parts, left, document.currency)
    else:
        _earliest_first(parts, left)


def _earliest_first(parts: list[Part], left: Decimal) -> None:
    """Settle each part whole before the next one."""
    for part in parts:
        more = min(part.open_amount, left)
        part.settled += more
        left -= more


def _by_share(parts: list[Part], left: Decimal, currency: str) -> None:
    """Settle each part by its share of all that is open: what the first ones take together is rounded half up.

    So each share is within a minor unit of the exact one, none is more than its part, and they add up.
    """
    room = [part.open_amount for part in parts]
    unit = Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))
    given = ZERO
    for count, part in enumerate(parts, start=1):
        exact = Fraction(left) * Fraction(sum(room[:count], ZERO)) / Fraction(sum(room, ZERO)) if any(room) else 0
        together = floor(exact / Fraction(unit) + Fraction(1, 2)) * unit
        part.settled += together - given
        given = together
