"""Finer grains than the week: days, payers' weeks, and the chances of items beside what came of them.

Belongs here: what one origin expected at these grains and how far that was off. Does not: weeks of the book
(`backtest`), or measures over origins (`accuracy_frame`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.forecasts.origin import OriginForecast

DAYS, WEEKS, TENTHS = 10, 4, 10
SPANS = (7, 14, 30)
"""Calendar days within which an item is paid or not."""
HORIZONS = {"day": ((1, 5), (1, 10)), "payer_week": ((1, 1), (1, 4))}
"""Days ahead, and weeks ahead, first to last."""


@dataclass(frozen=True)
class Grains:
    """What is expected, or came, of the open book: `by_day` [DAYS], `by_payer` [payers, WEEKS]; and `total` [DAYS] of
    all receipts."""

    by_day: np.ndarray | None = None
    by_payer: np.ndarray | None = None
    total: np.ndarray | None = None

    def parts(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """Scope, grain, and values with the periods last."""
        if self.by_day is not None:
            yield "open_items", "day", self.by_day
        if self.by_payer is not None:
            yield "open_items", "payer_week", self.by_payer
        if self.total is not None:
            yield "total", "day", self.total


def of_cells(forecast: OriginForecast, cash: np.ndarray) -> Grains:
    """What chances of cash [cells, days] make of the open book."""
    offset = (forecast.axis.dates - np.datetime64(forecast.axis.as_of)).astype(int)
    money = forecast.cell_amounts[:, None] * cash
    by_day = np.bincount(np.minimum(offset, DAYS + 1), money.sum(axis=0), DAYS + 2)[1 : DAYS + 1]
    week = np.minimum(forecast.week_of_day, WEEKS)
    cells = np.stack([money[:, week == place].sum(axis=1) for place in range(WEEKS)], axis=1)
    payers, row = np.unique(forecast.served.cells["payer_key"].to_numpy(), return_inverse=True)
    by_payer = np.zeros((len(payers), WEEKS))
    np.add.at(by_payer, row, cells)
    return Grains(by_day, by_payer)


def of_items(forecast: OriginForecast, day: np.ndarray, amounts: np.ndarray) -> Grains:
    """What is expected of, or came from, open items on a calendar day ahead each (one far ahead is outside)."""
    payers, row = np.unique(forecast.items["payer_key"].to_numpy(), return_inverse=True)
    by_day = np.bincount(np.clip(day, 0, DAYS + 1), amounts, DAYS + 2)[1 : DAYS + 1]
    week = np.clip((day - 1) // 7, 0, WEEKS)
    sums = np.bincount(row * (WEEKS + 1) + week, amounts, len(payers) * (WEEKS + 1))
    return Grains(by_day, sums.reshape(len(payers), WEEKS + 1)[:, :WEEKS])


def spread(forecast: OriginForecast, by_week: np.ndarray) -> np.ndarray:
    """[DAYS]: weeks ahead spread over their business days, those of each calendar by its share of billings."""
    weeks = -(-DAYS // 7)
    shares = (forecast.shares @ forecast.axis.spread(weeks)).reshape(weeks, 7)
    return (shares * by_week[:weeks, None]).ravel()[:DAYS]


def errors(expected: Mapping[str, Grains], came: Grains) -> pl.DataFrame:
    """One row a scope, grain, horizon and model of an origin: `missed` (sum of absolute errors), `expected`, `came`."""
    actual = {(scope, grain): values for scope, grain, values in came.parts()}
    rows = []
    for model, found in expected.items():
        for scope, grain, values in found.parts():
            for first, last in HORIZONS[grain]:
                ours, theirs = (each[..., first - 1 : last] for each in (values, actual[scope, grain]))
                missed = float(np.abs(ours - theirs).sum())
                rows.append((scope, grain, f"{first}-{last}", model, missed, float(ours.sum()), float(theirs.sum())))
    names = ["scope", "grain", "horizon_weeks", "model", "missed", "expected", "came"]
    return pl.DataFrame(rows, schema=names, orient="row")


def reliability(curves: Mapping[str, np.ndarray], came: np.ndarray) -> pl.DataFrame:
    """Items by tenth of their chance of being paid within so many days, of each model: `model`, `span_days`, `decile`
    (1 is up to a tenth), `item_count`, `chances` (their sum) and `paid` (how many were).

    `curves`: [items, days], probability by each calendar day; `came`: the day on which each was paid, far ahead where
    it was not.
    """
    rows = []
    for model, curve in curves.items():
        for span in SPANS:
            chance = curve[:, span - 1]
            tenth = np.clip(np.ceil(chance * TENTHS).astype(int), 1, TENTHS)
            counts = [np.bincount(tenth, weights, TENTHS + 1) for weights in (None, chance, came <= span)]
            for place in np.flatnonzero(counts[0]):
                count, chances, paid = (each[place] for each in counts)
                rows.append((model, span, int(place), int(count), float(chances), int(paid)))
    names = ["model", "span_days", "decile", "item_count", "chances", "paid"]
    return pl.DataFrame(rows, schema=names, orient="row")


def reliability_over(origins: pl.DataFrame) -> pl.DataFrame:
    """`forecasts.reliability`: the shares predicted and paid of each model, span and tenth, over all origins."""
    if not origins.height:
        return pl.DataFrame()
    keys = ["model", "span_days", "decile"]
    sums = origins.group_by(keys).agg(pl.col("item_count", "paid", "chances").sum()).sort(keys)
    return sums.with_columns(
        predicted_share=pl.col("chances") / pl.col("item_count"), paid_share=pl.col("paid") / pl.col("item_count")
    )
