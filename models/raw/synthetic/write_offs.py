"""Write-offs by reason, and what is recovered of them.

Belongs here: what is given up, what is reversed because the cash came after all, and recoveries with the
payments that bring them. Does not belong here: which invoices are lost (`outcomes`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import NEVER, Integers, dates, masked, money, named, numbered
from models.raw.synthetic.currencies import minor_units, rounded
from models.raw.synthetic.draws import Draws
from models.raw.synthetic.history import History
from models.raw.synthetic.invoices import Invoices
from models.raw.synthetic.outcomes import DILUTED, NEVER_DUE, PAID, RECOVERED_SHARE, RECOVERY_RATE
from models.raw.synthetic.receipts import Receipts
from models.raw.synthetic.run_calendars import clipped

REASONS = ("credit", "dilution", "small_balance")
CREDIT, DILUTION, SMALL_BALANCE = range(3)
REVERSED_SHARE = 0.15  # of invoices paid more than 150 days late: written off before, then reversed
SOURCE_SHARE = 0.25  # of receipts on account older than 300 days


class WriteOffs(NamedTuple):
    """One row a write-off of an invoice (`source` -1) or of a payment on account (`invoice` -1)."""

    invoice: Integers
    source: Integers
    entity: Integers
    written_on: Integers
    amount: Integers
    reason: Integers
    reversed_on: Integers  # 0: never


def draw_write_offs(generator: np.random.Generator, draws: Draws, history: History) -> WriteOffs:
    """All write-offs up to the as-of, losses first."""
    found = [
        _losses(generator, draws, history),
        _shortfalls(generator, draws, history),
        _reversed(generator, draws, history),
        _on_account(generator, draws.receipts, history),
    ]
    rows = WriteOffs(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
    return WriteOffs(*(column[rows.written_on <= history.last] for column in rows))


def _of_invoices(
    draws: Draws,
    history: History,
    invoice: Integers,
    written_on: Integers,
    amount: Integers,
    reason: Integers,
) -> WriteOffs:
    none = np.zeros(len(invoice), dtype=np.int64)
    written_on = history.days.following[clipped(history.days, written_on) - history.days.first]
    return WriteOffs(invoice, none - 1, draws.invoices.entity[invoice], written_on, amount, reason, none)


def _settled(draws: Draws) -> tuple[Integers, Integers]:
    """By invoice: what cash and deductions ever take off, and the day of the last cash (0: never)."""
    parts, count = draws.parts, len(draws.invoices)
    taken = np.bincount(parts.invoice, parts.cash + parts.discount + parts.withheld, count).astype(np.int64)
    last_paid = np.zeros(count, dtype=np.int64)
    last_paid[parts.invoice] = parts.paid_on
    return taken, last_paid


def _losses(generator: np.random.Generator, draws: Draws, history: History) -> WriteOffs:
    """What is never paid nor credited: half a year after it was due, sooner when the payer is bankrupt."""
    invoices, outcomes = draws.invoices, draws.outcomes
    settled, last_paid = _settled(draws)
    left = invoices.amount - outcomes.credited - outcomes.shortfall - settled
    invoice = np.flatnonzero((left > 0) & (outcomes.fate != NEVER_DUE))
    written = invoices.due[invoice] + generator.integers(150, 241, len(invoice))
    bankrupt = draws.customers.bankrupt_on[invoices.payer[invoice]]
    sooner = np.maximum(bankrupt + generator.integers(40, 161, len(invoice)), invoices.date[invoice] + 40)
    written = np.where(bankrupt < NEVER, sooner, written)
    written = np.maximum(written, np.maximum(last_paid, draws.credited_on)[invoice] + 1)
    return _of_invoices(draws, history, invoice, written, left[invoice], np.full(len(invoice), CREDIT))


def _shortfalls(generator: np.random.Generator, draws: Draws, history: History) -> WriteOffs:
    """What a last payment left open: small balances and allowances granted without a memo."""
    outcomes = draws.outcomes
    settled, last_paid = _settled(draws)
    invoice = np.flatnonzero((outcomes.shortfall > 0) & (settled == outcomes.collectible))
    written = last_paid[invoice] + generator.integers(20, 75, len(invoice))
    reason = np.where(outcomes.fate[invoice] == DILUTED, DILUTION, SMALL_BALANCE)
    return _of_invoices(draws, history, invoice, written, outcomes.shortfall[invoice], reason)


def _reversed(generator: np.random.Generator, draws: Draws, history: History) -> WriteOffs:
    """Written off about a hundred days past due, and reversed days before the cash came after all."""
    parts, invoices = draws.parts, draws.invoices
    whole = (parts.ordinal == 0) & parts.is_last & (draws.outcomes.fate[parts.invoice] == PAID)
    late = np.flatnonzero(whole & (parts.paid_on > invoices.due[parts.invoice] + 150))
    late = late[generator.random(len(late)) < REVERSED_SHARE]
    invoice = parts.invoice[late]
    written = invoices.due[invoice] + generator.integers(95, 126, len(invoice))
    rows = _of_invoices(draws, history, invoice, written, invoices.amount[invoice], np.full(len(invoice), CREDIT))
    reversed_on = parts.paid_on[late] - generator.integers(2, 11, len(late))
    return rows._replace(reversed_on=np.where(reversed_on <= history.last, reversed_on, 0))


def _on_account(generator: np.random.Generator, receipts: Receipts, history: History) -> WriteOffs:
    """Old receipts that nobody claims: the even ones here, the odd ones may be refunded (`reversals`)."""
    source = receipts.carrying + np.arange(0, receipts.on_account, 2)
    chosen = (receipts.paid_on[source] < history.last - 300) & (generator.random(len(source)) < SOURCE_SHARE)
    source = source[chosen]
    none = np.zeros(len(source), dtype=np.int64)
    entity, amount = receipts.entity[source], receipts.amount[source]
    return WriteOffs(none - 1, source, entity, receipts.paid_on[source] + 290, amount, none + SMALL_BALANCE, none)


class Recoveries(NamedTuple):
    """One row a recovery; each has one payment of its own, in the same order."""

    write_off: Integers
    recovered_on: Integers
    amount: Integers


def draw_recoveries(
    generator: np.random.Generator, write_offs: WriteOffs, invoices: Invoices, history: History
) -> Recoveries:
    """Recoveries of credit losses up to the as-of."""
    lost = (write_offs.reason == CREDIT) & (write_offs.reversed_on == 0) & (write_offs.invoice >= 0)
    chosen = np.flatnonzero(lost & (generator.random(len(lost)) < RECOVERY_RATE))
    day = write_offs.written_on[chosen] + generator.integers(30, 201, len(chosen))
    day = history.days.following[day - history.days.first]
    share = RECOVERED_SHARE * (0.4 + 1.2 * generator.random(len(chosen)))
    units = minor_units(history.currencies)[invoices.currency[write_offs.invoice[chosen]]]
    amount = np.maximum(rounded(write_offs.amount[chosen] * share, units), units)
    seen = day <= history.last
    return Recoveries(chosen[seen], day[seen], amount[seen])


def recovery_receipts(recoveries: Recoveries, write_offs: WriteOffs, invoices: Invoices) -> Receipts:
    """The payments that bring the recoveries. They carry no application: `recoveries.payment_id` settles."""
    invoice = write_offs.invoice[recoveries.write_off]
    return Receipts(
        payer=invoices.payer[invoice],
        entity=invoices.entity[invoice],
        currency=invoices.currency[invoice],
        paid_on=recoveries.recovered_on,
        amount=recoveries.amount,
        status=np.zeros(len(invoice), dtype=np.int64),
        carrying=0,
        on_account=0,
    )


def write_offs_feed(
    rows: WriteOffs, invoices: Invoices, payment_ids: pl.Series, history: History, first_number: int
) -> pl.DataFrame:
    """The `write_offs` feed."""
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, rows.entity),
            "write_off_id": numbered("WO-", 1 + first_number + np.arange(len(rows.amount)), 8),
            "invoice_id": masked(invoices.ids.gather(np.maximum(rows.invoice, 0)), rows.invoice >= 0),
            "source_id": masked(payment_ids.gather(np.maximum(rows.source, 0)), rows.source >= 0),
            "written_off_on": dates(rows.written_on),
            "amount": money(rows.amount),
            "reason": named(REASONS, rows.reason),
            "reversed_on": dates(rows.reversed_on, rows.reversed_on > 0),
        }
    )


def recoveries_feed(
    rows: Recoveries, write_offs: pl.DataFrame, payment_ids: pl.Series, first_number: int
) -> pl.DataFrame:
    """The `recoveries` feed."""
    return pl.DataFrame(
        {
            "entity_id": write_offs["entity_id"].gather(rows.write_off),
            "recovery_id": numbered("R-", 1 + first_number + np.arange(len(rows.amount)), 8),
            "write_off_id": write_offs["write_off_id"].gather(rows.write_off),
            "payment_id": payment_ids,
            "recovered_on": dates(rows.recovered_on),
            "amount": money(rows.amount),
        }
    )
