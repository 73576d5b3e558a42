"""When each invoice's cash comes: parts, readiness, the payer's next run, and the true dates for ever.

Belongs here: the parts in which an invoice is paid, each with its day, also after the as-of. Does not
belong here: which payment carries a part, and its application (`receipts`).
"""

from typing import NamedTuple

import numpy as np

from models.raw.synthetic.columns import Booleans, Integers
from models.raw.synthetic.currencies import minor_units, rounded
from models.raw.synthetic.customers import Customers
from models.raw.synthetic.disputes import Disputes
from models.raw.synthetic.history import History
from models.raw.synthetic.invoices import Invoices
from models.raw.synthetic.outcomes import PAID, Outcomes
from models.raw.synthetic.payers import MEAN_WAIT, Payers, slowed
from models.raw.synthetic.run_calendars import clipped, next_run

PARTS_SHARES = (0.9395, 0.0565, 0.0028, 0.0008, 0.0004)  # invoices paid in 1, 2, 3, 4, 5 payments
SMALLEST_SPLIT = 5_000  # minor units below which nobody pays in parts
LATE_SHARE, LATE_DAYS = 0.08, 45.0  # an approval went missing
STUCK_SHARE, STUCK_DAYS = 0.065, 110.0  # a forgotten invoice, found months later
DISCOUNT_RATE = 0.02
DISCOUNT_TAKEN = 0.75


class Parts(NamedTuple):
    """The parts of invoices paid in cash; `settled = cash + discount + withheld` is what each takes off."""

    invoice: Integers
    ordinal: Integers  # 0 for the first
    is_last: Booleans
    cash: Integers
    discount: Integers
    withheld: Integers
    paid_on: Integers
    is_on_run: Booleans


def draw_parts(
    generator: np.random.Generator,
    invoices: Invoices,
    outcomes: Outcomes,
    disputes: Disputes,
    payers: Payers,
    customers: Customers,
    history: History,
) -> Parts:
    """Every part of every invoice that will be paid, in order of ordinal and invoice."""
    units = minor_units(history.currencies)[invoices.currency]
    parts = 1 + generator.choice(len(PARTS_SHARES), len(invoices), p=PARTS_SHARES)
    parts = np.where(outcomes.collectible < SMALLEST_SPLIT * units, 1, parts)
    takes = _discount_taken(generator, invoices, outcomes, payers, parts)
    ready = _first_ready(generator, invoices, disputes, payers)
    ready = np.where(takes, invoices.date + generator.integers(4, 10, len(invoices)), ready)
    left = outcomes.collectible.copy()
    found = []
    for ordinal in range(len(PARTS_SHARES)):
        at = np.flatnonzero((parts > ordinal) & (outcomes.collectible > 0))
        share = rounded(left[at] * (0.25 + 0.5 * generator.random(len(at))), units[at])
        amount = np.where(parts[at] == ordinal + 1, left[at], share)
        left[at] -= amount
        paid_on, on_run = _paid(generator, invoices.payer[at], ready[at], takes[at], payers, history)
        ready[at] = paid_on + 10 + generator.integers(0, 36, len(at))
        found.append((at, np.full(len(at), ordinal), parts[at] == ordinal + 1, amount, paid_on, on_run))
    invoice, which, is_last, amount, paid_on, on_run = (np.concatenate(column) for column in zip(*found, strict=True))
    discount, withheld = _deductions(invoices, payers, takes, parts, units, outcomes, invoice, amount)
    made = Parts(invoice, which, is_last, amount - discount - withheld, discount, withheld, paid_on, on_run)
    solvent = paid_on < customers.bankrupt_on[invoices.payer[invoice]]
    return Parts(*(column[solvent] for column in made))


def _discount_taken(
    generator: np.random.Generator, invoices: Invoices, outcomes: Outcomes, payers: Payers, parts: Integers
) -> Booleans:
    may = payers.takes_discount[invoices.customer] & (parts == 1) & (outcomes.fate == PAID)
    return may & (generator.random(len(invoices)) < DISCOUNT_TAKEN)


def _first_ready(generator: np.random.Generator, invoices: Invoices, disputes: Disputes, payers: Payers) -> Integers:
    """The day from which the payer's next run takes the invoice: due date, habit, chance, disputes."""
    count = len(invoices)
    usual = payers.mean_delay - MEAN_WAIT[payers.pattern]
    delay = usual[invoices.payer] + payers.spread[invoices.payer] * generator.normal(0, 1, count)
    drawn, longer = generator.random(count), generator.exponential(1.0, count)
    delay += np.where(drawn < LATE_SHARE, LATE_DAYS * longer, 0.0)
    delay += np.where(drawn > 1 - STUCK_SHARE, 100 + STUCK_DAYS * longer, 0.0)
    ready = invoices.due + np.rint(np.minimum(delay, 600)).astype(np.int64)
    resolved = np.zeros(count, dtype=np.int64)
    resolved[disputes.invoice] = np.where(disputes.credited > 0, 0, disputes.resolved_on + 1 + disputes.invoice % 8)
    return np.maximum(np.maximum(ready, invoices.date + 1), resolved)


def _paid(
    generator: np.random.Generator,
    payer: Integers,
    ready: Integers,
    takes: Booleans,
    payers: Payers,
    history: History,
) -> tuple[Integers, Booleans]:
    """The day of payment: the payer's next run, or now and then any business day."""
    days = history.days
    ready = np.where(takes, ready, slowed(days, payers, payer, ready))
    on_run = (generator.random(len(payer)) >= payers.off_run_share[payer]) & ~takes
    run = next_run(days, payers.pattern[payer], payers.parameter[payer], payers.ordinal[payer], ready)
    return np.where(on_run, run, days.following[clipped(days, ready) - days.first]), on_run


def _deductions(
    invoices: Invoices,
    payers: Payers,
    takes: Booleans,
    parts: Integers,
    units: Integers,
    outcomes: Outcomes,
    invoice: Integers,
    amount: Integers,
) -> tuple[Integers, Integers]:
    """Prompt-payment discount and tax withheld, only where the invoice is paid in one payment."""
    whole = (parts[invoice] == 1) & (outcomes.fate[invoice] == PAID)
    discount = np.where(takes[invoice], rounded(amount * DISCOUNT_RATE, units[invoice]), 0)
    rate = payers.withheld[invoices.customer[invoice]] / 10_000
    withheld = np.where(whole & ~takes[invoice], rounded(amount * rate, units[invoice]), 0)
    return discount, withheld
