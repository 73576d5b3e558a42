"""The truth of every invoice's settlement: what became of it, and when, also after the as-of.

Belongs here: the table that a forecast is judged against. Does not belong here: how it came about
(`outcomes`, `settlements`).
"""

import numpy as np
import polars as pl

from models.raw.synthetic.columns import dates, money, named
from models.raw.synthetic.draws import Draws
from models.raw.synthetic.history import History
from models.raw.synthetic.outcomes import FATES


def settled_by(draws: Draws, history: History, carried_by: pl.Series) -> pl.DataFrame:
    """One row an invoice: its fate and the true dates of its cash.

    `carried_by` is the id of the payment that carried each part, null where that is still to come.
    `collected_amount` is what cash, discount and tax withheld take off in the end, in the invoice's currency;
    `paid_on`, `last_payment_id` and `is_on_run` are of the last part.
    """
    invoices, parts = draws.invoices, draws.parts
    count = len(invoices)
    payments = np.bincount(parts.invoice, minlength=count)
    collected = np.bincount(parts.invoice, parts.cash + parts.discount + parts.withheld, count)
    first, last = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    first[parts.invoice[::-1]] = np.arange(len(parts.invoice))[::-1]
    last[parts.invoice] = np.arange(len(parts.invoice))
    is_paid = payments > 0
    last_part = pl.select(pl.when(pl.Series(is_paid)).then(pl.Series(last))).to_series()
    first_part = pl.select(pl.when(pl.Series(is_paid)).then(pl.Series(first))).to_series()
    paid_on = dates(parts.paid_on)
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, invoices.entity),
            "invoice_id": invoices.ids,
            "fate": named(FATES, draws.outcomes.fate),
            "payments": payments,
            "first_paid_on": paid_on.gather(first_part),
            "paid_on": paid_on.gather(last_part),
            "last_payment_id": carried_by.gather(last_part),
            "is_on_run": pl.Series(parts.is_on_run).gather(last_part),
            "collected_amount": money(collected.astype(np.int64)),
            "credited_on": dates(draws.credited_on, draws.credited_on > 0),
            "shortfall_amount": money(draws.outcomes.shortfall),
        }
    )
