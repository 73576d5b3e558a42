"""Hypothesis strategies for single facts: what one row of a feed can look like.

Belongs here: one version of one customer, invoice, instalment, payment or credit memo. Does not: what happens to
documents (events.py), how a fact changes from batch to batch, or what makes a book (books.py).

Every row is acceptable to landing.md (positive amounts, no more decimals than the currency has): a book tests
the ledger, not the rejection of rows.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

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
    "instalments": "entity_id invoice_id instalment due_date amount",
    "payment_reversals": "entity_id reversal_id payment_id reversed_on amount reason undone_on",
    "refunds": "entity_id refund_id source_id refunded_on posting_date amount reopens_invoice_id",
    "write_offs": "entity_id write_off_id invoice_id source_id written_off_on posting_date amount reason reversed_on",
    "recoveries": "entity_id recovery_id write_off_id payment_id recovered_on amount",
    "promises": "entity_id promise_id customer_id invoice_id made_on promised_date amount currency taken_by"
    " withdrawn_on plan_id",
    "disputes": "entity_id dispute_id invoice_id reason opened_on resolved_on amount credited_amount",
}
CUSTOMER_IDS = ("acme", "bolt", "cord", "nobody")  # there is never a row for nobody

days = st.integers(0, 120).map(lambda n: FIRST_DAY + timedelta(n))


# Terms as they are, and the three ways to be bad: missing, before the document, far beyond it.
TERMS = (0, 14, 30, 30, 60, 61, None, None, -1, -20, 400, 401, 66_000)


def rarely(draw: st.DrawFn) -> bool:
    """One time in five."""
    return draw(st.integers(0, 4)) == 4


def near(draw: st.DrawFn, day: date, first: int, last: int) -> date:
    return day + timedelta(draw(st.integers(first, last)))


def rarely_near(draw: st.DrawFn, day: date, first: int, last: int) -> date | None:
    return near(draw, day, first, last) if rarely(draw) else None


def due_date_from(draw: st.DrawFn, document_date: date) -> date | None:
    terms = draw(st.sampled_from(TERMS))
    return None if terms is None else document_date + timedelta(terms)


def amount_in(draw: st.DrawFn, currency: str) -> Decimal:
    """Small and positive, often one of the same round ones; whole in JPY, with cents elsewhere."""
    if draw(st.booleans()):
        return Decimal(draw(st.sampled_from((100, 50, 300))))
    if currency == "JPY":
        return Decimal(draw(st.integers(1, 400)))
    return Decimal(draw(st.integers(1, 40_000))).scaleb(-2)


def rarely_amount(draw: st.DrawFn, currency: str) -> Decimal | None:
    return amount_in(draw, currency) if rarely(draw) else None


def part_of(draw: st.DrawFn, amount: Decimal | None, currency: str) -> Decimal:
    """All, a half, a third or three quarters of an amount, in whole minor units; or an amount of its own."""
    part = draw(st.sampled_from((None, Fraction(1, 2), Fraction(1), Fraction(1), Fraction(1, 3), Fraction(3, 4))))
    if amount is None or part is None:
        return amount_in(draw, currency)
    digits = 0 if currency == "JPY" else 2
    units = max(1, int(Fraction(amount) * part * 10**digits))
    return Decimal(units).scaleb(-digits)


def status_or(draw: st.DrawFn, *others: str) -> str | None:
    """Posted four times in five, or nothing said, which is the same."""
    return draw(st.sampled_from((*("posted", None) * 4, *others)))


def row_of(feed: str, **filled: object) -> dict:
    """A row with all columns of the feed, empty where nothing is said."""
    row = dict.fromkeys(COLUMNS[feed].split())
    assert filled.keys() <= row.keys(), feed
    return row | filled


@st.composite
def customer(draw: st.DrawFn, customer_id: str, valid_from: date | None) -> dict:
    return row_of(
        "customers",
        customer_id=customer_id,
        valid_from=valid_from,
        payer_id=draw(st.sampled_from((None, None, "acme", "bolt", "nobody"))),
        segment=draw(st.sampled_from((None, "large", "small"))),
        terms_days=draw(st.sampled_from((None, 0, 14, 45))),
        related_party=draw(st.sampled_from((None, False, False, True))),
        collector=draw(st.sampled_from((None, "ann", "bob"))),
    )


@st.composite
def invoice(draw: st.DrawFn, entity_id: str | None, invoice_id: str, currency: str) -> dict:
    invoice_date = draw(days)
    return row_of(
        "invoices",
        entity_id=entity_id,
        invoice_id=invoice_id,
        customer_id=draw(st.sampled_from(CUSTOMER_IDS)),
        payer_id=draw(st.sampled_from(CUSTOMER_IDS)) if rarely(draw) else None,
        document_type=draw(st.sampled_from((None, "invoice", "invoice", "debit_memo"))),
        invoice_date=invoice_date,
        posting_date=rarely_near(draw, invoice_date, -5, 40),
        due_date=due_date_from(draw, invoice_date),
        currency=currency,
        amount=amount_in(draw, currency),
        status=status_or(draw, "void", "draft"),
        voided_on=rarely_near(draw, invoice_date, 0, 90),
    )


@st.composite
def payment(draw: st.DrawFn, entity_id: str | None, payment_id: str, currency: str) -> dict:
    payment_date = draw(days)
    return row_of(
        "payments",
        entity_id=entity_id,
        payment_id=payment_id,
        customer_id=draw(st.sampled_from(CUSTOMER_IDS)),
        payment_date=payment_date,
        posting_date=rarely_near(draw, payment_date, -5, 20),
        currency=currency,
        amount=amount_in(draw, currency),
        status=status_or(draw, "pending", "failed"),
    )


@st.composite
def credit_memo(draw: st.DrawFn, entity_id: str | None, credit_memo_id: str, currency: str) -> dict:
    credit_date = draw(days)
    return row_of(
        "credit_memos",
        entity_id=entity_id,
        credit_memo_id=credit_memo_id,
        customer_id=draw(st.sampled_from(CUSTOMER_IDS)),
        credit_date=credit_date,
        posting_date=rarely_near(draw, credit_date, -5, 20),
        due_date=due_date_from(draw, credit_date) if draw(st.booleans()) else None,
        currency=currency,
        amount=amount_in(draw, currency),
        status=status_or(draw, "void", "draft"),
        voided_on=rarely_near(draw, credit_date, 0, 90),
    )


@st.composite
def instalment(draw: st.DrawFn, entity_id: str | None, invoice_id: str, name: str, of: dict | None) -> dict:
    """A part of an invoice; parts add up to it or do not. Without an invoice that anybody knows, in whole units."""
    invoice_date = of["invoice_date"] if of else draw(days)
    terms = draw(st.sampled_from((30, 30, 60, 90, 0, 14, -3, 500)))
    currency = of["currency"] if of else "JPY"
    return row_of(
        "instalments",
        entity_id=entity_id,
        invoice_id=invoice_id,
        instalment=name,
        due_date=invoice_date + timedelta(terms),
        amount=part_of(draw, of and of["amount"], currency),
    )
