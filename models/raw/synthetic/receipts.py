"""Payments: which parts one payment carries, and receipts that settle nothing.

Belongs here: the bundling of parts into payments, over-payments, receipts on account, failed and pending
payments, and the `payments` feed. Does not belong here: when a part is paid (`settlements`), or how it is
applied (`applications`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Integers, dates, masked, money, named, numbered
from models.raw.synthetic.currencies import converted, minor_units, rounded
from models.raw.synthetic.history import History, booked
from models.raw.synthetic.invoices import Invoices
from models.raw.synthetic.outcomes import PAID, Outcomes
from models.raw.synthetic.payers import METHODS, Payers
from models.raw.synthetic.settlements import Parts

POSTED, PENDING, FAILED = range(3)
STATUSES = ("posted", "pending", "failed")
OVERPAID_SHARE = 0.003  # of the parts that could be
ON_ACCOUNT_SHARE = 0.006  # payments that nobody can match to an invoice
FAILED_SHARE = 0.002
PENDING_SHARE = 0.2  # of the payments of the last three days


class Lines(NamedTuple):
    """One part carried by a payment of the history; amounts in hundredths of the invoice's currency."""

    part: Integers
    invoice: Integers
    payment: Integers
    cash: Integers  # excess included
    excess: Integers  # more than the invoice has open
    source: Integers  # cash in the payment's currency
    discount: Integers
    withheld: Integers
    paid_on: Integers


class Receipts(NamedTuple):
    """Payments by index: those that carry lines first, then on account, then failed."""

    payer: Integers
    entity: Integers
    currency: Integers
    paid_on: Integers
    amount: Integers
    status: Integers
    carrying: int  # how many of the first payments carry lines
    on_account: int  # how many after them carry none, because nobody knows what they are for


def draw_receipts(
    generator: np.random.Generator,
    parts: Parts,
    invoices: Invoices,
    outcomes: Outcomes,
    payers: Payers,
    history: History,
) -> tuple[Lines, Receipts]:
    """The payments of the history and the lines that they carry, in order of payment."""
    seen = np.flatnonzero(parts.paid_on <= history.last)
    invoice = parts.invoice[seen]
    excess = _excess(generator, parts, seen, invoices, outcomes, history)
    cash = parts.cash[seen] + excess
    billed = invoices.currency[invoice]
    pays_in = payers.pays_in[invoices.payer[invoice]]
    currency = np.where((pays_in >= 0) & (excess == 0), pays_in, billed)
    moved = converted(history.rates, cash, billed, currency, parts.paid_on[seen])
    source = np.maximum(moved, minor_units(history.currencies)[currency])
    payment, order = _bundled(invoices, payers, history, invoice, currency, parts.paid_on[seen])
    part = seen[order]
    lines = Lines(
        part=part,
        invoice=invoice[order],
        payment=payment,
        cash=cash[order],
        excess=excess[order],
        source=source[order],
        discount=parts.discount[part],
        withheld=parts.withheld[part],
        paid_on=parts.paid_on[part],
    )
    return lines, _payments(generator, lines, invoices, currency[order], history)


def _excess(
    generator: np.random.Generator,
    parts: Parts,
    seen: Integers,
    invoices: Invoices,
    outcomes: Outcomes,
    history: History,
) -> Integers:
    """Over-payments, only of invoices paid in one payment without deduction, so that each is plain."""
    invoice = parts.invoice[seen]
    plain = parts.is_last[seen] & (parts.ordinal[seen] == 0) & (outcomes.fate[invoice] == PAID)
    plain &= parts.discount[seen] + parts.withheld[seen] == 0
    chosen = plain & (generator.random(len(seen)) < OVERPAID_SHARE)
    units = minor_units(history.currencies)[invoices.currency[invoice]]
    more = rounded(parts.cash[seen] * (0.01 + 0.2 * generator.random(len(seen))), units)
    return np.where(chosen, np.maximum(more, units), 0)


def _bundled(
    invoices: Invoices,
    payers: Payers,
    history: History,
    invoice: Integers,
    currency: Integers,
    paid_on: Integers,
) -> tuple[Integers, Integers]:
    """Payment by line, and the order of lines: one day, payer, entity, currency, up to a limit."""
    payer = invoices.payer[invoice]
    width = len(payers.pattern)
    key = ((paid_on - history.first) * width + payer) * 256 + invoices.entity[invoice] * 16 + currency
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    group = np.cumsum(np.diff(ordered, prepend=-1) != 0) - 1
    rank = np.arange(len(order)) - begins[group]
    starts = rank % payers.lines[payer[order]] == 0
    return np.cumsum(starts) - 1, order


def _payments(
    generator: np.random.Generator, lines: Lines, invoices: Invoices, currency: Integers, history: History
) -> Receipts:
    lead = np.flatnonzero(np.diff(lines.payment, prepend=-1))
    carrying = len(lead)
    invoice = lines.invoice[lead]
    amount = np.bincount(lines.payment, lines.source, carrying).astype(np.int64)
    paid_on = lines.paid_on[lead]
    late = (paid_on > history.last - 3) & (generator.random(carrying) < PENDING_SHARE)
    account = np.flatnonzero(generator.random(carrying) < ON_ACCOUNT_SHARE)
    failed = np.flatnonzero((generator.random(carrying) < FAILED_SHARE) & (paid_on > history.first + 10))
    like = np.concatenate([np.arange(carrying), account, failed])
    units = minor_units(history.currencies)[currency[lead]]
    part = np.maximum(rounded(amount * (0.2 + 0.7 * generator.random(carrying)), units), units)
    earlier = paid_on - generator.integers(2, 7, carrying)
    status = np.concatenate([np.where(late, PENDING, POSTED), np.zeros(len(account)), np.full(len(failed), FAILED)])
    return Receipts(
        payer=invoices.payer[invoice][like],
        entity=invoices.entity[invoice][like],
        currency=currency[lead][like],
        paid_on=np.concatenate(
            [paid_on, paid_on[account], history.days.preceding[earlier[failed] - history.days.first]]
        ),
        amount=np.concatenate([amount, part[account], amount[failed]]),
        status=status.astype(np.int64),
        carrying=carrying,
        on_account=len(account),
    )


def numbered_payments(count: int, first_number: int) -> pl.Series:
    """Payment ids with leading zeros, in a range of their own."""
    return numbered("", 14_000_001 + first_number + np.arange(count), 10)


def payments_feed(
    generator: np.random.Generator,
    receipts: Receipts,
    ids: pl.Series,
    customer_ids: pl.Series,
    payers: Payers,
    history: History,
) -> pl.DataFrame:
    """The `payments` feed."""
    count = len(ids)
    posting = receipts.paid_on + generator.integers(1, 4, count)
    late_posting = (generator.random(count) < 0.005) & (posting <= history.last)
    reference = numbered("REM ", generator.integers(10_000, 9_999_999, count), 7)
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, receipts.entity),
            "payment_id": ids,
            "customer_id": customer_ids.gather(receipts.payer),
            "payment_date": dates(receipts.paid_on),
            "posting_date": dates(posting, late_posting),
            "currency": named(history.currencies, receipts.currency),
            "amount": money(receipts.amount),
            "functional_amount": booked(history, receipts.amount, receipts.currency, receipts.entity, receipts.paid_on),
            "method": named(METHODS, payers.method[receipts.payer]),
            "status": named(STATUSES, receipts.status),
            "reference": masked(reference, generator.random(count) < 0.8),
        }
    )
