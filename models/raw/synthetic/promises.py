"""Promises to pay, and payment plans: made after the due date, kept as reliably as the payer is.

Belongs here: promises drawn around the true payment dates, so that their outcome is known for certain. Does
not belong here: the payments that keep them (`settlements`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Booleans, Integers, dates, masked, money, named, numbered
from models.raw.synthetic.history import History
from models.raw.synthetic.invoices import Invoices
from models.raw.synthetic.outcomes import LOST, PAID, Outcomes
from models.raw.synthetic.payers import Payers
from models.raw.synthetic.settlements import Parts

PROMISED_SHARE = 0.18  # of invoices that are a week late or more
AGAIN_SHARE = 0.4  # of broken promises, followed by a second one that holds
WITHDRAWN_SHARE = 0.02
PLANNED_SHARE = 0.6  # of invoices paid in three parts or more
CLEAR_DAYS = 6  # by which a promise is missed, so that no tolerance in days makes it kept
KEPT, PARTLY_KEPT, BROKEN, WITHDRAWN = range(4)
STATES = ("kept", "partly_kept", "broken", "withdrawn")


class Promises(NamedTuple):
    """One row a promise; `paid_on` is the day of the cash that would keep it, 0 where none ever comes."""

    invoice: Integers
    made_on: Integers
    promised: Integers
    amount: Integers
    outcome: Integers
    paid_on: Integers
    withdrawn_on: Integers  # 0: never
    plan: Integers  # number of the payment plan, 0 for none


class Cash(NamedTuple):
    """By invoice: how many parts, the days of the first and last, and the cash of the first and of all."""

    parts: Integers
    first_on: Integers
    last_on: Integers
    first: Integers
    total: Integers


def draw_promises(
    generator: np.random.Generator,
    invoices: Invoices,
    outcomes: Outcomes,
    parts: Parts,
    payers: Payers,
    history: History,
) -> Promises:
    """Promises made by the as-of for single invoices."""
    cash = _cash(parts, len(invoices))
    invoice = _promising(generator, invoices, outcomes, cash, history)
    count = len(invoice)
    first, last = cash.first_on[invoice], cash.last_on[invoice]
    pays = cash.parts[invoice] > 0
    until = np.where(pays, np.minimum(first - 1, invoices.due[invoice] + 75), invoices.due[invoice] + 45)
    made = invoices.due[invoice] + 1
    made = made + (generator.random(count) * (until - made)).astype(np.int64)
    keeps = generator.random(count) < payers.reliability[invoices.payer[invoice]]
    partly = (cash.parts[invoice] == 2) & (generator.random(count) < 0.5)
    breaks = ~pays | (~keeps & (first - CLEAR_DAYS > made + 1))
    soon = made + 1 + (generator.random(count) * np.maximum(first - CLEAR_DAYS - made - 1, 1)).astype(np.int64)
    soon = np.where(pays, np.minimum(soon, made + 21), made + 3 + generator.integers(0, 19, count))
    slack = generator.integers(0, 4, count)
    promised = np.where(breaks, soon, np.where(partly, first, last) + slack)
    outcome = np.where(breaks, BROKEN, np.where(partly, PARTLY_KEPT, KEPT))
    nothing = np.zeros(count, dtype=np.int64)
    amount = invoices.amount[invoice]  # of such invoices all is paid in cash, or nothing
    paid_on = np.where(pays, last, 0)
    drawn = Promises(invoice, made, promised, amount, outcome, paid_on, nothing, nothing)
    drawn = _withdrawn(generator, drawn, history)
    again = _again(generator, drawn, first)
    found = joined(drawn, again)
    return Promises(*(column[found.made_on <= history.last] for column in found))


def joined(*rows: Promises) -> Promises:
    """One after the other."""
    return Promises(*(np.concatenate(columns) for columns in zip(*rows, strict=True)))


def _cash(parts: Parts, count: int) -> Cash:
    first_on, last_on, first = (np.zeros(count, dtype=np.int64) for _ in range(3))
    first_on[parts.invoice[::-1]] = parts.paid_on[::-1]
    last_on[parts.invoice] = parts.paid_on
    first[parts.invoice[::-1]] = parts.cash[::-1]
    total = np.bincount(parts.invoice, parts.cash, count).astype(np.int64)
    return Cash(np.bincount(parts.invoice, minlength=count), first_on, last_on, first, total)


def _promising(
    generator: np.random.Generator, invoices: Invoices, outcomes: Outcomes, cash: Cash, history: History
) -> Integers:
    """Invoices a week late or more, paid in one or two parts without credits, or never."""
    pays = (outcomes.fate == PAID) & (cash.parts >= 1) & (cash.parts <= 2) & (cash.total == invoices.amount)
    late = pays & (cash.first_on > invoices.due + 8)
    lost = (outcomes.fate == LOST) & (cash.parts == 0)
    may = (late | lost) & (invoices.due < history.last)
    return np.flatnonzero(may & (generator.random(len(invoices)) < PROMISED_SHARE))


def _withdrawn(generator: np.random.Generator, promises: Promises, history: History) -> Promises:
    chosen = generator.random(len(promises.invoice)) < WITHDRAWN_SHARE
    day = promises.made_on + 1
    chosen &= (day < promises.promised) & (day <= history.last)
    return promises._replace(
        withdrawn_on=np.where(chosen, day, 0), outcome=np.where(chosen, WITHDRAWN, promises.outcome)
    )


def _again(generator: np.random.Generator, promises: Promises, first_paid_on: Integers) -> Promises:
    """A second promise some days after a broken one, for the day on which the cash does come."""
    made = promises.promised + 2
    chosen = (promises.outcome == BROKEN) & (promises.paid_on > 0) & (first_paid_on > made + 1)
    chosen &= generator.random(len(made)) < AGAIN_SHARE
    second = promises._replace(made_on=made, promised=promises.paid_on + 1, outcome=np.full(len(made), KEPT))
    return Promises(*(column[chosen] for column in second))


def draw_plans(
    generator: np.random.Generator, invoices: Invoices, parts: Parts, payers: Payers, history: History
) -> Promises:
    """Plans of invoices paid in three parts or more: a promise an instalment, only the last one broken."""
    cash = _cash(parts, len(invoices))
    planned = (cash.parts >= 3) & (generator.random(len(invoices)) < PLANNED_SHARE)
    made = cash.first_on - 3 - generator.integers(0, 5, len(invoices))
    planned &= (made > invoices.date) & (made <= history.last)
    number = np.where(planned, np.cumsum(planned), 0)
    breaks = generator.random(len(invoices)) > payers.reliability[invoices.payer]
    row = np.flatnonzero(planned[parts.invoice])
    row = row[np.argsort(parts.invoice[row], kind="stable")]
    invoice, paid_on = parts.invoice[row], parts.paid_on[row]
    broken = breaks[invoice] & (parts.ordinal[row] == cash.parts[invoice] - 1)
    return Promises(
        invoice=invoice,
        made_on=made[invoice],
        promised=np.where(broken, paid_on - CLEAR_DAYS - 2, paid_on + 1),
        amount=parts.cash[row],
        outcome=np.where(broken, BROKEN, KEPT),
        paid_on=paid_on,
        withdrawn_on=np.zeros(len(row), dtype=np.int64),
        plan=number[invoice],
    )


def promised_invoices(promises: Promises, count: int) -> Booleans:
    """Which of `count` invoices have a promise."""
    return np.bincount(promises.invoice, minlength=count) > 0


def promises_feed(
    promises: Promises,
    invoices: Invoices,
    payers: Payers,
    customer_ids: pl.Series,
    history: History,
    first_number: int,
    plan_base: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The `promises` feed and the truth of each: outcome, the day of the cash, the payer's reliability."""
    count = len(promises.invoice)
    feed = pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, invoices.entity[promises.invoice]),
            "promise_id": numbered("P-", 1 + first_number + np.arange(count), 8),
            "customer_id": customer_ids.gather(invoices.customer[promises.invoice]),
            "invoice_id": invoices.ids.gather(promises.invoice),
            "made_on": dates(promises.made_on),
            "promised_date": dates(promises.promised),
            "amount": money(promises.amount),
            "currency": named(history.currencies, invoices.currency[promises.invoice]),
            "taken_by": numbered("collector ", 1 + promises.invoice % 9, 2),
            "withdrawn_on": dates(promises.withdrawn_on, promises.withdrawn_on > 0),
            "plan_id": masked(numbered("PLAN-", plan_base + promises.plan, 7), promises.plan > 0),
        }
    )
    truth = feed.select("entity_id", "promise_id", "invoice_id", "promised_date").with_columns(
        named(STATES, promises.outcome).alias("outcome"),
        dates(promises.paid_on, promises.paid_on > 0).alias("paid_on"),
        pl.Series("promise_reliability", payers.reliability[invoices.payer[promises.invoice]]),
        pl.Series("is_due", promises.promised <= history.last),
    )
    return feed, truth
