"""What becomes of each invoice in the end: paid, credited in part or whole, short-paid, or lost.

Belongs here: the draw of fates and of the amounts that are never collected. Does not belong here: when
anything of it happens (`disputes`, `credits`, `settlements`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Integers
from models.raw.synthetic.currencies import LEVELS, minor_units, rounded
from models.raw.synthetic.customers import SEGMENTS, Customers
from models.raw.synthetic.invoices import POSTED, Invoices

PAID, PART_CREDITED, CREDITED, LOST, SHORT_PAID, DILUTED, NEVER_DUE = range(7)
FATES = ("paid", "part_credited", "credited", "lost", "short_paid", "diluted", "never_due")

LOSS_RATES = (0.010, 0.005, 0.0015, 0.0004)  # of invoices, by segment; bankruptcies come on top
PART_CREDITED_RATE = 0.033
CREDITED_RATE = 0.014
SHORT_PAID_RATE = 0.0025
DILUTED_RATE = 0.0015
RECOVERY_RATE = 0.12  # of credit losses, recovered in part
RECOVERED_SHARE = 0.35  # of the amount, on average


class Outcomes(NamedTuple):
    """One value an invoice; amounts in hundredths: `credited + shortfall + collectible` is what is owed."""

    fate: Integers
    credited: Integers
    shortfall: Integers  # left open after the last payment, written off later if anybody does
    collectible: Integers  # paid in cash, discount or withheld tax


def draw_outcomes(
    generator: np.random.Generator, invoices: Invoices, customers: Customers, currencies: tuple[str, ...]
) -> Outcomes:
    """The fate of every invoice and its amounts."""
    count = len(invoices)
    units = minor_units(currencies)[invoices.currency]
    fate = _fates(generator, invoices, customers)
    share = np.where(fate == CREDITED, 1.0, 0.04 + 0.41 * generator.random(count))
    credited = np.clip(rounded(invoices.amount * share, units), units, invoices.amount)
    credited = np.where((fate == PART_CREDITED) | (fate == CREDITED), credited, 0)
    level = np.array([LEVELS[name] for name in currencies])[invoices.currency]
    small = np.clip(rounded(level * (50 + 750 * generator.random(count)), units), units, invoices.amount // 5)
    small = np.maximum(small // units * units, units)
    diluted = np.maximum(rounded(invoices.amount * (0.05 + 0.25 * generator.random(count)), units), units)
    shortfall = np.where(fate == SHORT_PAID, small, np.where(fate == DILUTED, diluted, 0))
    unpaid = (fate == CREDITED) | (fate == LOST) | (fate == NEVER_DUE)
    collectible = np.where(unpaid, 0, invoices.amount - credited - shortfall)
    return Outcomes(fate, credited, shortfall, collectible)


def _fates(generator: np.random.Generator, invoices: Invoices, customers: Customers) -> Integers:
    drawn = generator.random(len(invoices))
    lost = np.array(LOSS_RATES)[customers.segment[invoices.customer]]
    fate = np.full(len(invoices), PAID)
    below = np.zeros(len(invoices))
    for which, rate in (
        (LOST, lost),
        (PART_CREDITED, PART_CREDITED_RATE),
        (CREDITED, CREDITED_RATE),
        (SHORT_PAID, SHORT_PAID_RATE),
        (DILUTED, DILUTED_RATE),
    ):
        fate[(drawn >= below) & (drawn < below + rate)] = which
        below = below + rate
    fate[invoices.status != POSTED] = NEVER_DUE
    return fate


def expected_loss_rates() -> pl.DataFrame:
    """The rates that losses were drawn with, by segment: invoices lost, and net of recoveries."""
    return pl.DataFrame(
        {
            "segment": list(SEGMENTS),
            "loss_rate": list(LOSS_RATES),
            "recovery_rate": [RECOVERY_RATE] * len(SEGMENTS),
            "recovered_share": [RECOVERED_SHARE] * len(SEGMENTS),
            "net_loss_rate": [rate * (1 - RECOVERY_RATE * RECOVERED_SHARE) for rate in LOSS_RATES],
        }
    )
