"""Disputes: what customers object to, how long it lives, and what is credited in the end.

Belongs here: the draw and the `disputes` feed with its truth. Does not belong here: the credit memo that
settles one (`credits`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Booleans, Integers, dates, money, named, numbered
from models.raw.synthetic.currencies import minor_units, rounded
from models.raw.synthetic.history import History
from models.raw.synthetic.invoices import Invoices
from models.raw.synthetic.outcomes import CREDITED, Outcomes

REASONS = ("tax", "purchase_order", "billing", "pricing", "returns", "service", "other")
REASON_SHARES = (0.06, 0.14, 0.20, 0.24, 0.16, 0.14, 0.06)
USUAL_LIFE = np.array([20.0, 14.0, 18.0, 28.0, 24.0, 40.0, 22.0])  # median days
LIFE_SPREAD = 0.7
# By fate (paid, part credited, credited, lost, short-paid, diluted, never due): how often there is a dispute.
DISPUTED = np.array([0.015, 0.65, 0.60, 0.08, 0.02, 0.70, 0.0])


class Disputes(NamedTuple):
    """One row a dispute, at most one an invoice; `resolved_on` may lie after the as-of."""

    invoice: Integers
    reason: Integers
    opened_on: Integers
    resolved_on: Integers
    amount: Integers  # hundredths of the invoice's currency
    credited: Integers
    is_whole: Booleans  # the feed then leaves the amount empty


def draw_disputes(generator: np.random.Generator, invoices: Invoices, outcomes: Outcomes, history: History) -> Disputes:
    """Disputes of the slice, with their whole life."""
    days = history.days
    invoice = np.flatnonzero(generator.random(len(invoices)) < DISPUTED[outcomes.fate])
    count = len(invoice)
    terms = np.maximum(invoices.due - invoices.date, 14)[invoice]
    opened = invoices.date[invoice] + 2 + (generator.random(count) * (terms + 15)).astype(np.int64)
    opened = days.following[opened - days.first]
    reason = generator.choice(len(REASONS), count, p=REASON_SHARES)
    life = USUAL_LIFE[reason] * np.exp(generator.normal(0, LIFE_SPREAD, count))
    resolved = days.following[opened + np.clip(life, 2, 300).astype(np.int64) - days.first]
    whole = (outcomes.fate[invoice] == CREDITED) | (generator.random(count) < 0.35)
    credited = outcomes.credited[invoice]
    units = minor_units(history.currencies)[invoices.currency[invoice]]
    base = np.where(credited > 0, credited, invoices.amount[invoice] * 0.3)
    part = np.clip(rounded(base * (1 + 0.6 * generator.random(count)), units), units, invoices.amount[invoice])
    amount = np.where(whole, invoices.amount[invoice], np.maximum(part, credited))
    return Disputes(invoice, reason, opened, resolved, amount, credited, whole)


def disputes_feed(
    disputes: Disputes, invoices: Invoices, history: History, first_number: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The `disputes` feed as of the end of history, and its truth: the life and credit still to come."""
    seen = np.flatnonzero(disputes.opened_on <= history.last)
    found = Disputes(*(column[seen] for column in disputes))
    ids = numbered("D-", 1 + first_number + np.arange(len(seen)), 8)
    is_resolved = found.resolved_on <= history.last
    feed = pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, invoices.entity[found.invoice]),
            "dispute_id": ids,
            "invoice_id": invoices.ids.gather(found.invoice),
            "reason": named(REASONS, found.reason),
            "opened_on": dates(found.opened_on),
            "resolved_on": dates(found.resolved_on, is_resolved),
            "amount": money(found.amount, ~found.is_whole),
            "credited_amount": money(found.credited, is_resolved),
        }
    )
    truth = feed.select("entity_id", "dispute_id", "invoice_id").with_columns(
        dates(found.resolved_on).alias("resolved_on"),
        money(found.amount).alias("disputed_amount"),
        money(found.credited).alias("credited_amount"),
        pl.Series("credited_share", found.credited / found.amount),
        pl.Series("is_open", ~is_resolved),
    )
    return feed, truth
