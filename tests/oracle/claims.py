"""What asks of a source, of an invoice, or of both: each claim with its kind, its id, its days, and what it asks.

Belongs here: applications, recoveries with their payment, refunds, write-offs; and what changes how much there is to
ask for: reversals of payments, recoveries, refunds that reopen an invoice. Does not: who gets how much (settlement.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tests.oracle.documents import NEVER, ZERO, Book, Document, OraclePolicy, known

APPLIED, REFUNDED, WRITTEN_OFF = "applied", "refunded", "written_off"  # in the order of one day


@dataclass
class Claim:
    """What is asked, of whom, in which days; after the caps, what it got."""

    kind: str
    claim_id: str
    effective_from: date
    effective_to: date  # exclusive
    source: Document | None
    invoice: Document | None
    amount: Decimal  # asked of the invoice, in its currency: cash, or the write-off
    source_amount: Decimal  # asked of the source, in the source's currency
    discount: Decimal = ZERO
    withheld: Decimal = ZERO
    instalment: str = ""
    recovered: Decimal = ZERO  # of a write-off: what its live recoveries no longer let it ask
    drawn: Decimal = ZERO  # got from the source, in the source's currency
    cash: Decimal = ZERO  # the same cash in the invoice's currency
    written_off: Decimal = ZERO  # of the invoice
    reinstated: Decimal = ZERO  # of a write-off: what it would have got more without its recoveries

    @property
    def is_cross_currency(self) -> bool:
        """Whether cash changes currency on its way."""
        return self.source is not None and self.invoice is not None and self.source.currency != self.invoice.currency

    @property
    def is_before_history(self) -> bool:
        """Whether it pays an invoice that is not in the book."""
        return self.kind == APPLIED and self.invoice is None

    @property
    def taken(self) -> Decimal:
        """What it takes off its invoice in all."""
        return self.cash + self.discount + self.withheld + self.written_off

    @property
    def entity_id(self) -> str:
        """The entity of either side, which is the same."""
        return (self.invoice or self.source).entity_id

    def is_live(self, day: date) -> bool:
        """Whether it asks on that day."""
        return self.effective_from <= day < self.effective_to


@dataclass
class Dated:
    """An amount of some days that is no claim: a reversal, a recovery, a reopening."""

    effective_from: date
    effective_to: date
    fact_id: str
    amount: Decimal

    def is_live(self, day: date) -> bool:
        """Whether it counts on that day, as far as there is something that it can count against."""
        return self.effective_from <= day < self.effective_to


def counted(dated: list[Dated], day: date, at_most: Decimal) -> Decimal:
    """How much of them counts on the day: in order of date and id, each as far as the earlier ones leave something."""
    total = ZERO
    for one in sorted(dated, key=lambda one: (one.effective_from, one.fact_id)):
        if one.is_live(day):
            total += min(one.amount, at_most - total)
    return total


class Claims:
    """All claims of a book as known at a time, whatever their days, and what changes them from day to day."""

    def __init__(self, book: Book, found: dict[tuple, Document], known_at: datetime, policy: OraclePolicy) -> None:
        self.book, self.found, self.known_at, self.policy = book, found, known_at, policy
        self.recoveries: dict[tuple[str, str], list[Dated]] = {}
        self.claims = [*self.applications(), *self.refunds(), *self.write_offs()]
        self.claims += self.paid_recoveries()

    def rows(self, feed: str) -> Iterator[tuple[str, dict]]:
        """The rows of a feed that are known, with their entity."""
        for row in known(self.book, feed, self.known_at):
            yield row.get("entity_id") or self.policy.default_entity, row

    def document(self, space: str, entity_id: str, document_id: str | None) -> Document | None:
        """The document with that id, if it is known and posted on some day."""
        return self.found.get((space, entity_id, document_id))

    def payment(self, entity_id: str, payment_id: str | None) -> Document | None:
        """The payment with that id; a credit memo is none."""
        source = self.document("source", entity_id, payment_id)
        return source if source and source.document_type == "payment" else None

    def applications(self) -> Iterator[Claim]:
        """Applications between two documents, and those to invoices before history."""
        invoices = {(entity_id, row["invoice_id"]) for entity_id, row in self.rows("invoices")}
        for entity_id, row in self.rows("applications"):
            source = self.document("source", entity_id, row["source_id"])
            invoice = self.document("invoice", entity_id, row["invoice_id"])
            if source is None:
                continue
            if invoice is not None:
                yield from application(row, source, invoice)
            elif self.policy.history_starts_on and (entity_id, row["invoice_id"]) not in invoices:
                yield application_before_history(row, source)

    def refunds(self) -> Iterator[Claim]:
        """Refunds from what is unapplied of a source."""
        for entity_id, row in self.rows("refunds"):
            source = self.document("source", entity_id, row["source_id"])
            if source is None or row.get("reopens_invoice_id"):
                continue
            yield Claim(
                kind=REFUNDED,
                claim_id=row["refund_id"],
                effective_from=max(row.get("posting_date") or row["refunded_on"], source.posting_date),
                effective_to=source.voided_on or NEVER,
                source=source,
                invoice=None,
                amount=ZERO,
                source_amount=row["amount"],
            )

    def write_offs(self) -> Iterator[Claim]:
        """Write-offs of invoices and of credit balances, each with its recoveries."""
        for entity_id, row in self.rows("write_offs"):
            if row.get("invoice_id"):
                invoice, source = self.document("invoice", entity_id, row["invoice_id"]), None
            else:
                invoice, source = None, self.document("source", entity_id, row.get("source_id"))
            document = invoice or source
            if document is None:
                continue
            claim = Claim(
                kind=WRITTEN_OFF,
                claim_id=row["write_off_id"],
                effective_from=max(row.get("posting_date") or row["written_off_on"], document.posting_date),
                effective_to=min(row.get("reversed_on") or NEVER, document.voided_on or NEVER),
                source=source,
                invoice=invoice,
                amount=row["amount"] if invoice else ZERO,
                source_amount=row["amount"] if source else ZERO,
            )
            self.recoveries[(entity_id, claim.claim_id)] = [
                Dated(max(r["recovered_on"], claim.effective_from), claim.effective_to, r["recovery_id"], r["amount"])
                for of_entity, r in self.rows("recoveries")
                if (of_entity, r["write_off_id"]) == (entity_id, claim.claim_id)
            ]
            yield claim

    def paid_recoveries(self) -> list[Claim]:
        """Recoveries whose payment settles the invoice once more, where both are in one currency."""
        written_off = {(c.entity_id, c.claim_id): c for c in self.claims if c.kind == WRITTEN_OFF and c.invoice}
        paid = []
        for entity_id, row in self.rows("recoveries"):
            write_off = written_off.get((entity_id, row["write_off_id"]))
            payment = self.payment(entity_id, row.get("payment_id"))
            if write_off is None or payment is None or payment.currency != write_off.invoice.currency:
                continue
            invoice = write_off.invoice
            begins = (row["recovered_on"], payment.posting_date, invoice.posting_date, write_off.effective_from)
            paid.append(
                Claim(
                    kind=APPLIED,
                    claim_id=row["recovery_id"],
                    effective_from=max(begins),
                    effective_to=invoice.voided_on or NEVER,
                    source=payment,
                    invoice=invoice,
                    amount=row["amount"],
                    source_amount=row["amount"],
                )
            )
        return paid

    def reversals(self) -> dict[tuple, list[Dated]]:
        """Document key -> the reversals of that payment."""
        reversals: dict[tuple, list[Dated]] = {}
        for entity_id, row in self.rows("payment_reversals"):
            payment = self.payment(entity_id, row["payment_id"])
            if payment is not None:
                amount = payment.amount if row.get("amount") is None else row["amount"]
                begins = max(row["reversed_on"], payment.posting_date)
                ends = row.get("undone_on") or NEVER
                reversals.setdefault(payment.key, []).append(Dated(begins, ends, row["reversal_id"], amount))
        return reversals

    def reopenings(self) -> dict[tuple, list[Dated]]:
        """Document key -> the refunds that reopen that invoice, from a source of the same currency."""
        reopenings: dict[tuple, list[Dated]] = {}
        for entity_id, row in self.rows("refunds"):
            source = self.document("source", entity_id, row["source_id"])
            invoice = self.document("invoice", entity_id, row.get("reopens_invoice_id"))
            if source is None or invoice is None or source.currency != invoice.currency:
                continue
            refunded_on = row.get("posting_date") or row["refunded_on"]
            begins = max(refunded_on, source.posting_date, invoice.posting_date)
            ends = min(source.voided_on or NEVER, invoice.voided_on or NEVER)
            reopenings.setdefault(invoice.key, []).append(Dated(begins, ends, row["refund_id"], row["amount"]))
        return reopenings


def application(row: dict, source: Document, invoice: Document) -> Iterator[Claim]:
    """One application between documents that are there; none where nobody said how much of the source's currency."""
    source_amount = row.get("source_amount")
    if source.currency == invoice.currency:  # one to one: never more than either side is asked
        source_amount = min(source_amount or row["amount"], row["amount"])
    elif source_amount is None:
        return
    ends = (row.get("unapplied_on"), source.voided_on, invoice.voided_on)
    yield Claim(
        kind=APPLIED,
        claim_id=row["application_id"],
        effective_from=max(row["applied_on"], source.posting_date, invoice.posting_date),
        effective_to=min(end or NEVER for end in ends),
        source=source,
        invoice=invoice,
        amount=row["amount"],
        source_amount=source_amount,
        discount=row.get("discount_amount") or ZERO,
        withheld=row.get("withheld_amount") or ZERO,
        instalment=row.get("instalment") or "",
    )


def application_before_history(row: dict, source: Document) -> Claim:
    """An application to an invoice that nobody knows: it asks its source alone."""
    source_amount = row.get("source_amount")
    return Claim(
        kind=APPLIED,
        claim_id=row["application_id"],
        effective_from=max(row["applied_on"], source.posting_date),
        effective_to=min(row.get("unapplied_on") or NEVER, source.voided_on or NEVER),
        source=source,
        invoice=None,
        amount=ZERO,
        source_amount=row["amount"] if source_amount is None else source_amount,
    )
