"""From settings to a book: slices are drawn, written as feeds, and put together.

Belongs here: which draw goes into which feed and truth, and the making of chunks. Does not belong here: the
draws (`draws` and the concepts), or files (`assets.synthetic_files`).
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from models.raw.synthetic.applications import applications_feed
from models.raw.synthetic.bad_rows import with_bad_rows
from models.raw.synthetic.credits import credit_memo_ids, credit_memos_feed
from models.raw.synthetic.currencies import fx_rates
from models.raw.synthetic.customers import customer_numbers, customers_feed
from models.raw.synthetic.disputes import disputes_feed
from models.raw.synthetic.draws import Draws, Place, draw_slice
from models.raw.synthetic.entities import entities_feed
from models.raw.synthetic.extra_events import with_extra_events
from models.raw.synthetic.general_ledger import balances, entries, orphans
from models.raw.synthetic.history import History, history_of
from models.raw.synthetic.invoices import invoices_feed
from models.raw.synthetic.outcomes import expected_loss_rates
from models.raw.synthetic.payers import payers_truth, regime_truth
from models.raw.synthetic.promises import promises_feed
from models.raw.synthetic.receipts import numbered_payments, payments_feed
from models.raw.synthetic.settings import Book, BookSettings, Slice, slices
from models.raw.synthetic.settled_by import settled_by


def generate(settings: BookSettings) -> Book:
    """The whole book in memory: canonical feeds and, beside them, their ground truth.

    Amounts are Decimal(18, 2) in the document's currency, dates pl.Date, ids text; with `bad_rows` the
    invoices, payments, credit memos and applications are text throughout, as an export is.
    """
    return _together(list(_slices(settings)))


def generate_chunks(settings: BookSettings, chunk_invoices: int = 1_000_000) -> Iterator[Book]:
    """The same book in chunks of whole slices, each of at most `chunk_invoices` invoices where slices allow.

    Entities, rates, targets and book-wide truth come with the first chunk, the general ledger with the last. The
    rows of all chunks are those of `generate`, in the same order.
    """
    held: list[Book] = []
    count = 0
    for part, book in zip(slices(settings), _slices(settings), strict=True):
        if held and count + part.invoices > chunk_invoices:
            yield _together(held)
            held, count = [], 0
        held.append(book)
        count += part.invoices
    yield _together(held)


def chunk_count(settings: BookSettings, chunk_invoices: int = 1_000_000) -> int:
    """How many chunks `generate_chunks` will give."""
    chunks = count = 0
    for part in slices(settings):
        if count == 0 or count + part.invoices > chunk_invoices:
            chunks, count = chunks + 1, 0
        count += part.invoices
    return chunks


def _slices(settings: BookSettings) -> Iterator[Book]:
    history, parts = history_of(settings), slices(settings)
    booked: list[pl.DataFrame] = []
    for part in parts:
        book, entered = _slice(settings, part, history)
        booked += entered
        if booked and part.number == parts[-1].number:
            book.feeds["gl_balances"] = balances(
                booked, entities_feed(history.functional), settings.first_day, settings.as_of
            )
        yield book


def _slice(settings: BookSettings, part: Slice, history: History) -> tuple[Book, list[pl.DataFrame]]:
    """One slice, and what it puts into the general ledger."""
    draws = draw_slice(settings, part, history)
    place = Place(settings, part, history, draws, customer_numbers(draws.customers, part.first_customer))
    book, entered = _core(place), []
    if settings.events == "all":
        book = with_extra_events(place, book)
        entered = [entries(book.feeds, book.truth["over_payments"], entities_feed(history.functional))]
    if settings.bad_rows:
        feeds, bad_rows = with_bad_rows(place.fresh("bad rows"), book.feeds)
        book = Book(feeds, {**book.truth, "bad_rows": bad_rows})
        entered += [orphans(feeds["payments"], bad_rows)] if entered else []
    return book, entered


def _core(place: Place) -> Book:
    _, part, history, draws, customer_ids = place
    base, invoices = part.first_invoice, draws.invoices
    payment_ids = numbered_payments(len(draws.receipts.amount), 2 * base)
    memo_ids = credit_memo_ids(draws.credits, base)
    feeds, truth = _masters(place)
    feeds["invoices"] = invoices_feed(place.fresh("invoices feed"), invoices, draws.customers, customer_ids, history)
    feeds["payments"] = payments_feed(
        place.fresh("payments feed"), draws.receipts, payment_ids, customer_ids, draws.payers, history
    )
    feeds["credit_memos"] = credit_memos_feed(draws.credits, memo_ids, customer_ids, history)
    feeds["applications"], truth["over_payments"] = applications_feed(
        draws.applications, invoices, payment_ids, memo_ids, history, 3 * base
    )
    feeds["disputes"], truth["dispute_outcomes"] = disputes_feed(draws.disputes, invoices, history, base)
    feeds["promises"], truth["promise_outcomes"] = promises_feed(
        draws.promises, invoices, draws.payers, customer_ids, history, base, base
    )
    truth["settled_by"] = settled_by(draws, history, _carried(draws, payment_ids))
    return Book(feeds, truth)


def _masters(place: Place) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """Customers and payers of every slice; entities, rates and loss rates with the first."""
    history, customers, ids = place.history, place.draws.customers, place.customer_ids
    feeds: dict[str, pl.DataFrame] = {}
    truth: dict[str, pl.DataFrame] = {}
    if place.part.number == 0:
        feeds["entities"] = entities_feed(history.functional)
        feeds["fx_rates"] = fx_rates(history.rates, _targets(history))
        truth["expected_loss_rates"] = expected_loss_rates()
    feeds["customers"] = customers_feed(place.fresh("customers feed"), customers, ids, history.currencies, history.last)
    truth["payers"] = payers_truth(place.draws.payers, customers, ids)
    truth["regime_change"] = regime_truth(place.draws.payers, customers, ids)
    return feeds, truth


def _targets(history: History) -> tuple[str, ...]:
    """Currencies that rates lead to: those of the entities, and USD or the book's first as a group's own."""
    group = "USD" if "USD" in history.currencies else history.currencies[0]
    return tuple(dict.fromkeys([group, *history.functional]))


def _carried(draws: Draws, payment_ids: pl.Series) -> pl.Series:
    """The id of the payment that carried each part, null where that is still to come."""
    payment = np.full(len(draws.parts.invoice), -1, dtype=np.int64)
    payment[draws.lines.part] = draws.lines.payment
    return payment_ids.gather(pl.select(pl.when(pl.Series(payment) >= 0).then(pl.Series(payment))).to_series())


def _together(books: list[Book]) -> Book:
    def merged(frames: list[dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
        names = list(dict.fromkeys(name for found in frames for name in found))
        return {name: pl.concat([found[name] for found in frames if name in found]) for name in names}

    return Book(merged([book.feeds for book in books]), merged([book.truth for book in books]))
