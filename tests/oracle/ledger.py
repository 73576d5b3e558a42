"""The naive ledger, the oracle's surface: open items, ageing and DSO from first principles, fact by fact.

Belongs here: `open_items`, `aging`, `aging_monthly`, `dso`, in loops that a controller can read. Does not:
what settles what (settlement.py), the arithmetic of DSO (days_sales.py), speed, SQL, the project's packages.

Amounts are Decimal in the document's currency, days of DSO are Fraction: nothing is rounded except the cash
of an application between currencies. Time is always asked for twice: `as_of` (inclusive) and `known_at`.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracle.days_sales import countback, dso_of_pair, first_postings
from tests.oracle.instalments import Part, parts_of, spread
from tests.oracle.settlement import (
    ZERO,
    Book,
    Document,
    OraclePolicy,
    customer_on,
    documents,
    exists,
    known,
    settled,
)

__all__ = ["Book", "OraclePolicy", "aging", "aging_monthly", "countback", "dso", "open_items"]


def good_due_date(document: Document, due_date: date | None, policy: OraclePolicy) -> tuple[date | None, str | None]:
    """The due date, its own or a part's, if it can be believed, else None and why not. Only invoices need one."""
    if due_date is None:
        return None, "due_date_missing" if document.sign > 0 else None
    if due_date < document.document_date:
        return None, "due_date_before_invoice"
    if (due_date - document.document_date).days > policy.longest_terms_days:
        return None, "due_date_beyond_terms"
    return due_date, None


def aged_from(document: Document, due_date: date | None, customer: dict, policy: OraclePolicy) -> date | None:
    """The basis date; None is a bucket of its own."""
    if document.sign < 0:  # a credit's own date, whatever the basis of invoices
        return due_date or document.document_date
    if policy.basis == "invoice_date" or (due_date is None and policy.no_due_date == "invoice_date"):
        return document.document_date
    if due_date is None and policy.no_due_date == "terms":
        terms_days = customer.get("terms_days")
        return document.document_date + timedelta(policy.default_terms_days if terms_days is None else terms_days)
    return due_date


def bucket_of(days_past_due: int | None, policy: OraclePolicy) -> str:
    """The bucket of a day count; whoever has grace, or is due today, is current as the policy says."""
    if days_past_due is None:
        return "no-due-date"
    day = days_past_due
    if 0 <= day <= policy.grace_days:
        day = 0 if policy.due_today_is_current or policy.grace_days else 1
    for name, first, last in policy.buckets:
        if (first is None or first <= day) and (last is None or day <= last):
            return name
    raise ValueError(f"no bucket for day {days_past_due}: the policy's buckets have a gap")


def open_items(
    book: Book, as_of: date, known_at: datetime, policy: OraclePolicy, customers_on: date | None = None
) -> list[dict]:
    """The documents, or their instalments, with something open on the day, amounts signed.

    Ordered by entity, sign, type, id and instalment. Customers (payer, terms) are as on `customers_on`, by default
    the day itself; history asks with the day of its run.
    """
    found, live = settled(book, as_of, known_at, policy)
    items = []
    for document in found.values():
        if not exists(document, as_of) or document.balance == 0:
            continue
        customer = customer_on(book, document.customer_id, customers_on or as_of, known_at)
        parts = parts_of(document, book, known_at, policy)
        spread(parts, document, live, policy)
        items += [_item(document, part, customer, as_of, policy) for part in parts if part.open_amount != 0]
    return sorted(items, key=_item_order)


def _item_order(item: dict) -> tuple:
    is_credit = item["open_amount"] < 0
    return (item["entity_id"], is_credit, item["document_type"], item["document_id"], item["instalment"])


def _item(document: Document, part: Part, customer: dict, as_of: date, policy: OraclePolicy) -> dict:
    """One open item: a part of a document, which is all of it where it has no instalments."""
    due_date, doubt = good_due_date(document, part.due_date, policy)
    basis_date = aged_from(document, due_date, customer, policy)
    days_past_due = None if basis_date is None else (as_of - basis_date).days
    flags = {doubt} if doubt else set()
    if document.is_paid_before_invoiced:
        flags.add("paid_before_invoiced")
    return {
        "entity_id": document.entity_id,
        "document_id": document.document_id,
        "document_type": document.document_type,
        "instalment": part.instalment,
        "customer_id": document.customer_id,
        "payer_id": document.payer_id or customer.get("payer_id") or document.customer_id,
        "currency": document.currency,
        "document_date": document.document_date,
        "due_date": due_date,
        "days_past_due": days_past_due,
        "aging_bucket": bucket_of(days_past_due, policy),
        "original_amount": document.sign * part.amount,
        "open_amount": document.sign * part.open_amount,
        "flags": flags,
    }


