"""Payments that bounce, and money given back.

Belongs here: bounced attempts with their applications, refunds of what is unapplied, refunds that reopen an
invoice. Does not belong here: the payments that hold (`receipts`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.applications import Applications
from models.raw.synthetic.columns import Booleans, Integers, dates, masked, money, named, numbered
from models.raw.synthetic.currencies import minor_units, rounded
from models.raw.synthetic.draws import Draws
from models.raw.synthetic.history import History
from models.raw.synthetic.outcomes import PAID
from models.raw.synthetic.receipts import POSTED, Lines, Receipts

BOUNCED_SHARE = 0.006  # of payments: an attempt before them that was reversed
REASONS = ("insufficient_funds", "chargeback", "void")
REASON_SHARES = (0.75, 0.15, 0.10)
REFUNDED_SHARE = 0.3  # of receipts on account, and of over-payments
REOPENED_SHARE = 0.0006  # of payments of one plain invoice


class Bounced(NamedTuple):
    """Attempts that were reversed: their payments, the days of reversal, and their applications."""

    receipts: Receipts
    reversed_on: Integers
    reason: Integers
    applications: Applications  # `source` is the index of the attempt


def plain_lines(draws: Draws) -> Booleans:
    """Lines that pay a whole invoice in its own currency with nothing else to it."""
    lines, parts, receipts = draws.lines, draws.parts, draws.receipts
    plain = parts.is_last[lines.part] & (parts.ordinal[lines.part] == 0)
    plain &= draws.outcomes.fate[lines.invoice] == PAID
    plain &= (lines.excess == 0) & (lines.discount + lines.withheld == 0)
    plain &= receipts.currency[lines.payment] == draws.invoices.currency[lines.invoice]
    return plain & (receipts.status[lines.payment] == POSTED)


def draw_bounced(generator: np.random.Generator, draws: Draws, usable: Booleans, history: History) -> Bounced:
    """Before some payments of `usable` lines alone: the same payment, reversed before the one that held."""
    lines, receipts, days = draws.lines, draws.receipts, history.days
    carrying = receipts.carrying
    attempted = receipts.paid_on[:carrying] - generator.integers(10, 22, carrying)
    attempted = days.preceding[attempted - days.first]
    usable = usable & (draws.invoices.date[lines.invoice] < attempted[lines.payment])
    all_usable = np.bincount(lines.payment, ~usable, carrying) == 0
    chosen = all_usable & (generator.random(carrying) < BOUNCED_SHARE) & (attempted > history.first)
    payment = np.flatnonzero(chosen)
    reason = generator.choice(len(REASONS), carrying, p=REASON_SHARES)[payment]
    reversed_on = attempted[payment] + generator.integers(2, 7, carrying)[payment]
    made = Receipts(
        payer=receipts.payer[payment],
        entity=receipts.entity[payment],
        currency=receipts.currency[payment],
        paid_on=attempted[payment],
        amount=receipts.amount[payment],
        status=np.zeros(len(payment), dtype=np.int64),
        carrying=len(payment),
        on_account=0,
    )
    return Bounced(made, reversed_on, reason, _attempted(lines, chosen, attempted))


def _attempted(lines: Lines, chosen: Booleans, attempted: Integers) -> Applications:
    """The applications of the attempts, whose index counts the chosen payments."""
    row = np.flatnonzero(chosen[lines.payment])
    payment = lines.payment[row]
    none = np.zeros(len(row), dtype=np.int64)
    return Applications(
        source=(np.cumsum(chosen) - 1)[payment],
        is_credit=np.zeros(len(row), dtype=np.bool_),
        invoice=lines.invoice[row],
        applied_on=attempted[payment],
        unapplied_on=none,
        amount=lines.cash[row],
        source_amount=none,
        discount=none,
        withheld=none,
        excess=none,
    )


def reversals_feed(bounced: Bounced, payment_ids: pl.Series, history: History, first_number: int) -> pl.DataFrame:
    """The `payment_reversals` feed: each takes back all of its payment."""
    count = len(bounced.reversed_on)
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, bounced.receipts.entity),
            "reversal_id": numbered("RV-", 1 + first_number + np.arange(count), 8),
            "payment_id": payment_ids,
            "reversed_on": dates(bounced.reversed_on),
            "reason": named(REASONS, bounced.reason),
        }
    )


class Refunds(NamedTuple):
    """One row a refund of a payment; `reopens` is an invoice, or -1."""

    source: Integers
    refunded_on: Integers
    amount: Integers
    reopens: Integers


def draw_refunds(generator: np.random.Generator, draws: Draws, plain: Booleans, history: History) -> Refunds:
    """Refunds up to the as-of: on account (odd ones), over-paid, and paid invoices that are open again."""
    lines, receipts = draws.lines, draws.receipts
    on_account = receipts.carrying + np.arange(1, receipts.on_account, 2)
    on_account = on_account[generator.random(len(on_account)) < REFUNDED_SHARE]
    over = np.flatnonzero((lines.excess > 0) & (receipts.status[lines.payment] == POSTED))
    over = over[generator.random(len(over)) < REFUNDED_SHARE]
    reopened = np.flatnonzero(plain & (generator.random(len(plain)) < REOPENED_SHARE))
    units = minor_units(history.currencies)[receipts.currency[lines.payment[reopened]]]
    share = 0.2 + 0.4 * generator.random(len(reopened))
    back = np.maximum(rounded(lines.cash[reopened] * share, units), units)
    source = np.concatenate([on_account, lines.payment[over], lines.payment[reopened]])
    wait = generator.integers(50, 91, len(source))  # after any late application of the same payment
    rows = Refunds(
        source=source,
        refunded_on=history.days.following[receipts.paid_on[source] + wait - history.days.first],
        amount=np.concatenate([receipts.amount[on_account], lines.excess[over], back]),
        reopens=np.concatenate([np.full(len(on_account) + len(over), -1), lines.invoice[reopened]]),
    )
    return Refunds(*(column[rows.refunded_on <= history.last] for column in rows))


def refunds_feed(
    rows: Refunds, draws: Draws, payment_ids: pl.Series, history: History, first_number: int
) -> pl.DataFrame:
    """The `refunds` feed."""
    reopened = draws.invoices.ids.gather(np.maximum(rows.reopens, 0))
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, draws.receipts.entity[rows.source]),
            "refund_id": numbered("RF-", 1 + first_number + np.arange(len(rows.amount)), 8),
            "source_id": payment_ids.gather(rows.source),
            "refunded_on": dates(rows.refunded_on),
            "amount": money(rows.amount),
            "reopens_invoice_id": masked(reopened, rows.reopens >= 0),
        }
    )
