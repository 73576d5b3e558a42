"""What settles what: the documents known at a time, their live applications, and the two caps on them.

Belongs here: all that decides how much of a document is settled on a day, in plain loops over dataclasses.
Does not: ageing, DSO (ledger.py), speed, SQL, frames, or an import from the project's packages: what is said
here must not be able to be wrong for the same reason as the SQL that it judges.

A book is `{feed: [row, ...]}`; a row has the feed's columns of landing.md (missing: None, or left out) and
`known_from`, `known_to`, half-open. Amounts are Decimal in the document's currency.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

Book = dict[str, list[dict]]

NEVER = date.max
ZERO = Decimal(0)
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}  # every other currency has 2
NOT_POSTED = ("draft", "pending", "failed")
DEFAULT_BUCKETS = (
    ("current", None, 0),
    ("1-30", 1, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("91-120", 91, 120),
    ("over-120", 121, None),
)
# feed, space of ids, id column, date column, sign, document type
DOCUMENT_FEEDS = (
    ("invoices", "invoice", "invoice_id", "invoice_date", +1, "invoice"),
    ("payments", "source", "payment_id", "payment_date", -1, "payment"),
    ("credit_memos", "source", "credit_memo_id", "credit_date", -1, "credit_memo"),
)


@dataclass(frozen=True)
class OraclePolicy:
    """What a policy can change of an item; buckets are (name, first day, last day), None: unbounded."""

    default_entity: str = "main"
    basis: str = "due_date"  # or invoice_date
    due_today_is_current: bool = True
    grace_days: int = 0
    no_due_date: str = "invoice_date"  # or terms, or bucket
    default_terms_days: int = 30
    longest_terms_days: int = 400
    buckets: tuple = field(default=DEFAULT_BUCKETS)


@dataclass
class Document:
    """One posted document as known: an invoice or debit memo (+1), a payment or credit memo (-1)."""

    space: str
    document_type: str
    sign: int
    entity_id: str
    document_id: str
    customer_id: str
    payer_id: str | None
    currency: str
    amount: Decimal
    document_date: date
    posting_date: date
    voided_on: date | None
    due_date: date | None
    settled: Decimal = ZERO  # taken off an invoice, drawn from a source
    is_paid_before_invoiced: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Where others find it."""
        return (self.space, self.entity_id, self.document_id)


@dataclass
class Application:
    """A live application: what it asks of each side, and after the caps what it got."""

    application_id: str
    effective_from: date
    source: Document
    invoice: Document
    amount: Decimal  # asked of the invoice in cash, in its currency
    source_amount: Decimal  # asked of the source, in the source's currency
    discount: Decimal
    withheld: Decimal
    drawn: Decimal = ZERO  # got from the source, in the source's currency
    cash: Decimal = ZERO  # the same cash in the invoice's currency

    @property
    def is_cross_currency(self) -> bool:
        """Whether cash changes currency on its way."""
        return self.source.currency != self.invoice.currency


