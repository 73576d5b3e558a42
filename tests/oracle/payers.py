"""Payers: their months, and the credits that they have not used.

Belongs here: what each payer was billed, paid and owed by month; unapplied credits and receipts beside what they could
be applied to. Does not: open items (ledger.py), what cash took how long (collection.py), disputes (disputes.py).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracle.claims import REFUNDED, Claims, counted
from tests.oracle.collection import Times, is_past_due
from tests.oracle.days_sales import first_postings
from tests.oracle.disputes import blocked_on, disputes_raised
from tests.oracle.documents import ZERO, Book, Document, OraclePolicy
from tests.oracle.ledger import month_ends

MEASURES = (
    "billed_amount",
    "collected_amount",
    "cash_amount",
    "days_to_pay_weight",
    "dated_cash_amount",
    "beyond_terms_weight",
    "excluded_amount",
    "open_amount",
    "owed_past_due_amount",
    "blocked_amount",
)
WORTH_A_ROW = ("billed_amount", "collected_amount", "cash_amount", "open_amount", "owed_past_due_amount")


def payer_of(times: Times, d: Document) -> str:
    """The document's own payer, else its customer's as on the day of the run, else the customer."""
    return d.payer_id or times.customer(d.customer_id).get("payer_id") or d.customer_id


def payer_monthly(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple, dict]:
    """(period_end, entity_id, payer_id, currency) -> the month's amounts; what was before history is in its first month."""
    times = Times(book, as_of, known_at, policy)
    firsts = first_postings(times.documents).values()
    rows: dict[tuple, dict] = defaultdict(lambda: dict.fromkeys(MEASURES, ZERO))
    after = date.min
    for end in sorted({*month_ends(min(firsts, default=as_of), as_of), as_of}):
        for d, measure, amount in month_of(times, after, end):
            rows[(end, d.entity_id, payer_of(times, d), d.currency)][measure] += amount
        after = end
    return {key: row for key, row in rows.items() if any(row[name] for name in WORTH_A_ROW)}


def month_of(times: Times, after: date, end: date) -> Iterator[tuple[Document, str, Decimal]]:
    """What happened in (after, end], and how things stood at its end, document by document."""
    all_claims = Claims(times.book, times.documents, times.known_at, times.policy)
    reversals = all_claims.reversals()
    for d in times.documents.values():
        if d.sign > 0:
            yield d, "billed_amount", d.amount if after < d.posting_date <= end else ZERO
            yield d, "billed_amount", -d.amount if d.voided_on and after < d.voided_on <= end else ZERO
        elif d.document_type == "payment" and d.posting_date <= times.as_of:
            before = counted(reversals.get(d.key, []), after, d.amount) if after > date.min else ZERO
            yield d, "collected_amount", before - counted(reversals.get(d.key, []), end, d.amount)
            yield d, "collected_amount", d.amount if after < d.document_date <= end else ZERO
    yield from cash_of(times, after, end)
    for item in times.items(end):
        d = document_of(times, item)
        yield d, "open_amount", item["open_amount"]
        if item["open_amount"] > 0 and is_past_due(item):
            yield d, "owed_past_due_amount", item["open_amount"]
    disputes = disputes_raised(times.book, times.as_of, times.known_at, times.policy)
    blocked = blocked_on(disputes, times.book, end, times.known_at, times.policy)
    for dispute in disputes:
        if dispute.invoice:
            yield dispute.invoice, "blocked_amount", blocked.get((dispute.entity_id, dispute.dispute_id), ZERO)


def cash_of(times: Times, after: date, end: date) -> Iterator[tuple[Document, str, Decimal]]:
    """Cash that took effect in (after, end] and stands at its end."""
    floor = 0 if times.policy.early_payments == "floored" else -(10**9)
    for paid in times.paid_by(end):
        if not after < paid.took_effect_on <= end:
            continue
        yield paid.invoice, "cash_amount", paid.cash
        yield paid.invoice, "days_to_pay_weight", paid.cash * paid.days_to_pay
        if paid.terms_days is None:
            yield paid.invoice, "excluded_amount", paid.cash
        else:
            yield paid.invoice, "dated_cash_amount", paid.cash
            beyond = max(floor, paid.days_to_pay - paid.terms_days)
            yield paid.invoice, "beyond_terms_weight", paid.cash * beyond


def document_of(times: Times, item: dict) -> Document:
    """The document of an open item."""
    space = "source" if item["document_type"] in ("payment", "credit_memo") else "invoice"
    return times.documents[(space, item["entity_id"], item["document_id"])]


def credit_balances(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple, dict]:
    """(entity_id, document_id) -> an unapplied credit or receipt, what it could pay, and what is due to be refunded."""
    times = Times(book, as_of, known_at, policy)
    items = times.items(as_of)
    refunded: dict[tuple, Decimal] = defaultdict(Decimal)
    for claim in times.claims(as_of):
        if claim.kind == REFUNDED:
            refunded[claim.source.key] += claim.drawn
    rows = {}
    used: dict[tuple, Decimal] = defaultdict(Decimal)
    credits = [item for item in items if item["open_amount"] < 0]
    for item in sorted(credits, key=lambda one: (one["document_date"], one["document_id"])):
        payer = tuple(item[name] for name in ("entity_id", "payer_id", "currency"))
        owed = [
            one["open_amount"]
            for one in items
            if one["open_amount"] > 0 and tuple(one[name] for name in ("entity_id", "payer_id", "currency")) == payer
        ]
        amount, left = -item["open_amount"], max(ZERO, sum(owed, ZERO) - used[payer])
        used[payer] += amount
        of_it = refunded[("source", item["entity_id"], item["document_id"])]
        rows[(item["entity_id"], item["document_id"])] = {
            "payer_id": item["payer_id"],
            "open_amount": item["open_amount"],
            "age_days": (as_of - item["document_date"]) // timedelta(1),
            "refunded_amount": of_it,
            "refund_state": "partly_refunded" if of_it else "none",
            "is_refund_due": amount > left,
            "refund_due_amount": max(ZERO, amount - left),
            "candidate_count": len(owed),
            "candidate_amount": sum(owed, ZERO),
        }
    return rows
