"""The open book as it stands: what can become cash, in cells that pay together, and what is known beyond lateness.

Belongs here: promises, disputes and insolvency laid over the hazards, and what becomes of an item over its life. Does
not: the hazards (`hazard`, `settlement`), or sums of cash (`outlook`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from models.forecasts.axis import Axis
from models.forecasts.calendar import number_of
from models.forecasts.hazard import Hazards
from models.forecasts.lateness import with_due_day
from models.forecasts.settlement import cash_days, settlement_forecast

ALIKE = (
    "payer_key",
    "due_day",
    "promised_on",
    "keep_probability",
    "resolved_on",
    "credit_share",
    "is_insolvent",
    "recovery",
    "discount",
    "on_account",
)
NEVER = np.datetime64("1900-01-01")
CHUNK = 8192


@dataclass(frozen=True)
class Outcomes:
    """Shares of money by which the book's receivables were settled: of cash exits, and of all others."""

    discount: float
    """Discounts and tax withheld, of what cash exits settled."""
    write_off: float
    """Write-offs, of what was settled otherwise; the rest are credits."""


def outcomes(amounts: dict[str, float]) -> Outcomes:
    """Shares from what settled the receivables of the last year: `cash`, `credit`, `discount`, `write_off`."""
    cash, lost = amounts["cash"] + amounts["discount"], amounts["credit"] + amounts["write_off"]
    return Outcomes(
        amounts["discount"] / cash if cash > 0 else 0.0,
        amounts["write_off"] / lost if lost > 0 else 0.0,
    )


@dataclass(frozen=True)
class OpenBook:
    """What is open, and what is known to be on its way: `features.open_receivables`, `pending_settlements`,
    `promised_parts`, with the shares of what becomes of receivables."""

    receivables: pl.DataFrame
    pending: pl.DataFrame
    promised: pl.DataFrame
    shares: Outcomes


def parts_of(book: OpenBook, days: pl.DataFrame) -> pl.DataFrame:
    """What can become cash of each receivable, in parts, numbered by cell: what pending payments will settle, what is
    under dispute, what is promised, and the rest; and what pending payments will bring on account (`spell_key` 0).

    `days`: of `calendar.business_days`. Returns `spell_key`, `share` (of the open amount), `amount` (base currency;
    none where there is no rate), `cell`, and the columns of `ALIKE` that make a cell; by `spell_key`. `discount`: share
    of the part's cash exits that discounts take.
    """
    found = _standing(book, days)
    clear = found.with_columns(part=pl.col("free") - pl.col("disputed") - pl.col("promised"))
    disputed = found.with_columns(
        part=pl.col("disputed"),
        resolved_on=pl.coalesce("expected_resolution_date", "resolved_on"),
        credit_share=pl.col("expected_credit_share").fill_null(0.0),
    )
    by_promise = found.drop("keep_probability", "promised").join(
        book.promised.select("spell_key", "promised_date", "keep_probability", part="promised_amount"), on="spell_key"
    )
    kept = by_promise.with_columns(pl.col("part").cast(pl.Float64), promised_on="promised_date")
    columns = ["spell_key", "entity_id", "segment", "currency", "open_amount", "base", "part", *ALIKE]
    parts = pl.concat([one.select(columns) for one in (clear, disputed, kept, _pending(book.pending, found, days))])
    parts = parts.with_columns(share=pl.col("part") / pl.col("open_amount")).filter(pl.col("share") > 1e-12)
    numbered = parts.with_columns(
        amount=pl.col("base") * pl.col("share"), cell=pl.struct(*ALIKE).rank("dense").cast(pl.Int64) - 1
    )
    named = numbered.select("spell_key", "entity_id", "segment", "currency", "share", "amount", "cell", *ALIKE)
    return named.sort("spell_key", "cell", "share")


def _standing(book: OpenBook, days: pl.DataFrame) -> pl.DataFrame:
    """Receivables with what is `free` of pending payments, `disputed` of that and `promised`, as floats, and the
    columns of `ALIKE` as they are where nothing is known."""
    found = with_due_day(book.receivables, days)
    pending = _sums(book.pending, "settled_amount", "pending")
    promised = _sums(book.promised, "promised_amount", "promised")
    found = found.join(pending, on="spell_key", how="left").join(promised, on="spell_key", how="left")
    left = pl.col("left_open").cast(pl.Float64)
    return found.with_columns(
        pl.col("open_amount").cast(pl.Float64),
        pl.col("promised").fill_null(0.0),
        base=pl.col("open_amount_base").cast(pl.Float64).fill_null(0.0),
        free=(left - pl.col("pending").fill_null(0.0)).clip(lower_bound=0.0),
        promised_on=pl.lit(NEVER).cast(pl.Date),
        keep_probability=pl.lit(0.0),
        resolved_on=pl.lit(NEVER).cast(pl.Date),
        credit_share=pl.lit(0.0),
        recovery=pl.col("expected_recovery_share").fill_null(0.0),
        discount=pl.when("is_insolvent").then(0.0).otherwise(book.shares.discount),
        on_account=pl.lit(value=False),
    ).with_columns(disputed=pl.min_horizontal("free", pl.col("disputed_open").cast(pl.Float64)))


