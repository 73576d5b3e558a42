"""What synthetic books lose in the end of what is open at a month-end, by bucket, from the draws that made them.

Belongs here: balances and losses in integers of the generator, without the product's ledger. Does not: any estimate.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from models.raw.synthetic.columns import Integers
from models.raw.synthetic.draws import Draws, draw_slice
from models.raw.synthetic.history import History, history_of
from models.raw.synthetic.invoices import POSTED
from models.raw.synthetic.outcomes import RECOVERED_SHARE, RECOVERY_RATE
from models.raw.synthetic.run_calendars import day_number
from models.raw.synthetic.settings import BookSettings, slices, stream
from models.raw.synthetic.write_offs import CREDIT, WriteOffs, draw_write_offs

LAST_DAYS = (0, 30, 60, 90, 120, 365)
"""The last day past due of each bucket but the oldest."""
NET = 1 - RECOVERY_RATE * RECOVERED_SHARE
"""What is not recovered of a loss, by the rates that recoveries are drawn with."""


class Known(NamedTuple):
    """By bucket, in hundredths: what was open at month-ends, and what was lost of it in the end."""

    exposure: np.ndarray
    lost: np.ndarray


def known_losses(settings: BookSettings, month_ends: list[date]) -> list[Known]:
    """Of each slice of a book in one currency; its history must go on until all that is open then is settled."""
    history = history_of(settings)
    found = []
    for part in slices(settings):
        draws = draw_slice(settings, part, history)
        write_offs = draw_write_offs(stream(settings, part.number, "write_offs"), draws, history)
        found.append(_of_slice(draws, write_offs, history, [day_number(day) for day in month_ends]))
    return found


def _of_slice(draws: Draws, write_offs: WriteOffs, history: History, month_ends: list[int]) -> Known:
    invoices = draws.invoices
    aged_from = np.where(invoices.original_due > 0, invoices.original_due, invoices.due)
    of_invoices = WriteOffs(*(column[write_offs.invoice >= 0] for column in write_offs))
    counted = (invoices.status == POSTED) & ~draws.customers.is_related[invoices.customer]
    exposure, lost = np.zeros(len(LAST_DAYS) + 1), np.zeros(len(LAST_DAYS) + 1)
    for day in month_ends:
        balance = np.where(counted & (invoices.date <= day), invoices.amount - _settled(draws, of_invoices, day), 0)
        open_ = np.flatnonzero(balance > 0)
        bucket = np.searchsorted(LAST_DAYS, (day - aged_from)[open_], side="left")
        exposure += np.bincount(bucket, balance[open_], len(exposure))
        to_lose = np.minimum(_lost_after(of_invoices, day, len(invoices)), balance)[open_]
        lost += np.bincount(bucket, to_lose * NET, len(lost))
    return Known(exposure, lost)


def _settled(draws: Draws, rows: WriteOffs, day: int) -> Integers:
    """What had been taken off each invoice by a day: paid, credited, or written off and not reversed."""
    parts, count = draws.parts, len(draws.invoices)
    paid = parts.paid_on <= day
    taken = np.bincount(parts.invoice[paid], (parts.cash + parts.discount + parts.withheld)[paid], count)
    taken += np.where((draws.credited_on > 0) & (draws.credited_on <= day), draws.outcomes.credited, 0)
    written = (rows.written_on <= day) & ((rows.reversed_on == 0) | (rows.reversed_on > day))
    return taken + np.bincount(rows.invoice[written], rows.amount[written], count)


def _lost_after(rows: WriteOffs, day: int, count: int) -> Integers:
    """What is written off for credit of each invoice after a day, and never reversed."""
    lost = (rows.reason == CREDIT) & (rows.reversed_on == 0) & (rows.written_on > day)
    return np.bincount(rows.invoice[lost], rows.amount[lost], count)
