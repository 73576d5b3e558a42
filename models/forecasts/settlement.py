"""When open items become cash: distributions over business days, and what is read from them.

Belongs here: from hazards to distributions of cells (payer × due day) and items. Does not: sums of cash (`simulation`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from models.forecasts.axis import Axis
from models.forecasts.hazard import Hazards
from models.forecasts.lateness import CLASS_OF_BIN, bin_of
from models.forecasts.multipliers import Multipliers
from models.forecasts.settings import ForecastSettings
from models.forecasts.shrinkage import expit

PAID_WITHIN = (7, 14, 30, 60, 90)


def settlement_scores(
    payer_keys: np.ndarray,
    due_days: np.ndarray,
    hazards: Hazards,
    effects: Multipliers,
    axis: Axis,
    settings: ForecastSettings,
) -> np.ndarray:
    """[cells, days]: logit of the hazard of each cell on each business day after the origin, without end below zero
    where its calendar is closed. `due_days` are business-day indexes."""
    step = np.arange(1, len(axis.dates) + 1)
    row = hazards.rows_of(payer_keys)
    bins = bin_of(axis.lateness(due_days))
    classes = CLASS_OF_BIN[bins]
    score = hazards.scores[row[:, None], bins]
    score = score + effects.weekday[classes, axis.weekday] + effects.month_position[classes, axis.month_position]
    return axis.shut(score + effects.recent[classes] * np.exp(-step / settings.recent_fade_days), due_days, -np.inf)


def settlement_hazards(
    payer_keys: np.ndarray,
    due_days: np.ndarray,
    hazards: Hazards,
    effects: Multipliers,
    axis: Axis,
    settings: ForecastSettings,
) -> np.ndarray:
    """[cells, days]: hazard of each cell on each business day after the origin."""
    return expit(settlement_scores(payer_keys, due_days, hazards, effects, axis, settings))


def settlement_days(hazard: np.ndarray) -> np.ndarray:
    """[cells, days]: probability of settling on each day, `h_t · Π_{s<t} (1 - h_s)`."""
    survival = np.cumprod(1.0 - hazard, axis=1)
    before = np.hstack([np.ones((len(hazard), 1)), survival[:, :-1]])
    return before * hazard


def cash_days(settled: np.ndarray, due_days: np.ndarray, hazards: Hazards, axis: Axis) -> np.ndarray:
    """[cells, days]: probability of settling in cash on each day: what settles, times the share of its lateness that
    is cash."""
    if np.all(hazards.cash_share > 0.9999):
        return settled
    return settled * hazards.cash_share[bin_of(axis.lateness(due_days))]


def by_calendar_day(cumulative: np.ndarray, axis: Axis, span: int) -> np.ndarray:
    """[cells, span]: probability of having settled by each of the `span` calendar days after the origin."""
    wanted = np.datetime64(axis.as_of) + np.arange(1, span + 1)
    place = np.searchsorted(axis.dates, wanted, "right")
    return np.hstack([np.zeros((len(cumulative), 1)), cumulative])[:, place]


def settlement_forecast(
    items: pl.DataFrame, cells: np.ndarray, cash: np.ndarray, due_days: np.ndarray, axis: Axis
) -> pl.DataFrame:
    """`settlement_forecast`'s columns for open items. `items`: `spell_key`, `amount`; `cells` their rows in `cash`
    [cells, days] and `due_days`.

    `date_p10`, `_p50`, `_p90`: first day by which so much of the probability of cash has come, empty where it never
    comes within the horizon; `expected_date`: mean day of the cash that comes within it, rounded up to a business day
    of its calendar, empty where none does; `paid_within_n`: probability within n calendar days; `expected_cash`:
    amount × probability within the horizon.
    """
    cumulative = np.cumsum(cash, axis=1)
    reached = cumulative[:, -1]
    columns: dict[str, np.ndarray] = {}
    for name, level in (("date_p10", 0.1), ("date_p50", 0.5), ("date_p90", 0.9)):
        place = (cumulative < level).sum(1)
        columns[name] = np.where(
            place < cash.shape[1], axis.dates[np.clip(place, 0, cash.shape[1] - 1)], np.datetime64("NaT")
        )
    mean = (cash * np.arange(cash.shape[1])).sum(1) / np.maximum(reached, 1e-12)
    place = axis.opened(due_days, np.clip(np.ceil(mean - 1e-9).astype(int), 0, cash.shape[1] - 1))
    expected = axis.dates[np.clip(place, 0, cash.shape[1] - 1)]
    columns["expected_date"] = np.where(reached > 0, expected, np.datetime64("NaT"))
    within = by_calendar_day(cumulative, axis, max(PAID_WITHIN))
    columns |= {f"paid_within_{span}": within[:, span - 1] for span in PAID_WITHIN}
    columns["expected_share"] = reached
    of_items = pl.DataFrame({name: values[cells] for name, values in columns.items()})
    return items.hstack(of_items).with_columns(
        expected_cash=pl.col("amount").cast(pl.Float64) * pl.col("expected_share")
    )
