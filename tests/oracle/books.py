"""Hypothesis strategies that draw small books, and the batches that would have sent them.

Belongs here: how facts (facts.py, events.py) make a book, how they change from batch to batch, which days to ask about.
Does not: what is true of a book (ledger.py), or how a batch is written to a file.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from tests.oracle import events, facts, pursuits
from tests.oracle.settlement import Book, OraclePolicy

DEFAULT_ENTITY = "main"
OPEN_END = datetime(9999, 12, 31)
BATCH_TIMES = (
    datetime(2024, 3, 1, 6),
    datetime(2024, 4, 1, 6),
    datetime(2024, 5, 2, 6),
    datetime(2024, 6, 3, 6),
)
KEYS = {
    "customers": ("customer_id", "valid_from"),
    "invoices": ("entity_id", "invoice_id"),
    "payments": ("entity_id", "payment_id"),
    "credit_memos": ("entity_id", "credit_memo_id"),
    "applications": ("entity_id", "application_id"),
    "instalments": ("entity_id", "invoice_id", "instalment"),
    "payment_reversals": ("entity_id", "reversal_id"),
    "refunds": ("entity_id", "refund_id"),
    "write_offs": ("entity_id", "write_off_id"),
    "recoveries": ("entity_id", "recovery_id"),
    "promises": ("entity_id", "promise_id"),
    "disputes": ("entity_id", "dispute_id"),
}
# What is drawn over a book: rates, who keeps its books in which currency, and what its general ledger says.
KEYS_BESIDE = {
    "entities": ("entity_id",),
    "fiscal_periods": ("entity_id", "period_id"),
    "fx_rates": ("rate_date", "from_currency", "to_currency"),
    "gl_balances": ("entity_id", "period_end", "account", "currency"),
    "gl_entries": ("entity_id", "entry_id"),
}
# What a later version of a fact changes together; a document keeps its currency.
CHANGES = {
    "customers": (("payer_id",), ("segment", "collector"), ("terms_days",), ("related_party",)),
    "invoices": (
        ("amount",),
        ("due_date",),
        ("status", "voided_on"),
        ("customer_id", "payer_id"),
        ("invoice_date", "posting_date"),
        ("document_type",),
    ),
    "payments": (("amount",), ("status",), ("customer_id",), ("payment_date", "posting_date")),
    "credit_memos": (
        ("amount",),
        ("due_date",),
        ("status", "voided_on"),
        ("customer_id",),
        ("credit_date", "posting_date"),
    ),
    "applications": (
        ("unapplied_on",),
        ("applied_on",),
        ("instalment",),
        ("source_id", "invoice_id", "amount", "source_amount", "discount_amount", "withheld_amount"),
    ),
    "instalments": (("amount",), ("due_date",)),
    "payment_reversals": (("undone_on",), ("reversed_on",), ("payment_id", "amount")),
    "refunds": (("refunded_on", "posting_date"), ("source_id", "reopens_invoice_id", "amount")),
    "write_offs": (("reversed_on",), ("written_off_on", "posting_date"), ("invoice_id", "source_id", "amount")),
    "recoveries": (("recovered_on",), ("payment_id",), ("write_off_id", "amount")),
    "promises": (("withdrawn_on",), ("promised_date",), ("invoice_id", "customer_id", "amount", "currency")),
    "disputes": (
        ("opened_on", "resolved_on", "credited_amount"),
        ("reason",),
        ("invoice_id", "amount", "credited_amount"),
    ),
}
# Mostly late, when there is most to see; a known-at also falls just before a batch, and after the last.
as_ofs = st.integers(-5, 200).map(lambda n: facts.FIRST_DAY + timedelta(n)) | st.sampled_from(
    (date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 15), date(2024, 7, 31))
)
known_ats = st.sampled_from(
    (OPEN_END - timedelta(1), *reversed(BATCH_TIMES), *(t - timedelta(microseconds=1) for t in BATCH_TIMES))
) | st.just(OPEN_END - timedelta(1))


def policies() -> st.SearchStrategy[OraclePolicy]:
    """Policies that differ in everything but the buckets and the default entity."""
    return st.builds(
        OraclePolicy,
        basis=st.sampled_from(("due_date", "due_date", "invoice_date")),
        due_today_is_current=st.booleans(),
        grace_days=st.sampled_from((0, 0, 3, 10)),
        no_due_date=st.sampled_from(("invoice_date", "terms", "bucket")),
        default_terms_days=st.sampled_from((30, 0, 45)),
        longest_terms_days=st.sampled_from((400, 60)),
        advances=st.sampled_from(("earliest_due", "pro_rata")),
        history_starts_on=st.sampled_from((None, None, facts.FIRST_DAY)),
        windows=st.sampled_from(((30, 90, 365), (30, 90, 365), (60,), (20, 180))),
        cei_months=st.sampled_from(("monthly_average", "whole_period")),
        early_payments=st.sampled_from(("negative", "floored")),
        tolerance_days=st.sampled_from((3, 0, 10)),
    )


@st.composite
def _versions(
    draw: st.DrawFn, feed: str, fact: st.SearchStrategy[dict], batches: int, starts_first: bool = False
) -> list[dict]:
    """One to three versions of one fact, in time; each differs from the one that it replaces.

    Half of the facts come with the first batch. A deleted fact may come back, changed.
    """
    start = 0 if starts_first else max(0, draw(st.integers(0, 2 * batches - 1)) - batches)
    row = draw(fact)
    versions = [row | {"known_from": BATCH_TIMES[start], "known_to": OPEN_END}]
    is_here = True
    for time in BATCH_TIMES[start + 1 : batches]:
        event = draw(st.sampled_from(("same", "same", "same", "same", "change", "change", "delete")))
        if event == "delete" and is_here:
            versions[-1]["known_to"], is_here = time, False
        if event == "change" and len(versions) < 3:
            fresh = draw(fact)
            changed = row | {column: fresh[column] for column in draw(st.sampled_from(CHANGES[feed]))}
            if is_here and changed == row:
                continue
            if is_here:
                versions[-1]["known_to"] = time
            row, is_here = changed, True
            versions.append(row | {"known_from": time, "known_to": OPEN_END})
    return versions


@st.composite
def _entity_facts(draw: st.DrawFn, entity_id: str, most: int, batches: int) -> Book:
    """The documents of one entity and what happens to them; the default entity goes by its name or by none."""
    spelled = st.sampled_from((entity_id, None) if entity_id == DEFAULT_ENTITY else (entity_id,))
    currencies_of_entity = draw(st.sampled_from((("USD",), ("USD", "USD", "JPY"), ("JPY", "EUR", "EUR"), ("JPY",))))
    currencies = st.sampled_from(currencies_of_entity)
    found: Book = {feed: [] for feed in KEYS}
    first_of: dict[str, dict[str, dict]] = {"invoices": {}, "payments": {}, "credit_memos": {}}
    for feed, fact, prefix, count in (
        ("invoices", facts.invoice, "I", draw(st.integers(2, most))),
        ("payments", facts.payment, "P", draw(st.integers(1, most))),
        ("credit_memos", facts.credit_memo, "C", draw(st.integers(0, most // 2))),
    ):
        for number in range(1, count + 1):
            one = fact(draw(spelled), f"{prefix}{number}", draw(currencies))
            versions = draw(_versions(feed, one, batches, starts_first=(feed, number) == ("invoices", 1)))
            first_of[feed][f"{prefix}{number}"] = versions[0]
            found[feed] += versions
    for feed, rows in draw(_entity_events(spelled, first_of, currencies_of_entity, most, batches)).items():
        found[feed] += rows
    return found


@st.composite
def _entity_events(
    draw: st.DrawFn,
    spelled: st.SearchStrategy[str | None],
    first_of: dict[str, dict[str, dict]],
    currencies: tuple[str, ...],
    most: int,
    batches: int,
) -> Book:
    """What happens to the documents of one entity: many applications, and a few of everything else."""
    found: Book = {feed: [] for feed in KEYS}
    invoices, sources = first_of["invoices"], first_of["payments"] | first_of["credit_memos"]

    def happen(feed: str, count: int, fact: Callable[[str | None, int], st.SearchStrategy[dict]]) -> list[dict]:
        versions = [draw(_versions(feed, fact(draw(spelled), n), batches)) for n in range(1, count + 1)]
        found[feed] += [row for rows in versions for row in rows]
        return [rows[0] for rows in versions]

    few = st.sampled_from((0, 1, 2, 2, 3, 3) if most > 3 else (0, 1, 2))
    applied = happen(
        "applications",
        draw(st.integers(most // 2, 2 * most)),
        lambda entity, n: events.application(entity, f"A{n:02}", invoices, sources),
    )
    happen("payment_reversals", draw(few), lambda e, n: events.payment_reversal(e, f"V{n}", sources, applied))
    happen("refunds", draw(few), lambda e, n: events.refund(e, f"R{n}", invoices, sources, applied))
    written_off = happen("write_offs", draw(few), lambda e, n: events.write_off(e, f"W{n}", invoices, sources))
    write_offs = {row["write_off_id"]: row for row in written_off}
    fewest = "JPY" if "JPY" in currencies else currencies[0]
    count = draw(few) if write_offs else 0
    happen("recoveries", count, lambda e, n: events.recovery(e, f"A{n:02}-R", write_offs, invoices, sources, fewest))
    fewer = st.sampled_from((0, 1, 1, 2))
    happen("promises", draw(fewer), lambda e, n: pursuits.promise(e, f"M{n}", invoices, sources, applied, currencies))
    happen("disputes", draw(fewer), lambda e, n: pursuits.dispute(e, f"D{n}", invoices))
    split = draw(st.lists(st.sampled_from((*invoices, "I9")), unique=True, max_size=1 + most // 6))
    for invoice_id in split:
        parts = draw(st.integers(1, 3))
        happen("instalments", parts, lambda e, n, of=invoice_id: facts.instalment(e, of, str(n), invoices.get(of)))
    return found


@st.composite
def books(draw: st.DrawFn) -> Book:
    """A book of about 25 facts, seldom over 40, in two to four batches, with an invoice in the first batch."""
    book: Book = {feed: [] for feed in KEYS}
    batches = draw(st.integers(2, 4))
    dates = st.sampled_from((None, None, facts.FIRST_DAY, facts.FIRST_DAY + timedelta(60)))
    keys = draw(st.sets(st.tuples(st.sampled_from(facts.CUSTOMER_IDS[:-1]), dates), max_size=4))
    for customer_id, valid_from in sorted(keys, key=str):
        book["customers"] += draw(_versions("customers", facts.customer(customer_id, valid_from), batches))
    entities = draw(st.sampled_from(((DEFAULT_ENTITY,), (DEFAULT_ENTITY,), (DEFAULT_ENTITY, "east"))))
    for entity_id in entities:
        most = 6 if len(entities) == 1 else 3
        for feed, rows in draw(_entity_facts(entity_id, most, batches)).items():
            book[feed] += rows
    return book


def book_rows_by_batch(book: Book) -> list[tuple[datetime, dict[str, list[dict]]]]:
    """What an increment source would have sent: (batch time, feed -> rows), in time, changed rows only.

    A row is without known_from and known_to, with `_deleted`: True for a row that is gone, as it last was.
    """
    sent: dict[datetime, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for feed, rows in book.items():
        begins = {(_key(feed, row), row["known_from"]) for row in rows}
        for row in rows:
            plain = {column: row[column] for column in row if column not in ("known_from", "known_to")}
            sent[row["known_from"]][feed].append(plain | {"_deleted": False})
            if row["known_to"] < OPEN_END and (_key(feed, row), row["known_to"]) not in begins:
                sent[row["known_to"]][feed].append(plain | {"_deleted": True})
    return [(time, dict(sent[time])) for time in sorted(sent)]


def _key(feed: str, row: dict) -> tuple:
    """The row's key; an empty entity is the default one."""
    return tuple(row[c] or DEFAULT_ENTITY if c == "entity_id" else row[c] for c in (KEYS | KEYS_BESIDE)[feed])
