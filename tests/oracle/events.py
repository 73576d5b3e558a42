"""Hypothesis strategies for what happens to documents: one row of a feed that settles, takes back or gives back.

Belongs here: one version of one application, reversal, refund, write-off or recovery. Does not: documents and their
instalments (facts.py), how a fact changes from batch to batch, or what makes a book (books.py).

Links are by id, from the first versions of what is there: {id: row}. An id may be nobody's, or only the other
entity's. What has no currency that is known is in whole units, which any currency has.
"""

from datetime import date

from hypothesis import strategies as st

from tests.oracle.facts import amount_in, days, near, part_of, rarely, rarely_amount, rarely_near, row_of

INSTALMENTS = ("1", "2", "3")
Rows = dict[str, dict]


def after(draw: st.DrawFn, linked: dict | None, *columns: str) -> date:
    """A day in the two months from when something else happened, seldom some days before it; or any day."""
    begins = next((linked[column] for column in columns if linked and linked.get(column)), None)
    if begins is None or rarely(draw):
        return draw(days)
    return near(draw, begins, -3, 60)


OWN_DATES = ("invoice_date", "payment_date", "credit_date")


@st.composite
def application(
    draw: st.DrawFn,
    entity_id: str | None,
    application_id: str,
    invoices: Rows,
    sources: Rows,
) -> dict:
    """Between an invoice and a source, by id; an id may be nobody's, or only the other entity's.

    What is lost is asked for in whole units, which any currency has.
    """
    invoice_id = draw(st.sampled_from((*invoices, *invoices, "I3", "I9")))
    source_id = draw(st.sampled_from((*sources, *sources, "P3")))
    invoice, source = invoices.get(invoice_id), sources.get(source_id)
    invoice_currency = invoice["currency"] if invoice else "JPY"
    source_currency = source["currency"] if source else invoice_currency
    amount = amount_in(draw, invoice_currency)
    if invoice and draw(st.booleans()):
        amount = invoice["amount"]
    source_amount = None if draw(st.integers(0, 3)) == 0 else amount_in(draw, source_currency)
    if source_currency == invoice_currency:  # within a currency the two can only agree
        source_amount = source_amount and amount
    applied_on = draw(days)
    if invoice and draw(st.booleans()):
        applied_on = near(draw, invoice["invoice_date"], -5, 60)
    return row_of(
        "applications",
        entity_id=entity_id,
        application_id=application_id,
        source_id=source_id,
        invoice_id=invoice_id,
        instalment=draw(st.sampled_from(INSTALMENTS)) if draw(st.booleans()) else None,
        applied_on=applied_on,
        amount=amount,
        source_amount=source_amount,
        discount_amount=rarely_amount(draw, invoice_currency),
        withheld_amount=rarely_amount(draw, invoice_currency),
        unapplied_on=rarely_near(draw, applied_on, -2, 60),
    )


@st.composite
def payment_reversal(
    draw: st.DrawFn, entity_id: str | None, reversal_id: str, sources: Rows, applied: list[dict]
) -> dict:
    """Of a payment, mostly an applied one, all or a part; seldom of a credit memo or nobody's payment: no reversal."""
    payment_id = draw(st.sampled_from((*sources, "P3")))
    if applied and draw(st.booleans()):
        payment_id = draw(st.sampled_from(applied))["source_id"]
    payment = sources.get(payment_id)
    reversed_on = after(draw, payment, *OWN_DATES)
    currency = payment["currency"] if payment else "JPY"
    return row_of(
        "payment_reversals",
        entity_id=entity_id,
        reversal_id=reversal_id,
        payment_id=payment_id,
        reversed_on=reversed_on,
        amount=part_of(draw, payment and payment["amount"], currency) if draw(st.integers(0, 2)) else None,
        undone_on=near(draw, reversed_on, -2, 40) if draw(st.integers(0, 3)) == 3 else None,
    )


@st.composite
def refund(
    draw: st.DrawFn, entity_id: str | None, refund_id: str, invoices: Rows, sources: Rows, applied: list[dict]
) -> dict:
    """From a source; or it reopens an invoice, mostly one that the source was applied to."""
    source_id = draw(st.sampled_from((*sources, *sources, "P3")))
    reopens = draw(st.sampled_from((None, "any", "applied", "applied")))
    invoice_id = draw(st.sampled_from((*invoices, "I9"))) if reopens == "any" else None
    if reopens == "applied" and applied:
        application = draw(st.sampled_from(applied))
        source_id, invoice_id = application["source_id"], application["invoice_id"]
    source, invoice = sources.get(source_id), invoices.get(invoice_id)
    refunded_on = after(draw, invoice or source, *OWN_DATES)
    return row_of(
        "refunds",
        entity_id=entity_id,
        refund_id=refund_id,
        source_id=source_id,
        refunded_on=refunded_on,
        posting_date=rarely_near(draw, refunded_on, -5, 20),
        amount=part_of(draw, source and source["amount"], source["currency"] if source else "JPY"),
        reopens_invoice_id=invoice_id,
    )


@st.composite
def write_off(draw: st.DrawFn, entity_id: str | None, write_off_id: str, invoices: Rows, sources: Rows) -> dict:
    """Of an invoice, or of a credit balance; seldom of both or of neither, then in whole units."""
    of = draw(st.sampled_from(("invoice",) * 5 + ("source",) * 3 + ("both", "neither")))
    invoice_id = draw(st.sampled_from((*invoices, *invoices, "I9"))) if of in ("invoice", "both") else None
    source_id = draw(st.sampled_from((*sources, *sources, "P3"))) if of in ("source", "both") else None
    document = {"invoice": invoices.get(invoice_id), "source": sources.get(source_id)}.get(of)
    written_off_on = after(draw, document, *OWN_DATES)
    return row_of(
        "write_offs",
        entity_id=entity_id,
        write_off_id=write_off_id,
        invoice_id=invoice_id,
        source_id=source_id,
        written_off_on=written_off_on,
        posting_date=rarely_near(draw, written_off_on, -5, 20),
        amount=part_of(draw, document and document["amount"], document["currency"] if document else "JPY"),
        reversed_on=near(draw, written_off_on, -2, 60) if draw(st.integers(0, 3)) == 3 else None,
    )


@st.composite
def recovery(
    draw: st.DrawFn,
    entity_id: str | None,
    recovery_id: str,
    write_offs: Rows,
    invoices: Rows,
    sources: Rows,
    fewest: str,
) -> dict:
    """Of a write-off, mostly with a payment in its currency; `fewest`: the currency with the fewest decimals."""
    write_off_id = draw(st.sampled_from((*write_offs, *write_offs, "W9")))
    written_off = write_offs.get(write_off_id)
    payment_ids = (*sources, "P9")
    invoice = invoices.get(written_off["invoice_id"]) if written_off else None
    if invoice and not rarely(draw):
        payment_ids = [name for name in sources if sources[name]["currency"] == invoice["currency"]] or payment_ids
    return row_of(
        "recoveries",
        entity_id=entity_id,
        recovery_id=recovery_id,
        write_off_id=write_off_id,
        payment_id=draw(st.sampled_from(payment_ids)) if draw(st.integers(0, 3)) else None,
        recovered_on=after(draw, written_off, "posting_date", "written_off_on"),
        amount=part_of(draw, written_off and written_off["amount"], fewest),
    )
