"""The documents known at a time: invoices and debit memos, payments and credit memos, and what is open of them.

Belongs here: the policy, what is known when, documents with their dates and amounts, the customer of a day. Does
not: what settles them (claims.py, settlement.py), speed, SQL, frames, or an import from the project's packages:
what is said here must not be able to be wrong for the same reason as the SQL that it judges.

A book is `{feed: [row, ...]}`; a row has the feed's columns of landing.md (missing: None, or left out) and
`known_from`, `known_to`, half-open. Amounts are Decimal in the document's currency.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

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
    """What a policy can change; buckets are (name, first day, last day), None: unbounded."""

    default_entity: str = "main"
    basis: str = "due_date"  # or invoice_date
    due_today_is_current: bool = True
    grace_days: int = 0
    no_due_date: str = "invoice_date"  # or terms, or bucket
    default_terms_days: int = 30
    longest_terms_days: int = 400
    advances: str = "earliest_due"  # or pro_rata: what names no instalment settles each by its share
    history_starts_on: date | None = None  # set: applications to unknown invoices consume their source
    buckets: tuple = field(default=DEFAULT_BUCKETS)
    windows: tuple = (30, 90, 365)  # days over which collection metrics look back
    cei_months: str = "monthly_average"  # or whole_period
    early_payments: str = "negative"  # or floored
    tolerance_days: int = 3  # after the promised date, in which cash still keeps a promise


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
    reversed: Decimal = ZERO  # of a payment, by its live reversals
    settled: Decimal = ZERO  # taken off an invoice, drawn from a source
    reopenable: Decimal = ZERO  # of an invoice, what its live reopenings ask
    reopened: Decimal = ZERO  # of an invoice, what of that counts
    is_paid_before_invoiced: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Where others find it."""
        return (self.space, self.entity_id, self.document_id)

    @property
    def capacity(self) -> Decimal:
        """What a source can give: its amount, less what was reversed."""
        return self.amount - self.reversed

    @property
    def room(self) -> Decimal:
        """What can be settled of an invoice: its amount, and what its live reopenings ask once more."""
        return self.amount + self.reopenable

    @property
    def balance(self) -> Decimal:
        """What it adds to receivables on a day on which it exists."""
        return self.sign * (self.amount - self.reversed - self.settled + self.reopened)


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
