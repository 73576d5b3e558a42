"""What settles what: the live claims of a day in their order, and the two caps on them.

Belongs here: all that decides how much of a document is settled, reversed or reopened on a day, in plain loops over
dataclasses. Does not: which documents are known (documents.py), what asks of them (claims.py), instalments, ageing,
DSO, speed, SQL, or an import from the project's packages.

Every day is worked out by itself, from all that is live on it: no state is carried from day to day.
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

from tests.oracle.claims import APPLIED, WRITTEN_OFF, Claim, Claims, counted
from tests.oracle.documents import (
    MINOR_DIGITS,
    NOT_POSTED,
    ZERO,
    Book,
    Document,
    OraclePolicy,
    customer_on,
    documents,
    exists,
    known,
)

__all__ = [
    "MINOR_DIGITS",
    "NOT_POSTED",
    "ZERO",
    "Book",
    "Claim",
    "Document",
    "OraclePolicy",
    "customer_on",
    "documents",
    "draw_from_sources",
    "exists",
    "known",
    "pro_rata",
    "settle_invoices",
    "settled",
]


def pro_rata(amount: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """`amount * part / whole`, rounded half-up to the currency's minor unit; all positive or zero."""
    digits = MINOR_DIGITS.get(currency, 2)
    exact = Fraction(amount) * Fraction(part) / Fraction(whole)
    return Decimal(floor(exact * 10**digits + Fraction(1, 2))).scaleb(-digits)


def live_claims(all_claims: Claims, as_of: date) -> list[Claim]:
    """The claims of the day, earliest effective first, then by kind and id; write-offs less what is recovered."""
    live = [claim for claim in all_claims.claims if claim.is_live(as_of)]
    for claim in live:
        if claim.kind == WRITTEN_OFF and claim.invoice:
            recoveries = all_claims.recoveries[(claim.entity_id, claim.claim_id)]
            claim.recovered = counted(recoveries, as_of, at_most=max(claim.amount, claim.source_amount))
    return sorted(live, key=lambda claim: (claim.effective_from, claim.kind, claim.claim_id))


def draw_from_sources(live: list[Claim]) -> None:
    """First cap. In order, each claim on a source draws what is left of its capacity, at most what it asks."""
    left = {claim.source.key: claim.source.capacity for claim in live if claim.source}
    for c in live:
        if c.source is None:
            continue
        if not c.source.capacity:  # taken back whole: it grants no discount either
            c.discount = c.withheld = ZERO
        c.drawn = min(c.source_amount, left[c.source.key])
        left[c.source.key] -= c.drawn
        c.cash = c.drawn
        if c.is_cross_currency:
            c.cash = pro_rata(c.amount, c.drawn, c.source_amount, c.invoice.currency)


def settle_invoices(live: list[Claim]) -> None:
    """Second cap. In order, each claim on an invoice takes what is left of its room; what it drew counts on its source."""
    for c in live:
        if c.invoice is not None and c.kind == WRITTEN_OFF:
            room = c.invoice.room - c.invoice.settled
            c.written_off = min(c.amount - c.recovered, room)
            c.reinstated = min(c.amount, room) - c.written_off
        elif c.invoice is not None:
            cut_to_room(c, c.invoice.room - c.invoice.settled)
        if c.invoice is not None:
            c.invoice.settled += c.taken
        if c.source is not None:
            c.source.settled += c.drawn
        if c.kind == APPLIED and c.invoice and c.source.document_date < c.invoice.document_date:
            c.invoice.is_paid_before_invoiced = True


def cut_to_room(claim: Claim, room: Decimal) -> None:
    """The excess comes off its cash first, then off its discount, then off its withheld part.

    Cash that is cut stays on the source, and is not offered to other invoices.
    """
    excess = max(ZERO, claim.cash + claim.discount + claim.withheld - room)
    cash = claim.cash - min(claim.cash, excess)
    excess -= claim.cash - cash
    discount = claim.discount - min(claim.discount, excess)
    excess -= claim.discount - discount
    withheld = claim.withheld - excess
    if cash < claim.cash:
        crosses = claim.is_cross_currency
        claim.drawn = pro_rata(claim.drawn, cash, claim.cash, claim.source.currency) if crosses else cash
    claim.cash, claim.discount, claim.withheld = cash, discount, withheld


def refill_from_sources(live: list[Claim]) -> None:
    """Third cap. In order, each claim on a source alone draws what it still lacks of what invoices left there."""
    for c in live:
        if c.invoice is None:
            more = min(c.source_amount - c.drawn, c.source.capacity - c.source.settled)
            c.drawn, c.cash = c.drawn + more, c.cash + more
            c.source.settled += more


def settled(
    book: Book, as_of: date, known_at: datetime, policy: OraclePolicy
) -> tuple[dict[tuple, Document], list[Claim]]:
    """All documents known, with what is reversed, settled and reopened of each on the day, and the live claims."""
    found = documents(book, known_at, policy)
    all_claims = Claims(book, found, known_at, policy)
    for key, reversals in all_claims.reversals().items():
        found[key].reversed = counted(reversals, as_of, at_most=found[key].amount)
    reopenings = all_claims.reopenings()
    for key, refunds in reopenings.items():
        found[key].reopenable = sum((refund.amount for refund in refunds if refund.is_live(as_of)), ZERO)
    live = live_claims(all_claims, as_of)
    draw_from_sources(live)
    settle_invoices(live)
    refill_from_sources(live)
    for key, refunds in reopenings.items():
        found[key].reopened = counted(refunds, as_of, at_most=found[key].settled)
    return found, live