def pro_rata(amount: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """`amount * part / whole`, rounded half-up to the currency's minor unit; all positive or zero."""
    digits = MINOR_DIGITS.get(currency, 2)
    exact = Fraction(amount) * Fraction(part) / Fraction(whole)
    return Decimal(floor(exact * 10**digits + Fraction(1, 2))).scaleb(-digits)


def known(book: Book, feed: str, known_at: datetime) -> list[dict]:
    """The versions of a feed's rows that were the known ones at that time."""
    return [row for row in book.get(feed, []) if row["known_from"] <= known_at < row["known_to"]]


def documents(book: Book, known_at: datetime, policy: OraclePolicy) -> dict[tuple, Document]:
    """Every document known at that time, whatever its dates; drafts, pending and failed ones do not exist."""
    found = {}
    for feed, space, id_column, date_column, sign, kind in DOCUMENT_FEEDS:
        for row in known(book, feed, known_at):
            if row.get("status") in NOT_POSTED:
                continue
            posting_date = row.get("posting_date") or row[date_column]
            voided_on = row.get("voided_on")
            if voided_on is None and row.get("status") == "void":
                voided_on = posting_date
            document = Document(
                space=space,
                document_type=row.get("document_type") or kind,
                sign=sign,
                entity_id=row.get("entity_id") or policy.default_entity,
                document_id=row[id_column],
                customer_id=row["customer_id"],
                payer_id=row.get("payer_id"),
                currency=row["currency"],
                amount=row["amount"],
                document_date=row[date_column],
                posting_date=posting_date,
                voided_on=voided_on and max(voided_on, posting_date),  # nothing is void before it is posted
                due_date=row.get("due_date"),
            )
            found[document.key] = document
    return found


def exists(document: Document, as_of: date) -> bool:
    """Posted by the day and not void by the day."""
    return document.posting_date <= as_of and not (document.voided_on and document.voided_on <= as_of)


def live_applications(
    book: Book, found: dict[tuple, Document], as_of: date, known_at: datetime, policy: OraclePolicy
) -> list[Application]:
    """The applications that count on the day, earliest effective first, ties by id."""
    live = []
    for row in known(book, "applications", known_at):
        entity_id = row.get("entity_id") or policy.default_entity
        source = found.get(("source", entity_id, row["source_id"]))
        invoice = found.get(("invoice", entity_id, row["invoice_id"]))
        if source is None or invoice is None:
            continue
        source_amount = row.get("source_amount")
        if source.currency == invoice.currency:  # one to one: never more than either side is asked
            source_amount = min(source_amount or row["amount"], row["amount"])
        elif source_amount is None:
            continue  # nobody said how much of the source's currency
        effective_from = max(row["applied_on"], source.posting_date, invoice.posting_date)
        ends = (row.get("unapplied_on"), source.voided_on, invoice.voided_on)
        effective_to = min(end or NEVER for end in ends)
        if not effective_from <= as_of < effective_to:
            continue
        live.append(
            Application(
                application_id=row["application_id"],
                effective_from=effective_from,
                source=source,
                invoice=invoice,
                amount=row["amount"],
                source_amount=source_amount,
                discount=row.get("discount_amount") or ZERO,
                withheld=row.get("withheld_amount") or ZERO,
            )
        )
    return sorted(live, key=lambda application: (application.effective_from, application.application_id))


def draw_from_sources(live: list[Application]) -> None:
    """First cap. In order, each application draws what is left of its source, at most what it asks."""
    left = {application.source.key: application.source.amount for application in live}
    for a in live:
        a.drawn = min(a.source_amount, left[a.source.key])
        left[a.source.key] -= a.drawn
        a.cash = a.drawn
        if a.is_cross_currency:
            a.cash = pro_rata(a.amount, a.drawn, a.source_amount, a.invoice.currency)


def settle_invoices(live: list[Application]) -> None:
    """Second cap. In order, each application takes the room left on its invoice.

    The excess comes off its cash first (it stays on the source, and is not offered to other applications),
    then off its discount, then off its withheld part.
    """
    for a in live:
        room = a.invoice.amount - a.invoice.settled
        excess = max(ZERO, a.cash + a.discount + a.withheld - room)
        cash = a.cash - min(a.cash, excess)
        excess -= a.cash - cash
        discount = a.discount - min(a.discount, excess)
        excess -= a.discount - discount
        withheld = a.withheld - excess
        if cash < a.cash:
            a.drawn = pro_rata(a.drawn, cash, a.cash, a.source.currency) if a.is_cross_currency else cash
        a.cash, a.discount, a.withheld = cash, discount, withheld
        a.invoice.settled += cash + discount + withheld
        a.source.settled += a.drawn
        if a.source.document_date < a.invoice.document_date:
            a.invoice.is_paid_before_invoiced = True


def settled(
    book: Book, as_of: date, known_at: datetime, policy: OraclePolicy
) -> tuple[dict[tuple, Document], list[Application]]:
    """All documents known, with what is settled of each on the day, and the applications that did it."""
    found = documents(book, known_at, policy)
    live = live_applications(book, found, as_of, known_at, policy)
    draw_from_sources(live)
    settle_invoices(live)
    return found, live


def customer_on(book: Book, customer_id: str, day: date, known_at: datetime) -> dict:
    """The customer's row that holds on the day: the latest dated by then, else the undated one, else {}."""
    holds: dict = {}
    for row in known(book, "customers", known_at):
        since = row.get("valid_from") or date.min
        if row["customer_id"] != customer_id or since > day:
            continue
        if not holds or since > (holds.get("valid_from") or date.min):
            holds = row
    return holds