def _totals(lines: Iterable[tuple[tuple, Decimal]]) -> dict[tuple, tuple[int, Decimal]]:
    """(key, amount) lines as key -> (lines that are not zero, their sum)."""
    totals: dict[tuple, tuple[int, Decimal]] = {}
    for key, amount in lines:
        if amount != 0:
            count, total = totals.get(key, (0, ZERO))
            totals[key] = (count + 1, total + amount)
    return totals


def _as_if_applied(items: list[dict]) -> dict[int, Decimal]:
    """place in the list -> what is left of it when credits are used on their payer's earliest items."""
    left = {place: item["open_amount"] for place, item in enumerate(items)}
    positive = [place for place in left if left[place] > 0]
    credits = [place for place in left if left[place] < 0]
    credits.sort(key=lambda place: (items[place]["document_date"], items[place]["document_id"]))
    # The earliest aged-from date is the most days past due; an item without such a date is used last.
    positive.sort(
        key=lambda place: (
            items[place]["days_past_due"] is None,
            -(items[place]["days_past_due"] or 0),
            items[place]["document_id"],
            items[place]["instalment"],
        )
    )
    for credit in credits:
        for place in positive:
            same = all(items[place][c] == items[credit][c] for c in ("entity_id", "payer_id", "currency"))
            if same:
                used = min(left[place], -left[credit])
                left[place] -= used
                left[credit] += used
    return left


def aging(items: list[dict], policy: OraclePolicy, view: str) -> dict[tuple, tuple[int, Decimal]]:
    """(entity_id, customer_id, currency, bucket) -> (item_count, amount); view: gross, separate or fifo."""
    left = {place: item["open_amount"] for place, item in enumerate(items)}
    if view == "fifo":
        left = _as_if_applied(items)
    elif view not in ("gross", "separate"):
        raise ValueError(f"no such view: {view}")
    lines = []
    for place, item in enumerate(items):
        bucket = item["aging_bucket"]
        if view != "gross" and item["open_amount"] < 0:
            bucket = "unapplied"
        lines.append(((item["entity_id"], item["customer_id"], item["currency"], bucket), left[place]))
    return _totals(lines)


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def month_ends(first: date, as_of: date) -> list[date]:
    """Every calendar month-end from the first day's month to the last one by as_of."""
    ends = []
    day = month_end(first)
    while day <= as_of:
        ends.append(day)
        day = month_end(day + timedelta(1))
    return ends


def aging_monthly(
    book: Book, as_of: date, known_at: datetime, policy: OraclePolicy
) -> dict[tuple, tuple[int, Decimal]]:
    """(month_end, entity_id, segment, currency, bucket) -> (item_count, amount), gross; segments and terms of as_of."""
    firsts = first_postings(documents(book, known_at, policy))
    lines = []
    for day in month_ends(min(firsts.values(), default=as_of + timedelta(1)), as_of):
        for item in open_items(book, day, known_at, policy, customers_on=as_of):
            segment = customer_on(book, item["customer_id"], as_of, known_at).get("segment") or ""
            key = (day, item["entity_id"], segment, item["currency"], item["aging_bucket"])
            lines.append((key, item["open_amount"]))
    return _totals(lines)


def dso(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple, dict]:
    """(period_end, entity_id, currency, definition) -> days, receivables, sales, excluded_amount, flag.

    Period ends are the month-ends of history and as_of, from the first posting of entity and currency on.
    Who is a related party is asked of as_of, like segment and terms, so that history compares with today.
    """
    found = documents(book, known_at, policy)
    firsts = first_postings(found)
    of_pair = defaultdict(list)
    for d in found.values():
        of_pair[(d.entity_id, d.currency)].append(d)
    customers = {row["customer_id"] for row in known(book, "customers", known_at)}
    related = {c for c in customers if customer_on(book, c, as_of, known_at).get("related_party") is True}
    rows = {}
    for period_end in sorted({as_of, *month_ends(min(firsts.values(), default=as_of), as_of)}):
        items = open_items(book, period_end, known_at, policy, customers_on=as_of)
        for pair, first in firsts.items():
            if first <= period_end:
                items_of_pair = [i for i in items if (i["entity_id"], i["currency"]) == pair]
                by_definition = dso_of_pair(items_of_pair, of_pair[pair], related, first, period_end)
                for definition, row in by_definition.items():
                    rows[(period_end, *pair, definition)] = row
    return rows
