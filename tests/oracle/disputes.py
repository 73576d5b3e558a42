"""Disputes as of a day, and their months: how old, what they block, how they were resolved.

Belongs here: disputes one by one, and what of their invoices is still open under them. Does not: what settles an
invoice (settlement.py).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from tests.oracle.days_sales import first_postings
from tests.oracle.documents import ZERO, Book, Document, OraclePolicy, documents, exists, known
from tests.oracle.ledger import month_ends
from tests.oracle.settlement import settled


@dataclass
class Dispute:
    """One dispute as known; its invoice is None where that is not in the book."""

    entity_id: str
    dispute_id: str
    invoice: Document | None
    reason: str
    opened_on: date
    resolved_on: date | None
    disputed: Decimal
    credited: Decimal | None

    @property
    def currency(self) -> str:
        """The invoice's currency, if there is an invoice."""
        return self.invoice.currency if self.invoice else ""

    def is_resolved(self, day: date) -> bool:
        """Whether it was resolved by the day."""
        return self.resolved_on is not None and self.resolved_on <= day

    def is_open(self, day: date) -> bool:
        """Whether it was raised by the day and not resolved by it."""
        return self.opened_on <= day and not self.is_resolved(day)


def disputes_raised(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> list[Dispute]:
    """Every dispute raised by the day; without an amount it disputes all of its invoice, and never more."""
    found = documents(book, known_at, policy)
    disputes = []
    for row in known(book, "disputes", known_at):
        entity_id = row.get("entity_id") or policy.default_entity
        invoice = found.get(("invoice", entity_id, row["invoice_id"]))
        whole = invoice.amount if invoice else row.get("amount") or ZERO
        if row["opened_on"] <= as_of:
            disputes.append(
                Dispute(
                    entity_id=entity_id,
                    dispute_id=row["dispute_id"],
                    invoice=invoice,
                    reason=row.get("reason") or "",
                    opened_on=row["opened_on"],
                    resolved_on=row.get("resolved_on"),
                    disputed=min(row.get("amount") or whole, whole),
                    credited=row.get("credited_amount"),
                )
            )
    return disputes


def blocked_on(
    disputes: list[Dispute], book: Book, day: date, known_at: datetime, policy: OraclePolicy
) -> dict[tuple[str, str], Decimal]:
    """(entity_id, dispute_id) -> what each open dispute blocks on the day: of what is open, the first raised first."""
    found = settled(book, day, known_at, policy)[0]
    left = {key: d.balance if exists(d, day) else ZERO for key, d in found.items()}
    blocked = {}
    for dispute in sorted(disputes, key=lambda d: (d.opened_on, d.dispute_id)):
        if not dispute.is_open(day):
            continue
        amount = ZERO
        if dispute.invoice:
            amount = min(dispute.disputed, left[dispute.invoice.key])
            left[dispute.invoice.key] -= amount
        blocked[(dispute.entity_id, dispute.dispute_id)] = amount
    return blocked


def dispute_states(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple[str, str], dict]:
    """(entity_id, dispute_id) -> is_open, age_days, resolution_days, disputed, blocked and credited amounts."""
    disputes = disputes_raised(book, as_of, known_at, policy)
    blocked = blocked_on(disputes, book, as_of, known_at, policy)
    states = {}
    for d in disputes:
        days = ((d.resolved_on if d.is_resolved(as_of) else as_of) - d.opened_on).days
        states[(d.entity_id, d.dispute_id)] = {
            "is_open": d.is_open(as_of),
            "age_days": days,
            "resolution_days": days if d.is_resolved(as_of) else None,
            "disputed_amount": d.disputed,
            "blocked_amount": blocked.get((d.entity_id, d.dispute_id), ZERO),
            "credited_amount": d.credited if d.is_resolved(as_of) else None,
            "currency": d.currency,
        }
    return states


def dispute_trends(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple, dict]:
    """(period_end, entity_id, reason, currency) -> the month's disputes; what was before history is in its first month."""
    firsts = first_postings(documents(book, known_at, policy)).values()
    ends = [*month_ends(min(firsts, default=as_of), as_of), as_of]
    disputes = disputes_raised(book, as_of, known_at, policy)
    trends: dict[tuple, dict] = {}
    after = date.min
    for end in sorted(set(ends)):
        blocked = blocked_on(disputes, book, end, known_at, policy)
        for d in disputes:
            row = trends.setdefault((end, d.entity_id, d.reason, d.currency), _empty())
            _add(row, d, after, end, blocked.get((d.entity_id, d.dispute_id)))
        after = end
    for row in trends.values():
        days, resolved = row["resolution_days_total"], row["resolved_count"]
        row["days_to_resolve"] = Fraction(days, resolved) if resolved else None
        share = Fraction(row["numerator"]) / Fraction(row["denominator"]) if row["denominator"] else None
        row["credited_share"] = share
    counts = ("opened_count", "resolved_count", "open_count")
    return {key: row for key, row in trends.items() if any(row[name] for name in counts)}


def _empty() -> dict:
    counts = dict.fromkeys(("opened_count", "resolved_count", "open_count", "resolution_days_total"), 0)
    amounts = ("opened_amount", "resolved_amount", "blocked_amount", "numerator", "denominator", "excluded_amount")
    return counts | dict.fromkeys(amounts, ZERO)


def _add(row: dict, d: Dispute, after: date, end: date, blocked: Decimal | None) -> None:
    """One dispute into one month of days in (after, end]."""
    if after < d.opened_on <= end:
        row["opened_count"] += 1
        row["opened_amount"] += d.disputed
    if blocked is not None:
        row["open_count"] += 1
        row["blocked_amount"] += blocked
    if d.resolved_on and after < d.resolved_on <= end:
        row["resolved_count"] += 1
        row["resolved_amount"] += d.disputed
        row["resolution_days_total"] += (d.resolved_on - d.opened_on).days
        if d.credited is None:
            row["excluded_amount"] += d.disputed
        else:
            row["numerator"] += d.credited
            row["denominator"] += d.disputed
