"""The second challenger: boosted trees on days at risk, which start from the default's logit (extra `lightgbm`).

Belongs here: what the trees see of a cell and a day, their training, and hazards from them. Does not: what is at risk
(`landmarks`). Only this module imports lightgbm, when it is used.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from models.forecasts.calendar import MONTH_POSITIONS
from models.forecasts.landmarks import Rows, payer_rows, scores_of
from models.forecasts.multipliers import WEEKDAYS, places
from models.forecasts.shrinkage import expit
from models.forecasts.standing import Standing

ROUNDS = 60
MISSING = "the extra `lightgbm` is not installed"
HABIT_STRENGTH = 5.0
"""Exits at the book's shares that a payer's habits are shrunken to."""
YEAR = timedelta(days=365)
LONGEST_QUIET = 130


def is_installed() -> bool:
    """Whether the library is there."""
    return importlib.util.find_spec("lightgbm") is not None


class Seen:
    """What is seen of cells on a standing, beside the day itself."""

    def __init__(self, stood: Standing, cells: pl.DataFrame) -> None:
        self.stood, self.cells = stood, cells
        self.payers = cells["payer_key"].to_numpy()

    @cached_property
    def of_cell(self) -> np.ndarray:
        """[cells, features] that do not change from day to day."""
        place, seen = payer_rows(self.stood, self.payers)
        delays = self.stood.hazards.delays
        of_payer = [
            np.where(seen, delays[name].to_numpy()[place], np.nan) if delays.height else np.full(len(seen), np.nan)
            for name in ("items", "mean_days", "variance_days", "median_days")
        ]
        amount = np.log1p(np.maximum(self.cells["amount"].to_numpy(), 0.0))
        own = [self.cells[name].to_numpy() for name in ("item_count", "terms_days")]
        owed = pl.DataFrame({"payer_key": self.payers, "amount": self.cells["amount"]}).select(
            pl.col("amount").sum().over("payer_key").log1p(), pl.len().over("payer_key").cast(pl.Float64)
        )
        weekday, position = places(self.stood.days, self.cells["due_day"].to_numpy())
        table = [*of_payer, amount, *own, *owed.to_numpy().T, self.habits["quiet"].to_numpy(), weekday, position]
        return np.column_stack(table).astype(np.float64)

    @cached_property
    def habits(self) -> pl.DataFrame:
        """Of each cell's payer: `weekday_0` to `_6` and `position_0` to `_5`, shares of its exits in a year shrunken to
        the book's, and `quiet`, business days since the last."""
        as_of, days = self.stood.axis.as_of, self.stood.days
        today = days.filter(pl.col("date") == as_of).select("calendar_number", today="business_day")
        days = days.join(today, on="calendar_number").with_columns(ago=pl.col("today") - pl.col("business_day"))
        left = self.stood.known.filter(pl.col("settled_date") > as_of - YEAR).select(
            "payer_key", "calendar_number", date="settled_date"
        )
        told = left.join(days, on=["calendar_number", "date"], how="left")
        sums = told.group_by("payer_key").agg(
            n=pl.len(),
            ago=pl.col("ago").min(),
            **{f"weekday_{each}": (pl.col("weekday") == each).sum() for each in range(WEEKDAYS)},
            **{f"position_{each}": (pl.col("month_position") == each).sum() for each in range(MONTH_POSITIONS)},
        )
        shares = [name for name in sums.columns if name.startswith(("weekday_", "position_"))]
        book = {name: float(sums[name].sum()) / max(float(sums["n"].sum()), 1.0) for name in shares}
        joined = pl.DataFrame({"payer_key": self.payers}).join(sums, on="payer_key", how="left", maintain_order="left")
        return joined.with_columns(pl.col("n", *shares).fill_null(0)).select(
            *[
                ((pl.col(name) + HABIT_STRENGTH * book[name]) / (pl.col("n") + HABIT_STRENGTH)).alias(name)
                for name in shares
            ],
            quiet=pl.col("ago").clip(0, LONGEST_QUIET).fill_null(LONGEST_QUIET).cast(pl.Float64),
        )

    def rows(self, cell: np.ndarray, step: np.ndarray, score: np.ndarray) -> np.ndarray:
        """[rows, features] of cells on business days ahead."""
        axis, habits = self.stood.axis, self.habits
        weekday, position = axis.weekday[step - 1], axis.month_position[step - 1]
        of_weekday = habits.select(f"weekday_{each}" for each in range(WEEKDAYS)).to_numpy()
        of_position = habits.select(f"position_{each}" for each in range(MONTH_POSITIONS)).to_numpy()
        lateness = axis.lateness(self.cells["due_day"].to_numpy())[cell, step - 1]
        gap = np.diff(axis.dates, append=axis.dates[-1:] + np.timedelta64(1, "D")).astype(float)[step - 1]
        of_day = [score, lateness, step, weekday, position, of_weekday[cell, weekday], of_position[cell, position], gap]
        return np.column_stack([*of_day, self.of_cell[cell]])


def learned(stood: Standing, parts: Iterable[Rows]) -> Callable[[pl.DataFrame], np.ndarray] | None:
    """A function from cells (`payer_key`, `due_day` and the rest of `Standing.cells`) to their hazards [cells, days];
    None where nothing could be learned.

    Trees are grown on the default's logit (`init_score`), with a leaf's step shrunken (`lambda_l2`), one thread and a
    seed, so that the same rows grow the same trees (Ke et al. 2017; Friedman 2001).
    """
    lightgbm: Any = importlib.import_module("lightgbm")
    tables, labels, weights, starts = [], [], [], []
    for rows in parts:
        tables.append(Seen(rows.stood, rows.cells).rows(rows.cell, rows.step, rows.score))
        labels.append(rows.exits / rows.weight)
        weights.append(rows.weight)
        starts.append(rows.score)
    if not tables:
        return None
    data = lightgbm.Dataset(
        np.concatenate(tables),
        np.concatenate(labels),
        weight=np.concatenate(weights),
        init_score=np.concatenate(starts),
        params={"max_bin": 127, "verbosity": -1},
    )
    grown = lightgbm.train(settings_of(stood.settings.seed), data, ROUNDS)

    def hazard(cells: pl.DataFrame) -> np.ndarray:
        score = scores_of(stood, cells)
        cell, place = (part.ravel() for part in np.indices(score.shape))
        table = Seen(stood, cells).rows(cell, place + 1, score.ravel())
        return expit(score + grown.predict(table, raw_score=True, num_threads=1).reshape(score.shape))

    return hazard


def settings_of(seed: int) -> dict[str, Any]:
    """The settings of the trees."""
    return {
        "objective": "cross_entropy",
        "learning_rate": 0.05,
        "num_leaves": 31,
        "min_data_in_leaf": 200,
        "lambda_l2": 10.0,
        "max_bin": 127,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
