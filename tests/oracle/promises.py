"""Promises to pay as of a day: whose cash keeps them, how much of each was kept, and what became of it.

Belongs here: the rule of marts.md in loops over promises and receipts. Does not: how much of a receipt was applied to
what (settlement.py), how likely a promise is to be kept.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracle.claims import APPLIED
from tests.oracle.currencies import functional_currencies
from tests.oracle.documents import ZERO, Book, Document, OraclePolicy, exists, known
from tests.oracle.settlement import settled


@dataclass
class Cash:
    """What came on a day, and what of it has not kept a promise yet."""

    paid_on: date
    left: Decimal


@dataclass
class Promise:
    """One promise made by the day, with the key of its invoice or of the account whose receipts keep it."""

    entity_id: str
    promise_id: str
    key: tuple
    currency: str
    made_on: date
    promised_date: date
    last_date: date
    amount: Decimal
    is_withdrawn: bool
    kept: Decimal = ZERO
    reached_on: date | None = None

    def state(self, as_of: date) -> str:
        """Withdrawn is not broken; kept as soon as all has come in time; open until the last day has passed."""
        if self.is_withdrawn:
            return "withdrawn"
        if self.kept >= self.amount:
            return "kept"
        if as_of <= self.last_date:
            return "open"
        return "partly_kept" if self.kept > 0 else "broken"

    def slip_days(self, as_of: date) -> int | None:
        """How far beyond its date the promised amount came, or has not come yet."""
        if self.state(as_of) in ("open", "withdrawn"):
            return None
        return ((self.reached_on or as_of) - self.promised_date).days


def promise_states(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> dict[tuple[str, str], dict]:
    """(entity_id, promise_id) -> state, kept_amount, slip_days, currency."""
    promises = promises_made(book, as_of, known_at, policy)
    standing = [promise for promise in promises if not promise.is_withdrawn]
    cash = cash_by_key(book, as_of, known_at, policy, {promise.key for promise in promises})
    for promise in sorted(standing, key=lambda p: (p.promised_date, p.made_on, p.promise_id)):
        keep(promise, cash.get(promise.key, []))
    return {
        (p.entity_id, p.promise_id): {
            "state": p.state(as_of),
            "kept_amount": p.kept,
            "slip_days": p.slip_days(as_of),
            "currency": p.currency,
        }
        for p in promises
    }


def promises_made(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> list[Promise]:
    """Every promise made by the day, in its own currency, else its invoice's, else its entity's."""
    found = settled(book, as_of, known_at, policy)[0]
    functional = functional_currencies(book, as_of, known_at, policy)
    promises = []
    for row in known(book, "promises", known_at):
        if row["made_on"] > as_of:
            continue
        entity_id = row.get("entity_id") or policy.default_entity
        key = ("invoice", entity_id, row.get("invoice_id"))
        invoice = found.get(key)
        currency = row.get("currency") or (invoice.currency if invoice else functional.get(entity_id, ""))
        if row.get("invoice_id") is None:
            key = ("account", entity_id, row["customer_id"], currency)
        last_date = row["promised_date"] + timedelta(policy.tolerance_days)
        promises.append(
            Promise(
                entity_id=entity_id,
                promise_id=row["promise_id"],
                key=key,
                currency=currency,
                made_on=row["made_on"],
                promised_date=row["promised_date"],
                last_date=last_date,
                amount=row["amount"],
                is_withdrawn=bool(row.get("withdrawn_on") and row["withdrawn_on"] <= as_of),
            )
        )
    return promises


def cash_by_key(
    book: Book, as_of: date, known_at: datetime, policy: OraclePolicy, promised: set[tuple]
) -> dict[tuple, list[Cash]]:
    """Cash by the invoice it was applied to; by the account that it came from, less what went to promised invoices."""
    found, live = settled(book, as_of, known_at, policy)
    of_account: dict[tuple, Decimal] = {}
    cash: dict[tuple, list[Cash]] = {}
    for d in found.values():
        if d.document_type == "payment" and exists(d, as_of):
            of_account[d.key] = d.amount - d.reversed
    for claim in live:
        if claim.kind != APPLIED or claim.invoice is None or claim.source.document_type != "payment":
            continue
        cash.setdefault(claim.invoice.key, []).append(Cash(claim.source.document_date, claim.cash))
        if claim.invoice.key in promised:
            of_account[claim.source.key] -= claim.drawn
    for key, amount in of_account.items():
        payment: Document = found[key]
        account = ("account", payment.entity_id, payment.customer_id, payment.currency)
        cash.setdefault(account, []).append(Cash(payment.document_date, amount))
    return cash


def made_out_of_order(book: Book, as_of: date, known_at: datetime, policy: OraclePolicy) -> set[tuple[str, str]]:
    """The promises of invoices and accounts of which one for an earlier day was made after one for a later day.

    There cash can lie between: too early for the one, in time for the other, which is served after it.
    """
    of_key: dict[tuple, list[Promise]] = {}
    for promise in promises_made(book, as_of, known_at, policy):
        if not promise.is_withdrawn:
            of_key.setdefault(promise.key, []).append(promise)
    found = set()
    for promises in of_key.values():
        by_date = sorted(promises, key=lambda p: (p.promised_date, p.made_on))
        if [p.made_on for p in by_date] != sorted(p.made_on for p in promises):
            found |= {(p.entity_id, p.promise_id) for p in promises}
    return found


def keep(promise: Promise, cash: list[Cash]) -> None:
    """Take what came after it was made and by its last day, earliest first, each unit once.

    The day on which the promised amount had come is told of late cash too, which stays there for other promises.
    """
    come = ZERO
    for one in sorted(cash, key=lambda one: one.paid_on):
        if one.paid_on <= promise.made_on or come >= promise.amount:
            continue
        used = min(one.left, promise.amount - come)
        come += used
        if one.paid_on <= promise.last_date:
            promise.kept += used
            one.left -= used
        if come >= promise.amount:
            promise.reached_on = one.paid_on
