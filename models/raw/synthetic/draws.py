"""One slice of a book as numbers: every concept drawn in turn, each from its own random stream.

Belongs here: the order of the draws. Does not belong here: any draw itself, or the feeds (`book`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.applications import Applications, draw_applications
from models.raw.synthetic.columns import Integers
from models.raw.synthetic.credits import Credits, draw_credits
from models.raw.synthetic.customers import Customers, draw_customers
from models.raw.synthetic.disputes import Disputes, draw_disputes
from models.raw.synthetic.history import History
from models.raw.synthetic.invoices import Invoices, draw_invoices
from models.raw.synthetic.outcomes import Outcomes, draw_outcomes
from models.raw.synthetic.payers import Payers, draw_payers, regime_day
from models.raw.synthetic.promises import Promises, draw_promises
from models.raw.synthetic.receipts import Lines, Receipts, draw_receipts
from models.raw.synthetic.settings import BookSettings, Slice, stream
from models.raw.synthetic.settlements import Parts, draw_parts


class Draws(NamedTuple):
    """What happens in one slice, with the future beyond the as-of where a concept knows it."""

    customers: Customers
    payers: Payers
    invoices: Invoices
    outcomes: Outcomes
    disputes: Disputes
    credits: Credits
    credited_on: Integers
    parts: Parts
    lines: Lines
    receipts: Receipts
    applications: Applications
    promises: Promises


class Place(NamedTuple):
    """What every feed of one slice needs beside its own draw."""

    settings: BookSettings
    part: Slice
    history: History
    draws: Draws
    customer_ids: pl.Series

    def fresh(self, concept: str) -> np.random.Generator:
        """The concept's own random stream in this slice."""
        return stream(self.settings, self.part.number, concept)


def draw_slice(settings: BookSettings, part: Slice, history: History) -> Draws:
    """Draw one slice. Equal settings give equal draws, whatever else is drawn beside them."""

    def fresh(concept: str) -> np.random.Generator:
        return stream(settings, part.number, concept)

    span = (history.first, history.last)
    customers = draw_customers(fresh("customers"), part.customers, history.currencies, history.functional, span)
    slowed_from = regime_day(history.days, history.first, history.last)
    payers = draw_payers(fresh("payers"), customers, len(history.currencies), slowed_from)
    invoices = draw_invoices(fresh("invoices"), part.invoices, customers, history, part.first_invoice)
    outcomes = draw_outcomes(fresh("outcomes"), invoices, customers, history.currencies)
    disputes = draw_disputes(fresh("disputes"), invoices, outcomes, history)
    credits, credited_on = draw_credits(fresh("credits"), invoices, outcomes, disputes, history)
    parts = draw_parts(fresh("parts"), invoices, outcomes, disputes, payers, customers, history)
    lines, receipts = draw_receipts(fresh("receipts"), parts, invoices, outcomes, payers, history)
    applications = draw_applications(fresh("applications"), lines, receipts, credits, invoices, payers, history)
    promises = draw_promises(fresh("promises"), invoices, outcomes, parts, payers, history)
    return Draws(
        customers,
        payers,
        invoices,
        outcomes,
        disputes,
        credits,
        credited_on,
        parts,
        lines,
        receipts,
        applications,
        promises,
    )
