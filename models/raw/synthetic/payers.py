"""How payers pay: on which calendar, how late, how much at a time, and whether they keep their word.

Belongs here: each payer's own parameters, the change of regime, and both as ground truth. Does not belong
here: the payments that follow from them (`settlements`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import NEVER, Booleans, Integers, dates, masked, named
from models.raw.synthetic.customers import Customers, by_weight
from models.raw.synthetic.run_calendars import (
    DAY_OF_MONTH,
    EVERY_N_DAYS,
    NTH_WEEKDAY,
    PATTERNS,
    WEEKDAY,
    Days,
    business_days_after,
)

PATTERN_SHARES = (0.36, 0.08, 0.10, 0.08, 0.10, 0.28)
MEAN_WAIT = np.array([3, 15, 15, 15, 7, 0])  # days from ready to the next run, taken off the payer's delay
SLOWED_SHARES = (0.7, 0.3)
TAX_APART_SHARES = (0.83, 0.17)
SLOWDOWN_BUSINESS_DAYS = 7
LINES_PER_PAYMENT = np.array([1, 4, 40])  # invoices that one remittance settles at most
LINES_SHARES = (0.28, 0.36, 0.36)
METHODS = ("wire", "ach", "card", "check", "direct_debit")
METHOD_SHARES = (0.34, 0.36, 0.08, 0.12, 0.10)


class Payers(NamedTuple):
    """Payment behaviour of every customer of a slice, used where it is a payer; indexed like customers."""

    pattern: Integers  # index into run_calendars.PATTERNS
    parameter: Integers
    ordinal: Integers
    mean_delay: Integers  # days after the due date on average, run wait included
    spread: np.ndarray  # standard deviation of the delay, days
    off_run_share: np.ndarray
    lines: Integers
    reliability: np.ndarray  # probability that a promise is kept
    is_slowed: Booleans  # by the change of regime
    slowed_from: int
    pays_tax_apart: Booleans  # two application rows an invoice: net and tax
    takes_discount: Booleans  # 2 % within 10 days
    withheld: Integers  # tax withheld, in basis points of the invoice
    pays_in: Integers  # currency index, -1 for the invoice's own
    method: Integers


def regime_day(days: Days, first: int, last: int) -> int:
    """The business day from which the slowdown holds: three quarters into the history."""
    return int(days.following[first + (last - first) * 3 // 4 - days.first])


def draw_payers(generator: np.random.Generator, customers: Customers, currencies: int, slowed_from: int) -> Payers:
    """Behaviour by customer; small ones are later and less reliable, public ones late and certain."""
    count = len(customers)
    pattern = by_weight(generator, PATTERN_SHARES, customers.weight)
    parameter, ordinal = _parameters(generator, pattern)
    centre = np.array([5, 5, 4, 9])[customers.segment]
    mean_delay = np.clip(np.rint(centre + generator.normal(0, 7, count)), -12, 45).astype(np.int64)
    reliability = generator.beta(6.0, 2.6, count)
    withholds = generator.random(count) < 0.025
    cross = (generator.random(count) < 0.01) & (currencies > 1) & (np.arange(count) >= 3)
    other = (customers.currency + 1 + generator.integers(0, max(currencies - 1, 1), count)) % currencies
    return Payers(
        pattern=pattern,
        parameter=parameter,
        ordinal=ordinal,
        mean_delay=mean_delay,
        spread=3.0 + 6.0 * generator.random(count),
        off_run_share=np.where(pattern < len(PATTERNS) - 1, 0.08 * generator.random(count), 0.0),
        lines=LINES_PER_PAYMENT[by_weight(generator, LINES_SHARES, customers.weight)],
        reliability=reliability,
        is_slowed=by_weight(generator, SLOWED_SHARES, customers.weight) == 1,
        slowed_from=slowed_from,
        pays_tax_apart=by_weight(generator, TAX_APART_SHARES, customers.weight) == 1,
        takes_discount=generator.random(count) < 0.05,
        withheld=np.where(withholds, generator.choice([150, 500, 1000], count), 0),
        pays_in=np.where(cross, other, -1),
        method=generator.choice(len(METHODS), count, p=METHOD_SHARES),
    )


def _parameters(generator: np.random.Generator, pattern: Integers) -> tuple[Integers, Integers]:
    count = len(pattern)
    parameter = np.zeros(count, dtype=np.int64)
    ordinal = np.zeros(count, dtype=np.int64)
    weekday = generator.choice(5, count, p=(0.1, 0.15, 0.2, 0.25, 0.3))
    on_weekday = (pattern == WEEKDAY) | (pattern == NTH_WEEKDAY)
    parameter[on_weekday] = weekday[on_weekday]
    ordinal[pattern == NTH_WEEKDAY] = generator.integers(1, 5, count)[pattern == NTH_WEEKDAY]
    on_day = pattern == DAY_OF_MONTH
    parameter[on_day] = generator.choice([1, 5, 10, 15, 20, 25], count)[on_day]
    every = pattern == EVERY_N_DAYS
    parameter[every] = generator.choice([10, 14, 21], count)[every]
    # Anchored on a weekday of early 1970, so that intervals of whole weeks keep off weekends.
    ordinal[every] = (4 + generator.integers(0, 3, count) * 7 + weekday)[every]
    return parameter, ordinal


def slowed(days: Days, payers: Payers, payer: Integers, ready: Integers) -> Integers:
    """Ready days after the change of regime: those of slowed payers move by seven business days."""
    later = business_days_after(days, ready, np.full(len(ready), SLOWDOWN_BUSINESS_DAYS))
    return np.where(payers.is_slowed[payer] & (ready >= payers.slowed_from), later, ready)


def payers_truth(payers: Payers, customers: Customers, ids: pl.Series) -> pl.DataFrame:
    """One row per customer that pays for itself or for others: its calendar and habits, as drawn.

    `mean_delay_days` counts from the due date to payment, run wait included, before the change of regime and
    without the few invoices that go missing for weeks or months (`settlements`).
    """
    used = _paying(customers)
    pattern = payers.pattern[used]
    return pl.DataFrame(
        {
            "payer_id": ids.gather(used),
            "pattern": named(PATTERNS, pattern),
            "weekday": masked(pl.Series(payers.parameter[used]), (pattern == WEEKDAY) | (pattern == NTH_WEEKDAY)),
            "nth": masked(pl.Series(payers.ordinal[used]), pattern == NTH_WEEKDAY),
            "day_of_month": masked(pl.Series(payers.parameter[used]), pattern == DAY_OF_MONTH),
            "interval_days": masked(pl.Series(payers.parameter[used]), pattern == EVERY_N_DAYS),
            "anchor": dates(payers.ordinal[used], pattern == EVERY_N_DAYS),
            "mean_delay_days": payers.mean_delay[used],
            "spread_days": payers.spread[used],
            "off_run_share": payers.off_run_share[used],
            "invoices_per_payment": payers.lines[used],
            "promise_reliability": payers.reliability[used],
            "is_slowed": payers.is_slowed[used],
            "bankrupt_on": dates(np.minimum(customers.bankrupt_on[used], 2**20), customers.bankrupt_on[used] < NEVER),
        }
    )


def _paying(customers: Customers) -> Integers:
    return np.unique(np.concatenate([customers.payer, customers.reseller[customers.reseller >= 0]]))


def regime_truth(payers: Payers, customers: Customers, ids: pl.Series) -> pl.DataFrame:
    """The payers that slow down, and by how much: payments that would be ready from `changed_on` on."""
    used = _paying(customers)
    slow = used[payers.is_slowed[used]]
    return pl.DataFrame({"payer_id": ids.gather(slow)}).with_columns(
        dates(np.full(len(slow), payers.slowed_from)).alias("changed_on"),
        shift_business_days=pl.lit(SLOWDOWN_BUSINESS_DAYS, dtype=pl.Int64),
    )
