"""Landmarks: the book as it stood every few weeks before an origin, and what came of what was open then.

Belongs here: rows that challengers learn from, a cell (payer × due day) and a business day each, with what was known
on the landmark beside what followed by the origin (van Houwelingen 2007). Rows to forecast have the same features, from
the origin itself. Does not: what is learned (`challenger_glm`, `challenger_lightgbm`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.forecasts.calendar import number_of
from models.forecasts.payer_groups import UNKNOWN, group_payers
from models.forecasts.settlement import settlement_scores
from models.forecasts.standing import Standing

EVERY_WEEKS, MOST_LANDMARKS = 2, 26
FEWEST_LANDMARKS = 4
"""With fewer of them a challenger learns nothing, and the default serves."""
HISTORY_WEEKS = 26
"""What must lie before a landmark."""
FOLLOWED_DAYS = 65
"""Business days over which what was open on a landmark is followed."""
MOST_CELLS = 6000
"""Cells of a landmark that are followed; of more, so many are drawn."""

Stood = Callable[[date, int], Standing]
"""The standing on a day that ends a week of the counts."""


@dataclass(frozen=True)
class Rows:
    """What was at risk: `cells` of a standing, the row of each in `cell` and its business day ahead (from 1) in `step`.

    `weight` at risk and `exits` of it are in trials, money mixed in as in the counts of hazards.
    """

    stood: Standing
    cells: pl.DataFrame
    cell: np.ndarray
    step: np.ndarray
    score: np.ndarray
    """The default's logit."""
    weight: np.ndarray
    exits: np.ndarray


def landmarks(stood: Stood, origin: Standing, origin_week: int) -> Iterator[Rows]:
    """Rows of every landmark before an origin, the newest first; none where there are too few."""
    as_of, first = origin.axis.as_of, origin.known["entry_date"].min()
    if not isinstance(first, date):
        return
    back = [EVERY_WEEKS * (place + 1) for place in range(MOST_LANDMARKS)]
    back = [weeks for weeks in back if as_of - timedelta(weeks=weeks + HISTORY_WEEKS) >= first]
    if len(back) < FEWEST_LANDMARKS:
        return
    for weeks in back:
        rows = followed(stood(as_of - timedelta(weeks=weeks), origin_week + weeks), origin)
        if len(rows.cell):
            yield rows


def followed(then: Standing, origin: Standing) -> Rows:
    """What was open on a landmark, from the day after it to the origin, as known at that."""
    settings, axis = origin.settings, then.axis
    own = pl.col("calendar_number")
    came = origin.known.select("spell_key", "settled_date", own).join(
        origin.days.select(own, settled_date="date", settled_day="business_day"),
        on=["calendar_number", "settled_date"],
        how="left",
    )
    cells = drawn(then.cells(), settings.seed + int(axis.origin_days[0]))
    kept = cells.select("cell").with_row_index("row")
    items = then.items.join(kept, on="cell").join(came, on="spell_key", how="left", maintain_order="left")
    span = min(FOLLOWED_DAYS, int(np.searchsorted(axis.dates, np.datetime64(origin.axis.as_of), "right")))
    due = items["due_day"].to_numpy()
    passed = (items["settled_day"] - axis.origin_days[number_of(due)]).clip(1).fill_null(len(axis.dates) + 1)
    last = np.minimum(axis.place_after(due, passed.to_numpy()) + 1, span + 1)
    amount = items["amount"].cast(pl.Float64).to_numpy()
    share, mean = settings.amount_weight, max(float(amount.mean()) if len(amount) else 0.0, 1e-12)
    trials = (1.0 - share) + share * amount / mean
    leaves = np.zeros((cells.height, span + 2))
    np.add.at(leaves, (items["row"].to_numpy(), last), trials)
    at_risk = leaves[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1 : span + 1]
    number = number_of(cells["due_day"].to_numpy())
    cell, place = np.nonzero((at_risk > 0) & axis.is_open[number, :span])
    step = place + 1
    age = origin.axis.origin_days[number[cell]] - axis.origin_days[number[cell]] - axis.steps[number[cell], place]
    decay = 0.5 ** (age / settings.half_life_days)
    score = scores_of(then, cells)[cell, place]
    return Rows(then, cells, cell, step, score, at_risk[cell, place] * decay, leaves[cell, step] * decay)


def drawn(cells: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Cells, or as many of them as are followed."""
    if cells.height <= MOST_CELLS:
        return cells
    rng = np.random.default_rng(seed)
    return cells[np.sort(rng.choice(cells.height, MOST_CELLS, replace=False))]


def scores_of(stood: Standing, cells: pl.DataFrame) -> np.ndarray:
    """[cells, days]: the default's logit of each cell on each business day of the axis."""
    payers, due = cells["payer_key"].to_numpy(), cells["due_day"].to_numpy()
    return settlement_scores(payers, due, stood.hazards, stood.effects, stood.axis, stood.settings)


def payer_rows(stood: Standing, payer_keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The row of each payer in `hazards.delays`, and whether it is there."""
    keys = stood.hazards.delays["payer_key"].to_numpy()
    if not len(keys):
        return np.zeros(len(payer_keys), dtype=int), np.zeros(len(payer_keys), dtype=bool)
    place = np.clip(np.searchsorted(keys, payer_keys), 0, len(keys) - 1)
    return place, keys[place] == payer_keys


def groups_of(stood: Standing, payer_keys: np.ndarray) -> np.ndarray:
    """The group of each payer, as of the standing."""
    place, seen = payer_rows(stood, payer_keys)
    found = group_payers(stood.hazards.delays)
    return np.where(seen, found[place], UNKNOWN) if len(found) else np.full(len(payer_keys), UNKNOWN)
