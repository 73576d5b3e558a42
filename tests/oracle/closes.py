"""Closes: what a closed period says now that it did not say at its close, and the subledger beside the general ledger.

Belongs here: `restatements`, `gl_comparison`, and `tie_out` of one account. Does not: what is open on a day (settlement.py), what
it is worth in the entity's currency (foreign.py).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from tests.oracle.documents import (
    DOCUMENT_FEEDS,
    NOT_POSTED,
    ZERO,
    Book,
    Document,
    OraclePolicy,
    exists,
    known,
)
from tests.oracle.foreign import Sum, Worth, fraction
from tests.oracle.rollforward import lines_of_document
from tests.oracle.settlement import settled

Stand = dict[tuple, tuple[Decimal, Decimal]]  # document's key -> what it was raised for, what is open of it


def restatements(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple, dict]:
    """(period_end, space, entity_id, document_id) -> amount_at_close, amount_now, cause, changed_at."""
    rows = {}
    for entity_id, period_end, closed_on in closed_periods(book, as_of, known_at, policy):
        at_close = datetime.combine(closed_on, time.max)
        if not is_anything_known(book, entity_id, at_close, policy):
            continue
        then, now = (stand(book, entity_id, period_end, at, policy) for at in (at_close, known_at))
        for key in then.keys() | now.keys():
            nothing = (ZERO, ZERO)
            (raised_then, open_then), (raised_now, open_now) = then.get(key, nothing), now.get(key, nothing)
            cause = "corrected" if raised_then != raised_now else "settled_otherwise"
            cause = "late" if key not in then else "deleted" if key not in now else cause
            if open_then != open_now:
                changed_at = last_change(book, period_end, key, (at_close, known_at), policy)
                told = {"amount_at_close": open_then, "amount_now": open_now, "cause": cause, "changed_at": changed_at}
                rows[(period_end, *key)] = told
    return rows


def closed_periods(
    book: Book, as_of: date, known_at: datetime, policy: OraclePolicy
) -> Iterator[tuple[str, date, date]]:
    """(entity_id, period_end, closed_on) of the fiscal periods that are over, and were closed before the day of knowledge."""
    for row in known(book, "fiscal_periods", known_at):
        if row["period_end"] <= as_of and row["closed_on"] and row["closed_on"] < known_at.date():
            yield row.get("entity_id") or policy.default_entity, row["period_end"], row["closed_on"]


def is_anything_known(book: Book, entity_id: str, known_at: datetime, policy: OraclePolicy) -> bool:
    """Whether any document of an entity had come by then."""
    return any(
        (row.get("entity_id") or policy.default_entity) == entity_id
        and row.get("status") not in NOT_POSTED
        and row["known_from"] <= known_at
        for feed, *_ in DOCUMENT_FEEDS
        for row in book.get(feed, [])
    )


def stand(book: Book, entity_id: str, day: date, known_at: datetime, policy: OraclePolicy) -> Stand:
    """How the documents of an entity that were posted by a day stand on it."""
    found, _ = settled(book, day, known_at, policy)
    return {
        d.key: (d.sign * d.amount, d.balance if exists(d, day) else ZERO)
        for d in found.values()
        if d.entity_id == entity_id and lines_of_document(d, day)
    }


def gl_comparison(worth: Worth) -> dict[tuple, tuple[Sum, Decimal]]:
    """(entity_id, period_end, account, currency, currency_kind) -> what the subledger and the general ledger have.

    Of the periods, currencies and kinds that the general ledger has a balance of, allowances aside.
    """
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for row in known(worth.book, "gl_balances", worth.known_at):
        if row["period_end"] <= worth.as_of and row["account_kind"] != "allowance":
            entity_id = row.get("entity_id") or worth.policy.default_entity
            kind = row["currency_kind"] or "document"
            groups[(entity_id, row["period_end"], row["currency"] or "", kind)].append(row)
    found = {}
    for (entity_id, period_end, currency, kind), rows in groups.items():
        sides = {row["account"]: Sum() for row in rows}
        for d, amount in amounts_of(worth, entity_id, period_end, currency, kind):
            named = account_of(worth, d, rows)
            sides.setdefault(named if named in sides else "", Sum()).add(amount)
        balances = {row["account"]: row["balance"] for row in rows}
        for account, total in sides.items():
            if account or total.exact != 0:
                found[(entity_id, period_end, account, currency, kind)] = (total, balances.get(account, ZERO))
    return found


def amounts_of(worth: Worth, entity_id: str, day: date, currency: str, kind: str) -> Iterator[tuple]:
    """(document, what is open of it on the day) of one entity: in one currency, or all of it at its booking rate."""
    found, _ = settled(worth.book, day, worth.known_at, worth.policy)
    for d in found.values():
        if d.entity_id != entity_id or not lines_of_document(d, day):
            continue
        balance = d.balance if exists(d, day) else ZERO
        if kind == "functional":
            yield d, worth.share(d, balance)
        elif d.currency == currency:
            yield d, fraction(balance)


def account_of(worth: Worth, d: Document, balances: list[dict]) -> str:
    """The account that a document names; else the only one of its side; of a credit, else the only receivable one."""
    if worth.accounts[d.key]:
        return worth.accounts[d.key]
    only = {}
    for kind in ("receivable", "unapplied"):
        of_kind = [row["account"] for row in balances if (row["account_kind"] or "receivable") == kind]
        only[kind] = of_kind[0] if len(of_kind) == 1 else ""
    return (only["unapplied"] if d.sign < 0 else "") or only["receivable"]


def tie_out(worth: Worth, key: tuple, subledger: Decimal | None, balance: Decimal) -> dict[str, tuple]:
    """class -> (amount, is_tied) of one account: the difference, what its entries explain, and what nothing does."""
    entity_id, period_end, account, currency, kind = key
    classes: dict[str, Decimal] = defaultdict(Decimal)
    for row in known(worth.book, "gl_entries", worth.known_at):
        is_of_entity = (row.get("entity_id") or worth.policy.default_entity) == entity_id
        if is_of_entity and row["account"] == account and row["posting_date"] <= period_end:
            if kind == "functional":
                told = row["functional_amount"]
                classes[row["class"] or "manual"] += row["amount"] if told is None else told
            elif row["currency"] == currency:
                classes[row["class"] or "manual"] += row["amount"]
    total = None if subledger is None else balance - subledger
    rest = None if total is None else total - sum(classes.values(), ZERO)
    return {name: (amount, rest == 0) for name, amount in {**classes, "total": total, "unexplained": rest}.items()}


def last_change(
    book: Book, period_end: date, key: tuple, between: tuple[datetime, datetime], policy: OraclePolicy
) -> datetime | None:
    """The last moment after the first, up to the second, from which another amount was known to be open of a document."""
    moments = {row[name] for rows in book.values() for row in rows for name in ("known_from", "known_to")}
    changed, before = None, stand(book, key[1], period_end, between[0], policy).get(key, (ZERO, ZERO))[1]
    for moment in sorted(moment for moment in moments if between[0] < moment <= between[1]):
        after = stand(book, key[1], period_end, moment, policy).get(key, (ZERO, ZERO))[1]
        changed, before = (moment if after != before else changed), after
    return changed
