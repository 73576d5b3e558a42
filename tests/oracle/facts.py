"""Hypothesis strategies for single facts: what one row of a feed can look like.

Belongs here: one version of one customer, invoice, payment, credit memo or application. Does not: how a fact
changes from batch to batch, or what makes a book (books.py).

Every row is acceptable to landing.md (positive amounts, no more decimals than the currency has): a book tests
the ledger, not the rejection of rows.
"""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

FIRST_DAY = date(2024, 1, 20)  # a leap year, and a first month that is cut
COLUMNS = {
    "customers": "customer_id valid_from name parent_id payer_id kind segment region country industry"
    " terms_days credit_limit credit_limit_currency collector account_owner status related_party insured"
    " email created_on",
    "invoices": "entity_id invoice_id customer_id payer_id document_type invoice_date posting_date due_date"
    " original_due_date currency amount tax_amount functional_amount status voided_on service_start"
    " service_end product purchase_order ar_account",
    "payments": "entity_id payment_id customer_id payment_date posting_date currency amount functional_amount"
    " method status reference ar_account",
    "credit_memos": "entity_id credit_memo_id customer_id credit_date posting_date due_date currency amount"
    " functional_amount reason status voided_on ar_account",
    "applications": "entity_id application_id source_id invoice_id instalment applied_on amount source_amount"
    " discount_amount withheld_amount unapplied_on",
}
CUSTOMER_IDS = ("acme", "bolt", "cord", "nobody")  # there is never a row for nobody

days = st.integers(0, 120).map(lambda n: FIRST_DAY + timedelta(n))


# Terms as they are, and the three ways to be bad: missing, before the document, far beyond it.
TERMS = (0, 14, 30, 30, 60, 61, None, None, -1, -20, 400, 401, 66_000)


def _rarely(draw: st.DrawFn) -> bool:
    """One time in five."""
    return draw(st.integers(0, 4)) == 4


def _near(draw: st.DrawFn, day: date, first: int, last: int) -> date:
    return day + timedelta(draw(st.integers(first, last)))


def _rarely_near(draw: st.DrawFn, day: date, first: int, last: int) -> date | None:
    return _near(draw, day, first, last) if _rarely(draw) else None


def _due_date(draw: st.DrawFn, document_date: date) -> date | None:
    terms = draw(st.sampled_from(TERMS))
    return None if terms is None else document_date + timedelta(terms)


def _amount(draw: st.DrawFn, currency: str) -> Decimal:
    """Small and positive, often one of the same round ones; whole in JPY, with cents elsewhere."""
    if draw(st.booleans()):
        return Decimal(draw(st.sampled_from((100, 50, 300))))
    if currency == "JPY":
        return Decimal(draw(st.integers(1, 400)))
    return Decimal(draw(st.integers(1, 40_000))).scaleb(-2)


def _rarely_amount(draw: st.DrawFn, currency: str) -> Decimal | None:
    return _amount(draw, currency) if _rarely(draw) else None


def _status(draw: st.DrawFn, *others: str) -> str | None:
    """Posted four times in five, or nothing said, which is the same."""
    return draw(st.sampled_from((*("posted", None) * 4, *others)))


def _row(feed: str, **filled: object) -> dict:
    """A row with all columns of the feed, empty where nothing is said."""
    row = dict.fromkeys(COLUMNS[feed].split())
    assert filled.keys() <= row.keys(), feed
    return row | filled


@st.composite
def customer(draw: st.DrawFn, customer_id: str, valid_from: date | None) -> dict:
    return _row(
        "customers",
        customer_id=customer_id,
        valid_from=valid_from,
        payer_id=draw(st.sampled_from((None, None, "acme", "bolt", "nobody"))),
        segment=draw(st.sampled_from((None, "large", "small"))),
        terms_days=draw(st.sampled_from((None, 0, 14, 45))),
        related_party=draw(st.sampled_from((None, False, False, True))),
    )


@st.composite
def invoice(draw: st.DrawFn, entity_id: str | None, invoice_id: str, currency: str) -> dict:
    invoice_date = draw(days)
    return _row(
        "invoices",
        entity_id=entity_id,
        invoice_id=invoice_id,
        customer_id=draw(st.sampled_from(CUSTOMER_IDS)),
        payer_id=draw(st.sampled_from(CUSTOMER_IDS)) if _rarely(draw) else None,
        document_type=draw(st.sampled_from((None, "invoice", "invoice", "debit_memo"))),
        invoice_date=invoice_date,
        posting_date=_rarely_near(draw, invoice_date, -5, 40),
        due_date=_due_date(draw, invoice_date),
        currency=currency,
        amount=_amount(draw, currency),
        status=_status(draw, "void", "draft"),
        voided_on=_rarely_near(draw, invoice_date, 0, 90),
    )


@st.composite
def payment(draw: st.DrawFn, entity_id: str | None, payment_id: str, currency: str) -> dict:
    payment_date = draw(days)
    return _row(
        "payments",
        entity_id=entity_id,
        payment_id=payment_id,
        customer_id=draw(st.sampled_from(CUSTOMER_IDS)),
        payment_date=payment_date,
        posting_date=_rarely_near(draw, payment_date, -5, 20),
        currency=currency,
        amount=_amount(draw, currency),
        status=_status(draw, "pending", "failed"),
    )


@st.composite
def credit_memo(draw: st.DrawFn, entity_id: str | None, credit_memo_id: str, currency: str) -> dict:
    credit_date = draw(days)
    return _row(
        "credit_memos",
        entity_id=entity_id,
        credit_memo_id=credit_memo_id,
        customer_id=draw(st.sampled_from(CUSTOMER_IDS)),
        credit_date=credit_date,
        posting_date=_rarely_near(draw, credit_date, -5, 20),
        due_date=_due_date(draw, credit_date) if draw(st.booleans()) else None,
        currency=currency,
        amount=_amount(draw, currency),
        status=_status(draw, "void", "draft"),
        voided_on=_rarely_near(draw, credit_date, 0, 90),
    )


@st.composite
def application(
    draw: st.DrawFn,
    entity_id: str | None,
    application_id: str,
    invoices: dict[str, dict],
    sources: dict[str, dict],
) -> dict:
    """Between an invoice and a source, by id; an id may be nobody's, or only the other entity's.

    What is lost is asked for in whole units, which any currency has.
    """
    invoice_id = draw(st.sampled_from((*invoices, *invoices, "I3")))
    source_id = draw(st.sampled_from((*sources, *sources, "P3")))
    invoice, source = invoices.get(invoice_id), sources.get(source_id)
    invoice_currency = invoice["currency"] if invoice else "JPY"
    source_currency = source["currency"] if source else invoice_currency
    amount = _amount(draw, invoice_currency)
    if invoice and draw(st.booleans()):
        amount = invoice["amount"]
    source_amount = None if draw(st.integers(0, 3)) == 0 else _amount(draw, source_currency)
    if source_currency == invoice_currency:  # within a currency the two can only agree
        source_amount = source_amount and amount
    applied_on = draw(days)
    if invoice and draw(st.booleans()):
        applied_on = _near(draw, invoice["invoice_date"], -5, 60)
    return _row(
        "applications",
        entity_id=entity_id,
        application_id=application_id,
        source_id=source_id,
        invoice_id=invoice_id,
        applied_on=applied_on,
        amount=amount,
        source_amount=source_amount,
        discount_amount=_rarely_amount(draw, invoice_currency),
        withheld_amount=_rarely_amount(draw, invoice_currency),
        unapplied_on=_rarely_near(draw, applied_on, -2, 60),
    )
