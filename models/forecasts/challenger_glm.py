"""The first challenger: a binomial GLM on grouped cells, with the default's logit as an input.

Belongs here: cells of payer group × lateness bin × weekday × month position, their regression, and hazards from it.
Does not: what is at risk (`landmarks`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.forecasts.calendar import MONTH_POSITIONS
from models.forecasts.hazard import Hazards
from models.forecasts.landmarks import Rows, groups_of
from models.forecasts.lateness import BINS, CLASS_OF_BIN, CLASSES, bin_of
from models.forecasts.multipliers import WEEKDAYS, Multipliers
from models.forecasts.payer_groups import GROUPS
from models.forecasts.shrinkage import expit
from models.forecasts.standing import Standing

PRIOR_TRIALS = 40.0
"""Trials as the default has them that each term is given, so that what was hardly seen changes little and no term is
without a value (data augmentation priors; Clogg et al. 1991, Bedrick et al. 1996)."""
PRIOR_SCORES = (-4.0, -2.0, 0.0)
SHAPE = (GROUPS, BINS, WEEKDAYS, MONTH_POSITIONS)


@dataclass(frozen=True)
class Cells:
    """Sums over rows that are alike: `exits` of `trials`, and the default's mean logit in them."""

    group: np.ndarray
    lateness_bin: np.ndarray
    weekday: np.ndarray
    month_position: np.ndarray
    trials: np.ndarray
    exits: np.ndarray
    score: np.ndarray


def grouped(parts: Iterable[Rows]) -> Cells:
    """Rows of landmarks as cells."""
    trials, exits, score = (np.zeros(int(np.prod(SHAPE))) for _ in range(3))
    for rows in parts:
        axis, payers = rows.stood.axis, rows.cells["payer_key"].to_numpy()
        lateness = axis.lateness(rows.cells["due_day"].to_numpy())[rows.cell, rows.step - 1]
        place = np.ravel_multi_index(
            (
                groups_of(rows.stood, payers)[rows.cell],
                bin_of(lateness),
                axis.weekday[rows.step - 1],
                axis.month_position[rows.step - 1],
            ),
            SHAPE,
        )
        trials += np.bincount(place, rows.weight, len(trials))
        exits += np.bincount(place, rows.exits, len(trials))
        score += np.bincount(place, rows.weight * rows.score, len(trials))
    there = np.flatnonzero(trials > 0)
    group, lateness_bin, weekday, position = np.unravel_index(there, SHAPE)
    sums = trials[there], exits[there], score[there] / trials[there]
    return Cells(group, lateness_bin, weekday, position, *sums)


def design(
    group: np.ndarray, classes: np.ndarray, score: np.ndarray, weekday: np.ndarray, position: np.ndarray
) -> np.ndarray:
    """[cells, terms]: level and slope of the logit by class of lateness, weekday and month position by class, group."""
    of_class = np.eye(CLASSES)[classes]

    def by_class(values: np.ndarray) -> np.ndarray:
        return (of_class[:, :, None] * values[:, None, :]).reshape(len(values), -1)

    # Mondays, first days of the month and the group of the unknown are what the others are measured from
    return np.hstack(
        [
            of_class,
            of_class * score[:, None],
            by_class(np.eye(WEEKDAYS)[weekday][:, 1:5]),
            by_class(np.eye(MONTH_POSITIONS)[position][:, 1:]),
            np.eye(GROUPS)[group][:, :-1],
        ]
    )


def prior(terms: int) -> tuple[np.ndarray, np.ndarray]:
    """Made-up cells [cells, terms] and their hazards: of a class the default's own logit, of any other term none."""
    lines = np.repeat(np.eye(CLASSES), len(PRIOR_SCORES), axis=0)
    score = np.tile(PRIOR_SCORES, CLASSES)
    of_class = np.hstack([lines, lines * score[:, None], np.zeros((len(lines), terms - 2 * CLASSES))])
    hazard = np.append(expit(score), np.full(terms - 2 * CLASSES, 0.5))
    return np.vstack([of_class, np.eye(terms)[2 * CLASSES :]]), hazard


def fit(cells: Cells) -> np.ndarray:
    """Coefficients of `logit h = a + b·logit h₀ + weekday + month position + group` by maximum likelihood (McCullagh
    and Nelder 1989), successes being exits and trials those at risk."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    classes = CLASS_OF_BIN[cells.lateness_bin]
    seen = design(cells.group, classes, cells.score, cells.weekday, cells.month_position)
    given, at = prior(seen.shape[1])
    inputs = np.vstack([seen, given])
    exits = np.append(cells.exits, PRIOR_TRIALS * at)
    rest = np.append(cells.trials - cells.exits, PRIOR_TRIALS * (1.0 - at))
    start = np.zeros(inputs.shape[1])
    start[CLASSES : 2 * CLASSES] = 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = GLM(np.column_stack([exits, np.maximum(rest, 0.0)]), inputs, family=Binomial())
        found: Any = model.fit(start_params=start, method="newton", maxiter=50, disp=False)
    return np.asarray(found.params)


def learned(stood: Standing, parts: Iterable[Rows]) -> tuple[Hazards, Multipliers] | None:
    """The default's hazards and effects as the regression has them; None where nothing could be learned.

    The regression is linear in the default's logit, so what it says of a payer and bin, a weekday and a part of the
    month can stand where the default's stood.
    """
    cells = grouped(parts)
    if not len(cells.trials):
        return None
    terms = fit(cells)
    if not np.isfinite(terms).all():
        return None
    level, slope, rest = terms[:CLASSES], terms[CLASSES : 2 * CLASSES], terms[2 * CLASSES :]
    weekday = np.zeros((CLASSES, WEEKDAYS))
    weekday[:, 1:5] = rest[: CLASSES * 4].reshape(CLASSES, 4)
    position = np.zeros((CLASSES, MONTH_POSITIONS))
    position[:, 1:] = rest[CLASSES * 4 : CLASSES * (3 + MONTH_POSITIONS)].reshape(CLASSES, -1)
    of_group = np.append(rest[CLASSES * (3 + MONTH_POSITIONS) :], 0.0)
    hazards, effects = stood.hazards, stood.effects
    group = np.append(groups_of(stood, hazards.payer_keys), GROUPS - 1)
    scores = level[CLASS_OF_BIN] + slope[CLASS_OF_BIN] * hazards.scores + of_group[group][:, None]
    steeper = slope[:, None]
    return replace(hazards, scores=scores), Multipliers(
        steeper * effects.weekday + weekday, steeper * effects.month_position + position, slope * effects.recent
    )
