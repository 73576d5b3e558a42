"""Hypothesis strategies for what is said about what is owed: promises to pay, and disputes.

Belongs here: one version of one promise or dispute. Does not: what moves money (events.py), or whether a promise was
kept (promises.py) and what a dispute blocks (disputes.py).
"""

from datetime import timedelta

from hypothesis import strategies as st

from tests.oracle.events import Rows, after
from tests.oracle.facts import CUSTOMER_IDS, near, part_of, rarely, rarely_near, row_of

REASONS = (None, "pricing", "pricing", "tax")


@st.composite
def promise(
    draw: st.DrawFn,
    entity_id: str | None,
    promise_id: str,
    invoices: Rows,
    sources: Rows,
    applied: list[dict],
    currencies: tuple[str, ...],
) -> dict:
    """About an invoice, mostly one that was paid around the promised day, or about the account of whoever paid."""
    about = draw(st.sampled_from(("paid", "paid", "paid", "account", "account", "any")))
    application = draw(st.sampled_from(applied)) if applied and about != "any" else None
    invoice_id = application["invoice_id"] if application else draw(st.sampled_from((*invoices, "I9")))
    source = sources.get(application["source_id"]) if application else None
    if about == "account":
        invoice_id = None
        source = draw(st.sampled_from(tuple(sources.values()))) if sources else None
    invoice = invoices.get(invoice_id)
    paid_on = (source.get("payment_date") or source["credit_date"]) if source else after(draw, invoice, "invoice_date")
    made_on = paid_on - timedelta(draw(st.integers(-2, 15)))
    currency = source["currency"] if source and not rarely(draw) else draw(st.sampled_from((*currencies, None)))
    if invoice:
        currency = draw(st.sampled_from((None, invoice["currency"])))
    document = invoice or source
    customer_id = document["customer_id"] if document and not rarely(draw) else draw(st.sampled_from(CUSTOMER_IDS))
    fewest = currency or (invoice["currency"] if invoice else "JPY")
    return row_of(
        "promises",
        entity_id=entity_id,
        promise_id=promise_id,
        customer_id=customer_id,
        invoice_id=invoice_id,
        made_on=made_on,
        promised_date=near(draw, max(made_on, paid_on), -4, 6),
        amount=part_of(draw, document and document["amount"], fewest),
        currency=currency,
        withdrawn_on=rarely_near(draw, made_on, -2, 30),
    )


@st.composite
def dispute(draw: st.DrawFn, entity_id: str | None, dispute_id: str, invoices: Rows) -> dict:
    """About all or a part of an invoice, half of them resolved, with or without a word about what was credited."""
    invoice_id = draw(st.sampled_from((*invoices, *invoices, "I9")))
    invoice = invoices.get(invoice_id)
    opened_on = after(draw, invoice, "invoice_date")
    is_resolved = draw(st.booleans())
    currency = invoice["currency"] if invoice else "JPY"
    amount = part_of(draw, invoice and invoice["amount"], currency) if draw(st.booleans()) else None
    disputed = amount or (invoice and invoice["amount"])
    return row_of(
        "disputes",
        entity_id=entity_id,
        dispute_id=dispute_id,
        invoice_id=invoice_id,
        reason=draw(st.sampled_from(REASONS)),
        opened_on=opened_on,
        resolved_on=near(draw, opened_on, 0, 40) if is_resolved else None,
        amount=amount,
        credited_amount=part_of(draw, disputed, currency) if is_resolved and draw(st.booleans()) else None,
    )
