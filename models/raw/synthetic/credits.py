"""Credit memos and their applications.

Belongs here: when a credited amount is granted, which memo carries it, and to what it is applied. Does not
belong here: how much of an invoice is credited (`outcomes`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Integers, dates, money, named, numbered
from models.raw.synthetic.currencies import minor_units
from models.raw.synthetic.disputes import REASONS, Disputes
from models.raw.synthetic.history import History, booked
from models.raw.synthetic.invoices import Invoices
from models.raw.synthetic.outcomes import Outcomes

REBATE_SHARE = 0.4  # of credits without a dispute: granted at month end, one memo for several invoices
UNUSED_SHARE = 0.03  # memos on account, applied to nothing
CREDIT_REASONS = (*REASONS, "rebate")


class Credits(NamedTuple):
    """Credit memos up to the as-of, and one line for each invoice that one is for."""

    customer: Integers
    entity: Integers
    currency: Integers
    granted_on: Integers
    amount: Integers
    reason: Integers
    line_memo: Integers
    line_invoice: Integers
    line_amount: Integers
    line_applied_on: Integers  # may lie after the as-of: then there is no application yet


def draw_credits(
    generator: np.random.Generator,
    invoices: Invoices,
    outcomes: Outcomes,
    disputes: Disputes,
    history: History,
) -> tuple[Credits, Integers]:
    """Credit memos granted by the as-of, and the day on which each invoice is credited (0: never)."""
    invoice = np.flatnonzero(outcomes.credited > 0)
    granted, reason = _granted(generator, invoices, invoice, disputes, history)
    credited_on = np.zeros(len(invoices), dtype=np.int64)
    credited_on[invoice] = granted
    lag = np.where(generator.random(len(invoice)) < 0.7, 0, generator.integers(1, 21, len(invoice)))
    seen = granted <= history.last
    invoice, granted, reason, lag = invoice[seen], granted[seen], reason[seen], lag[seen]
    is_rebate = reason == len(REASONS)
    owner = np.where(is_rebate, invoices.customer[invoice], len(invoices) + invoice)
    where = invoices.entity[invoice] * 16 + invoices.currency[invoice]
    key = (granted * (2 * len(invoices) + 1) + owner) * 256 + where
    _, first_line, memo = np.unique(key, return_index=True, return_inverse=True)
    amount = np.bincount(memo, outcomes.credited[invoice], len(first_line)).astype(np.int64)
    lead = invoice[first_line]
    made = Credits(
        customer=invoices.customer[lead],
        entity=invoices.entity[lead],
        currency=invoices.currency[lead],
        granted_on=granted[first_line],
        amount=amount,
        reason=reason[first_line],
        line_memo=memo,
        line_invoice=invoice,
        line_amount=outcomes.credited[invoice],
        line_applied_on=granted + lag,
    )
    return _with_unused(generator, made, history), credited_on


def _granted(
    generator: np.random.Generator,
    invoices: Invoices,
    invoice: Integers,
    disputes: Disputes,
    history: History,
) -> tuple[Integers, Integers]:
    """Day and reason: a dispute's resolution, a rebate's month end, else some weeks after the invoice."""
    days = history.days
    granted = invoices.date[invoice] + generator.integers(3, 61, len(invoice))
    reason = generator.integers(0, len(REASONS), len(invoice))
    is_rebate = generator.random(len(invoice)) < REBATE_SHARE
    month_end = days.preceding[days.month_last[days.month[granted - days.first]] - days.first]
    granted = np.where(is_rebate, month_end, days.following[granted - days.first])
    reason = np.where(is_rebate, len(REASONS), reason)
    resolved = np.zeros(len(invoices), dtype=np.int64)
    resolved[disputes.invoice] = disputes.resolved_on
    objected = np.zeros(len(invoices), dtype=np.int64)
    objected[disputes.invoice] = disputes.reason
    is_disputed = resolved[invoice] > 0
    return np.where(is_disputed, resolved[invoice], granted), np.where(is_disputed, objected[invoice], reason)


def _with_unused(generator: np.random.Generator, credits: Credits, history: History) -> Credits:
    """Some memos on account: like another memo, smaller, and applied to nothing."""
    count = len(credits.amount)
    like = np.flatnonzero(generator.random(count) < UNUSED_SHARE)
    units = minor_units(history.currencies)[credits.currency[like]]
    smaller = np.maximum(credits.amount[like] // 3 // units * units, units)
    return credits._replace(
        customer=np.append(credits.customer, credits.customer[like]),
        entity=np.append(credits.entity, credits.entity[like]),
        currency=np.append(credits.currency, credits.currency[like]),
        granted_on=np.append(credits.granted_on, credits.granted_on[like]),
        amount=np.append(credits.amount, smaller),
        reason=np.append(credits.reason, credits.reason[like]),
    )


def credit_memo_ids(credits: Credits, first_number: int) -> pl.Series:
    """Ids in a range of their own: payments and credit memos share one space."""
    return numbered("CM-", 1 + first_number + np.arange(len(credits.amount)), 8)


def credit_memos_feed(credits: Credits, ids: pl.Series, customer_ids: pl.Series, history: History) -> pl.DataFrame:
    """The `credit_memos` feed; every fifth has a due date of its own."""
    has_due = np.arange(len(ids)) % 5 == 0
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, credits.entity),
            "credit_memo_id": ids,
            "customer_id": customer_ids.gather(credits.customer),
            "credit_date": dates(credits.granted_on),
            "due_date": dates(credits.granted_on + 30, has_due),
            "currency": named(history.currencies, credits.currency),
            "amount": money(credits.amount),
            "functional_amount": booked(history, credits.amount, credits.currency, credits.entity, credits.granted_on),
            "reason": named(CREDIT_REASONS, credits.reason),
            "status": pl.repeat("posted", len(ids), eager=True),
        }
    )
