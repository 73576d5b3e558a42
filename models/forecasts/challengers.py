"""Which model gives the hazards: the default, or a challenger that learned from landmarks by the origin.

Belongs here: their names, what each needs, and which one served a book best. Does not: how each learns
(`challenger_glm`, `challenger_lightgbm`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from models.forecasts import challenger_glm, challenger_lightgbm
from models.forecasts.accuracy_frame import complete, ratio_to
from models.forecasts.hazard import Hazards
from models.forecasts.landmarks import Stood, landmarks
from models.forecasts.multipliers import Multipliers
from models.forecasts.settings import CHALLENGERS, GLM, LIGHTGBM, OWN, ForecastSettings
from models.forecasts.settlement import settlement_hazards
from models.forecasts.standing import Standing

JUDGED = (1, 4)
"""Weeks ahead whose errors make a champion."""
FEWEST_ORIGINS = 8
Chances = Callable[[pl.DataFrame], np.ndarray]
"""From cells (of `Standing.cells`) to their hazards [cells, days]."""


@dataclass(frozen=True)
class Served:
    """The model that gives the hazards of cells, and those of payers for billings to come."""

    model: str
    hazards: Hazards
    cells: pl.DataFrame
    chances: Chances

    def of_cells(self, payer_keys: np.ndarray, due_days: np.ndarray) -> np.ndarray:
        """[cells, days]: hazard of each cell of payer and due day on each business day after the origin."""
        asked = pl.DataFrame({"payer_key": payer_keys, "due_day": due_days})
        known = self.cells.drop("cell")
        return self.chances(asked.join(known, on=["payer_key", "due_day"], how="left", maintain_order="left"))


def serve(model: str, stood: Standing, earlier: Stood, origin_week: int) -> Served:
    """The hazards of a model at an origin; the default's where a challenger has too little to learn from."""
    cells = stood.cells()
    if model == GLM:
        found = challenger_glm.learned(stood, landmarks(earlier, stood, origin_week))
        if found:
            return Served(GLM, found[0], cells, _by_scores(stood, *found))
    if model == LIGHTGBM:
        grown = challenger_lightgbm.learned(stood, landmarks(earlier, stood, origin_week))
        if grown:
            return Served(LIGHTGBM, stood.hazards, cells, grown)
    return Served(OWN, stood.hazards, cells, _by_scores(stood, stood.hazards, stood.effects))


def _by_scores(stood: Standing, hazards: Hazards, effects: Multipliers) -> Chances:
    def chances(cells: pl.DataFrame) -> np.ndarray:
        payers, due = cells["payer_key"].to_numpy(), cells["due_day"].to_numpy()
        return settlement_hazards(payers, due, hazards, effects, stood.axis, stood.settings)

    return chances


def settings_of(draws: int, named: Iterable[str]) -> tuple[ForecastSettings, str]:
    """Settings with those of the named challengers that can run here, and why others cannot (empty where all can)."""
    wanted = [name for name in CHALLENGERS if name in set(named)]
    if LIGHTGBM in wanted and not challenger_lightgbm.is_installed():
        wanted.remove(LIGHTGBM)
        said = f"{LIGHTGBM} is left out: {challenger_lightgbm.MISSING}"
    else:
        said = ""
    return replace(ForecastSettings(), draws=draws, challengers=tuple(wanted)), said


def champion(rows: pl.DataFrame, challengers: Iterable[str]) -> str:
    """The model that serves, by `forecast_backtest` rows: the challenger of the lowest error of the open book over one
    to four weeks, where its ratio to the default's is below one with its 95 % interval; else the default.

    Of fewer than eight origins whose four weeks have come, nothing is said against the default.
    """
    opened = rows.filter(pl.col("scope") == "open_items")
    if complete(opened, *JUDGED)["origin"].n_unique() < FEWEST_ORIGINS:
        return OWN
    ratios = {name: ratio_to(opened, name, OWN, *JUDGED) for name in challengers}
    better = {name: ratio for name, (ratio, _, high) in ratios.items() if high < 1.0}
    return min(better, key=lambda name: better[name], default=OWN)
