"""The roll-forward of receivables: from what was open before a period to what is open at its end, line by line.

Belongs here: what each event adds to receivables on a day, and the changes of that from day to day. Does not: how
much of a claim counts (settlement.py), open items.

Each day's standing is worked out by itself; a line is the sum of the differences between two days' standings. Positive
adds to receivables, in the document's currency.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracle.claims import REFUNDED, WRITTEN_OFF, Claim
from tests.oracle.documents import ZERO, Book, Document, OraclePolicy, documents, exists, known
from tests.oracle.settlement import settled

LINES = (
    "opening",
    "invoiced",
    "voided",
    "credited",
    "collected",
    "discounts",
    "withheld",
    "written_off",
    "write_offs_reversed",
    "recovered",
    "refunded",
    "payments_reversed",
    "applied",
    "before_history",
    "closing",
)
POSTED_AS = {"invoice": "invoiced", "debit_memo": "invoiced", "credit_memo": "credited", "payment": "collected"}
Standing = dict[tuple[tuple, str, str], Decimal]  # (document's key, line, write-off or '') -> amount


def rollforward(
    book: Book, as_of: date, known_at: datetime, policy: OraclePolicy, period_start: date
) -> dict[tuple[str, str, str], Decimal]:
    """(entity_id, currency, line) -> amount in [period_start, as_of], all lines of whatever was posted by as_of."""
    found = documents(book, known_at, policy).values()
    pairs = {(d.entity_id, d.currency) for d in found if d.posting_date <= as_of}
    amounts = {(*pair, line): ZERO for pair in pairs for line in LINES}
    day_before = period_start - timedelta(1)
    for line, day in (("opening", day_before), ("closing", as_of)):
        for pair, balance in balances(book, day, known_at, policy).items():
            amounts[(*pair, line)] = balance
    for _, document, line, amount in movements(book, as_of, known_at, policy, period_start):
        amounts[(document.entity_id, document.currency, line)] += amount
    return amounts


def movements(
    book: Book, as_of: date, known_at: datetime, policy: OraclePolicy, period_start: date
) -> Iterator[tuple[date, Document, str, Decimal]]:
    """(day, document, line, amount) of all that changed from day to day in [period_start, as_of]."""
    found = documents(book, known_at, policy)
    before = standing(book, period_start - timedelta(1), known_at, policy)
    for day in eventful_days(book, known_at):
        if not period_start <= day <= as_of:
            continue
        after = standing(book, day, known_at, policy)
        reversed_by_now = reversed_write_offs(book, day, known_at, policy)
        for document_key, line, write_off_id in before.keys() | after.keys():
            key = (document_key, line, write_off_id)
            document = found[document_key]
            is_reversed = (document.entity_id, write_off_id) in reversed_by_now
            change = after.get(key, ZERO) - before.get(key, ZERO)
            if change:
                yield day, document, "write_offs_reversed" if is_reversed else line, change
        before = after


def balances(book: Book, day: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple[str, str], Decimal]:
    """(entity_id, currency) -> the sum of all open balances of the day."""
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for document in settled(book, day, known_at, policy)[0].values():
        if exists(document, day):
            totals[(document.entity_id, document.currency)] += document.balance
    return totals


def eventful_days(book: Book, known_at: datetime) -> list[date]:
    """Every day that any known fact names: nothing changes on another day."""
    rows = [row for feed in book for row in known(book, feed, known_at)]
    days = {value for row in rows for value in row.values() if isinstance(value, date)}
    return sorted(day for day in days if not isinstance(day, datetime))


def reversed_write_offs(book: Book, day: date, known_at: datetime, policy: OraclePolicy) -> set[tuple[str, str]]:
    """The write-offs that are taken back by the day. One that a void ended before stands no more: nothing changes."""
    return {
        (row.get("entity_id") or policy.default_entity, row["write_off_id"])
        for row in known(book, "write_offs", known_at)
        if row.get("reversed_on") and row["reversed_on"] <= day
    }


def standing(book: Book, day: date, known_at: datetime, policy: OraclePolicy) -> Standing:
    """What every event so far adds to receivables on the day, by line; the sum over lines is what is open."""
    found, live = settled(book, day, known_at, policy)
    total: Standing = defaultdict(Decimal)
    for document in found.values():
        for line, amount in lines_of_document(document, day):
            total[(document.key, line, "")] += amount
    for claim in live:
        for document, line, amount in lines_of_claim(claim):
            write_off_id = claim.claim_id if claim.kind == WRITTEN_OFF else ""
            total[(document.key, line, write_off_id)] += amount
    return total


def lines_of_document(d: Document, day: date) -> list[tuple[str, Decimal]]:
    """A document's own lines: posted, void, and for a payment reversed, for an invoice reopened.

    One that was void from the day of its posting on was never receivable: it is on no line.
    """
    if d.posting_date > day or (d.voided_on and d.voided_on <= d.posting_date):
        return []
    lines = [(POSTED_AS[d.document_type], d.sign * d.amount)]
    if not exists(d, day):
        lines.append(("voided", -d.sign * d.amount))
    return [*lines, ("payments_reversed", d.reversed), ("refunded", d.reopened)]


def lines_of_claim(c: Claim) -> list[tuple[Document, str, Decimal]]:
    """A claim takes off its invoice, and gives back to receivables what it draws from a source, which is negative."""
    lines = []
    if c.kind == WRITTEN_OFF:  # gross, and what its recoveries reinstate
        document = c.invoice or c.source
        gross = c.written_off + c.reinstated if c.invoice else c.drawn + c.reinstated
        sign = -document.sign
        return [(document, "written_off", sign * gross), (document, "recovered", -sign * c.reinstated)]
    if c.invoice is not None:
        for line, amount in (("applied", c.cash), ("discounts", c.discount), ("withheld", c.withheld)):
            lines.append((c.invoice, line, -amount))
    if c.source is not None:
        line = "refunded" if c.kind == REFUNDED else "before_history" if c.is_before_history else "applied"
        lines.append((c.source, line, c.drawn))
    return lines
