"""Applications of payments and credit memos to invoices.

Belongs here: the rows that say what settled what, with their corrections and late identifications. Does not
belong here: the cash itself (`receipts`) or the credit itself (`credits`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Booleans, Integers, dates, money, named, numbered
from models.raw.synthetic.credits import Credits
from models.raw.synthetic.currencies import minor_units
from models.raw.synthetic.history import History
from models.raw.synthetic.invoices import Invoices
from models.raw.synthetic.payers import Payers
from models.raw.synthetic.receipts import POSTED, Lines, Receipts

CORRECTED_SHARE = 0.012  # applications taken back and made again
SMALLEST_TWO_ROWS = 1_000  # minor units below which tax is not remitted apart


class Applications(NamedTuple):
    """Rows by index; `source` is a payment's index, or that of a credit memo where `is_credit`."""

    source: Integers
    is_credit: Booleans
    invoice: Integers
    applied_on: Integers
    unapplied_on: Integers  # 0: never
    amount: Integers
    source_amount: Integers  # 0 where currencies agree
    discount: Integers
    withheld: Integers
    excess: Integers


def draw_applications(
    generator: np.random.Generator,
    lines: Lines,
    receipts: Receipts,
    credits: Credits,
    invoices: Invoices,
    payers: Payers,
    history: History,
) -> Applications:
    """All applications up to the as-of, in order of their day."""
    count = len(lines.invoice)
    lag = np.select(
        [generator.random(count) < 0.92, generator.random(count) < 0.75],
        [0, generator.integers(1, 4, count)],
        generator.integers(5, 46, count),
    )
    made = Applications(
        source=lines.payment,
        is_credit=np.zeros(count, dtype=np.bool_),
        invoice=lines.invoice,
        applied_on=lines.paid_on + lag,
        unapplied_on=np.zeros(count, dtype=np.int64),
        amount=lines.cash,
        source_amount=np.where(receipts.currency[lines.payment] == invoices.currency[lines.invoice], 0, lines.source),
        discount=lines.discount,
        withheld=lines.withheld,
        excess=lines.excess,
    )
    made = taken(made, (made.applied_on <= history.last) & (receipts.status[lines.payment] == POSTED))
    apart = _pays_tax_apart(made, invoices, payers, history)
    made = _corrected(generator, _tax_apart(made, apart, invoices, history), history)
    made = joined(made, _of_credits(credits, history))
    return taken(made, np.argsort(made.applied_on, kind="stable"))


def taken(rows: Applications, which: Integers | Booleans) -> Applications:
    """Those rows, by index or mask."""
    return Applications(*(column[which] for column in rows))


def joined(*rows: Applications) -> Applications:
    """One after the other."""
    return Applications(*(np.concatenate(columns) for columns in zip(*rows, strict=True)))


def _pays_tax_apart(rows: Applications, invoices: Invoices, payers: Payers, history: History) -> Booleans:
    units = minor_units(history.currencies)[invoices.currency[rows.invoice]]
    plain = (rows.excess == 0) & (rows.source_amount == 0) & (rows.amount >= SMALLEST_TWO_ROWS * units)
    return payers.pays_tax_apart[invoices.payer[rows.invoice]] & plain


def _tax_apart(rows: Applications, apart: Booleans, invoices: Invoices, history: History) -> Applications:
    """Payers who remit net and tax as two lines make two applications of one payment to one invoice."""
    units = minor_units(history.currencies)[invoices.currency[rows.invoice]]
    total = invoices.amount[rows.invoice]
    tax = np.where(invoices.tax[rows.invoice] > 0, invoices.tax[rows.invoice], total // 5)
    second = np.floor(rows.amount * (tax / total)).astype(np.int64) // units * units
    second = np.where(apart, np.maximum(second, units), 0)
    first = rows._replace(amount=rows.amount - second)
    nothing = np.zeros(int(apart.sum()), dtype=np.int64)
    more = taken(rows, apart)._replace(amount=second[apart], discount=nothing, withheld=nothing)
    return joined(first, more)


def _corrected(generator: np.random.Generator, rows: Applications, history: History) -> Applications:
    """Some applications are taken back and made again on the same day, so that nothing is counted twice."""
    count = len(rows.amount)
    again_on = rows.applied_on + generator.integers(1, 26, count)
    chosen = (generator.random(count) < CORRECTED_SHARE) & (rows.excess == 0) & (again_on <= history.last)
    before = rows._replace(unapplied_on=np.where(chosen, again_on, 0))
    return joined(before, taken(rows._replace(applied_on=again_on), chosen))


def _of_credits(credits: Credits, history: History) -> Applications:
    used = np.flatnonzero(credits.line_applied_on <= history.last)
    nothing = np.zeros(len(used), dtype=np.int64)
    return Applications(
        source=credits.line_memo[used],
        is_credit=np.ones(len(used), dtype=np.bool_),
        invoice=credits.line_invoice[used],
        applied_on=credits.line_applied_on[used],
        unapplied_on=nothing,
        amount=credits.line_amount[used],
        source_amount=nothing,
        discount=nothing,
        withheld=nothing,
        excess=nothing,
    )


def applications_feed(
    rows: Applications,
    invoices: Invoices,
    payment_ids: pl.Series,
    memo_ids: pl.Series,
    history: History,
    first_number: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The `applications` feed, and the truth of the over-payments in it."""
    sources = pl.concat([payment_ids.alias("id"), memo_ids.alias("id")])
    feed = pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, invoices.entity[rows.invoice]),
            "application_id": numbered("", 1 + first_number + np.arange(len(rows.amount)), 9),
            "source_id": sources.gather(np.where(rows.is_credit, len(payment_ids) + rows.source, rows.source)),
            "invoice_id": invoices.ids.gather(rows.invoice),
            "applied_on": dates(rows.applied_on),
            "amount": money(rows.amount),
            "source_amount": money(rows.source_amount, rows.source_amount > 0),
            "discount_amount": money(rows.discount, rows.discount > 0),
            "withheld_amount": money(rows.withheld, rows.withheld > 0),
            "unapplied_on": dates(rows.unapplied_on, rows.unapplied_on > 0),
        }
    )
    over = rows.excess > 0
    truth = feed.filter(pl.Series(over)).select("entity_id", "application_id", "source_id", "invoice_id")
    return feed, truth.with_columns(money(rows.excess[over]).alias("excess_amount"))