def _sums(frame: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """Sums of a column by receivable, as a float."""
    return frame.group_by("spell_key").agg(pl.col(column).cast(pl.Float64).sum().alias(name))


def _pending(pending: pl.DataFrame, found: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Parts that pending payments will settle, sure of their day, whoever owes them; those on account without a due
    date of their own."""
    told = pending.with_columns(pl.col("settled_amount", "cash_amount", "cash_amount_base").cast(pl.Float64))
    told = told.with_columns(
        part="settled_amount",
        promised_on="expected_on",
        keep_probability=pl.lit(1.0),
        is_insolvent=pl.lit(value=False),
        recovery=pl.lit(0.0),
        discount=1.0 - pl.col("cash_amount") / pl.col("settled_amount"),
        on_account=pl.col("spell_key") == 0,
    )
    known = ["spell_key", "open_amount", "base", "due_day", "resolved_on", "credit_share"]
    items = told.join(found.select(known), on="spell_key")
    alone = with_due_day(told.filter("on_account").with_columns(due_date="expected_on", entry_date="expected_on"), days)
    alone = alone.with_columns(
        open_amount="settled_amount",
        base=pl.col("cash_amount_base").fill_null(0.0),
        resolved_on=pl.lit(NEVER).cast(pl.Date),
        credit_share=pl.lit(0.0),
    )
    return pl.concat([items, alone], how="diagonal")


def lay_over(cash: np.ndarray, cells: pl.DataFrame, axis: Axis) -> np.ndarray:
    """[cells, days]: cash as the hazards give it, with what is known of each cell laid over it.

    A promise: with its probability of being kept, all cash on the promised day (the first business day ahead where
    that is past, the next where it is none). A dispute: no cash until it has usually been resolved, then as the
    hazards say, less the share that is usually credited. An insolvent customer: none, since what is
    recovered of it comes at the end of its case, beyond the days of the axis.
    """
    found, due = cash.copy(), cells["due_day"].to_numpy()
    promised = cells["promised_on"].to_numpy().astype("datetime64[D]")
    keep = cells["keep_probability"].to_numpy()
    rows = np.flatnonzero((promised > NEVER) & (keep > 0))
    place = np.clip(axis.place_of(due[rows], promised[rows]), 0, cash.shape[1] - 1)
    found[rows] *= (1.0 - keep[rows])[:, None]
    found[rows, place] += keep[rows]
    resolved = cells["resolved_on"].to_numpy().astype("datetime64[D]")
    for row in np.flatnonzero(resolved > NEVER):
        own = np.flatnonzero(axis.is_open[number_of(due[row])])
        wait = int(np.searchsorted(axis.dates[own], resolved[row], "left"))
        found[row, own] = np.concatenate([np.zeros(wait), found[row, own]])[: len(own)] * (
            1.0 - cells["credit_share"][int(row)]
        )
    found[cells["is_insolvent"].to_numpy()] = 0.0
    return found


def lifetime_cash(
    settled: np.ndarray, due_days: np.ndarray, cells: pl.DataFrame, hazards: Hazards, axis: Axis
) -> np.ndarray:
    """[cells]: probability of ending in cash, whenever: within the axis, and then as the last bin's exits do; of the
    insolvent, the share that is expected to be recovered."""
    within = cash_days(settled, due_days, hazards, axis).sum(axis=1)
    ever = within + np.maximum(1.0 - settled.sum(axis=1), 0.0) * hazards.cash_share[-1]
    keep, credited = cells["keep_probability"].to_numpy(), cells["credit_share"].to_numpy()
    found = np.where(cells["is_insolvent"].to_numpy(), cells["recovery"].to_numpy(), keep + (1.0 - keep) * ever)
    return np.minimum(found * (1.0 - credited), 1.0)


def settlements(parts: pl.DataFrame, cash: np.ndarray, ever: np.ndarray, axis: Axis, shares: Outcomes) -> pl.DataFrame:
    """One row a receivable: dates, chances and what becomes of it, as shares of its open amount. What pending payments
    will bring on account is none.

    Columns: `spell_key`; `date_p10`, `_p50`, `_p90`, `expected_date`; `paid_within_7` to `_90`; `cash_share`,
    `discount_share`, `write_off_share` (of what does not become cash; all of what the insolvent do not pay, but for
    what disputes are credited); what is left is credit. Of the open amount,
    what the payer's credits and receipts on account will settle is cash that is here already.
    """
    rows = []
    for part in _chunks(parts.filter(~pl.col("on_account"))):
        weight, place = part["share"].to_numpy(), part["spell_key"].rle_id().to_numpy()
        size = int(place[-1]) + 1
        whole = np.bincount(place, weight, size)
        mixed = np.zeros((size, cash.shape[1]))
        cell = part["cell"].to_numpy()
        np.add.at(mixed, place, (weight / whole[place])[:, None] * cash[cell])
        items = pl.DataFrame({"spell_key": part["spell_key"].unique(maintain_order=True), "amount": whole})
        due = np.empty(size, dtype=int)
        due[place] = part["due_day"].to_numpy()
        items = settlement_forecast(items, np.arange(size), mixed, due, axis)
        exits, given = weight * ever[cell], part["discount"].to_numpy()
        owed = weight * (1.0 - part["credit_share"].to_numpy())
        lost = np.where(part["is_insolvent"].to_numpy(), owed - exits, (weight - exits) * shares.write_off)
        reached, discount, written_off = (np.bincount(place, each, size) for each in (exits, exits * given, lost))
        told = {"part_open": whole, "ever": reached, "discount_share": discount, "write_off_share": written_off}
        rows.append(items.hstack(pl.DataFrame(told)))
    if not rows:
        return pl.DataFrame()
    return pl.concat(rows).with_columns(cash_share=pl.col("ever") - pl.col("discount_share"))


def _chunks(parts: pl.DataFrame) -> list[pl.DataFrame]:
    """Parts by whole receivables, a few thousand at a time."""
    number = parts["spell_key"].rle_id().to_numpy()
    edges = np.searchsorted(number, np.arange(0, (int(number[-1]) + 1 if len(number) else 0) + CHUNK, CHUNK))
    return [parts[int(a) : int(b)] for a, b in pairwise(edges) if b > a]
