"""What `events="all"` adds: write-offs, recoveries, bounced payments, refunds, plans, and the outlook.

Belongs here: the rows that these add to core feeds, always after the core's own, and their own feeds. Does
not belong here: any draw itself.
"""

import polars as pl

from models.raw.synthetic.applications import applications_feed
from models.raw.synthetic.draws import Place
from models.raw.synthetic.outlook import billing_schedule_feed, specific_events_feed, targets_feed
from models.raw.synthetic.promises import draw_plans, promised_invoices, promises_feed
from models.raw.synthetic.receipts import Receipts, numbered_payments, payments_feed
from models.raw.synthetic.reversals import (
    Bounced,
    Refunds,
    draw_bounced,
    draw_refunds,
    plain_lines,
    refunds_feed,
    reversals_feed,
)
from models.raw.synthetic.settings import Book
from models.raw.synthetic.write_offs import (
    draw_recoveries,
    draw_write_offs,
    recoveries_feed,
    recovery_receipts,
    write_offs_feed,
)


def with_extra_events(place: Place, core: Book) -> Book:
    """The core book of one slice with everything else that can happen to its receivables."""
    draws, history, base = place.draws, place.history, place.part.first_invoice
    own = core.feeds["payments"]["payment_id"]
    bounced, refunds = _taken_back(place)
    write_offs = draw_write_offs(place.fresh("write_offs"), draws, history)
    recoveries = draw_recoveries(place.fresh("recoveries"), write_offs, draws.invoices, history)
    recovered = recovery_receipts(recoveries, write_offs, draws.invoices)
    attempts = _more_payments(place, bounced.receipts, len(own), "bounced")
    brought = _more_payments(place, recovered, len(own) + len(attempts), "recovered")
    feeds, truth = dict(core.feeds), dict(core.truth)
    feeds["payments"] = pl.concat([feeds["payments"], attempts, brought])
    feeds["applications"] = _more_applications(place, feeds["applications"], bounced, attempts["payment_id"])
    feeds["promises"], truth["promise_outcomes"] = _more_promises(place, core)
    feeds["write_offs"] = write_offs_feed(write_offs, draws.invoices, own, history, base)
    feeds["recoveries"] = recoveries_feed(recoveries, feeds["write_offs"], brought["payment_id"], base)
    feeds["payment_reversals"] = reversals_feed(bounced, attempts["payment_id"], history, base)
    feeds["refunds"] = refunds_feed(refunds, draws, own, history, base)
    return Book(feeds | _outlook(place, core), truth)


def _taken_back(place: Place) -> tuple[Bounced, Refunds]:
    """Bounced attempts, never of invoices with a promise (their cash would be ambiguous), and refunds."""
    draws = place.draws
    plain = plain_lines(draws)
    promised = promised_invoices(draws.promises, len(draws.invoices))[draws.lines.invoice]
    bounced = draw_bounced(place.fresh("bounced"), draws, plain & ~promised, place.history)
    return bounced, draw_refunds(place.fresh("refunds"), draws, plain, place.history)


def _more_payments(place: Place, more: Receipts, after: int, concept: str) -> pl.DataFrame:
    ids = numbered_payments(len(more.amount), 2 * place.part.first_invoice + after)
    generator = place.fresh(concept + " feed")
    return payments_feed(generator, more, ids, place.customer_ids, place.draws.payers, place.history)


def _more_applications(place: Place, applications: pl.DataFrame, bounced: Bounced, ids: pl.Series) -> pl.DataFrame:
    number = 3 * place.part.first_invoice + len(applications)
    no_memos = ids.clear()
    rows, _ = applications_feed(bounced.applications, place.draws.invoices, ids, no_memos, place.history, number)
    return pl.concat([applications, rows])


def _more_promises(place: Place, core: Book) -> tuple[pl.DataFrame, pl.DataFrame]:
    draws, base = place.draws, place.part.first_invoice
    plans = draw_plans(place.fresh("plans"), draws.invoices, draws.parts, draws.payers, place.history)
    number = base + len(core.feeds["promises"])
    feed, truth = promises_feed(plans, draws.invoices, draws.payers, place.customer_ids, place.history, number, base)
    return pl.concat([core.feeds["promises"], feed]), pl.concat([core.truth["promise_outcomes"], truth])


def _outlook(place: Place, core: Book) -> dict[str, pl.DataFrame]:
    draws, part, history = place.draws, place.part, place.history
    feeds = {
        "billing_schedule": billing_schedule_feed(
            place.fresh("schedule"), draws, place.customer_ids, history, 2 * part.first_invoice
        ),
        "specific_events": specific_events_feed(draws.customers, place.customer_ids, history, part.first_customer),
    }
    if part.number == 0:
        scale = place.settings.invoices / part.invoices
        feeds["targets"] = targets_feed(core.feeds["payments"], history, scale)
    return feeds
