"""The simple rules that a forecast must beat: of items, and of receipts as a mere series.

Belongs here: rules, always computed. Does not: anything of the project's own model.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

ETS_SHAPES = (
    ("add", None, False),
    ("add", "add", False),
    ("add", "add", True),
    ("mul", None, False),
    ("mul", "add", True),
)
ARIMA_ORDERS = ((0, 1, 1), (1, 1, 0), (1, 1, 1), (0, 1, 2), (1, 0, 0), (2, 0, 0), (1, 0, 1))
FEWEST_WEEKS = 10


def due_date(due: np.ndarray, as_of: int) -> np.ndarray:
    """Paid when due; what is overdue, the next day. Days as numbers."""
    return np.maximum(due, as_of + 1)


def due_date_and_delay(due: np.ndarray, delay: np.ndarray, as_of: int) -> np.ndarray:
    """Paid as many days after the due date as the payer's mean (or median) delay, rounded; not before the next day."""
    return np.maximum(due + np.round(delay).astype(int), as_of + 1)


def kaplan_meier(at_risk: np.ndarray, exits: np.ndarray) -> np.ndarray:
    """Survival after each day `Π (1 - d/n)` (Kaplan and Meier 1958); a day without anyone at risk changes nothing."""
    hazard = np.where(at_risk > 0, exits / np.maximum(at_risk, 1e-12), 0.0)
    return np.cumprod(1.0 - np.clip(hazard, 0.0, 1.0))


def mean_of_last(receipts: np.ndarray, weeks: int, horizon: int) -> np.ndarray:
    """The mean of the last weeks, for each week ahead."""
    return np.full(horizon, receipts[-weeks:].mean() if len(receipts) else 0.0)


def same_week_last_year(receipts: np.ndarray, horizon: int) -> np.ndarray:
    """The week 52 before, or the last 8 weeks' mean where history does not reach."""
    ahead = mean_of_last(receipts, 8, horizon)
    place = len(receipts) + np.arange(horizon) - 52
    known = (place >= 0) & (place < len(receipts))
    ahead[known] = receipts[place[known]]
    return ahead


def _corrected(aic: float, parameters: int, count: int) -> float:
    """AICc (Hurvich and Tsai 1989)."""
    return aic + 2.0 * parameters * (parameters + 1) / max(count - parameters - 1, 1)


def auto_ets(receipts: np.ndarray, horizon: int) -> np.ndarray:
    """Exponential smoothing of weekly receipts, its form by AICc, without season (Hyndman et al. 2002)."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    if len(receipts) < FEWEST_WEEKS:
        return mean_of_last(receipts, 8, horizon)
    unit, best, found = receipts.mean() or 1.0, np.inf, mean_of_last(receipts, 8, horizon)
    scaled = receipts / unit
    for error, trend, damped in ETS_SHAPES:
        if error == "mul" and scaled.min() <= 0:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape = ETSModel(scaled, error=error, trend=trend, damped_trend=damped)
            fitted: Any = shape.fit(disp=False, maxiter=150)
            score = _corrected(fitted.aic, len(fitted.params), len(scaled))
            if np.isfinite(score) and score < best:
                best, found = score, np.maximum(fitted.forecast(horizon), 0.0) * unit
    return found


def auto_arima(receipts: np.ndarray, horizon: int) -> np.ndarray:
    """ARIMA of weekly receipts, its order among seven by AICc within each differencing; differenced where the level
    wanders.

    Whether to difference: the variance of differences is below that of the level (a plain stand-in for the KPSS test of
    Hyndman and Khandakar 2008).
    """
    from statsmodels.tsa.arima.model import ARIMA

    if len(receipts) < FEWEST_WEEKS:
        return mean_of_last(receipts, 8, horizon)
    unit, best, found = receipts.mean() or 1.0, np.inf, mean_of_last(receipts, 8, horizon)
    scaled = receipts / unit
    differenced = int(np.var(np.diff(scaled)) < np.var(scaled))
    for order in (each for each in ARIMA_ORDERS if each[1] == differenced):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fitted = ARIMA(scaled, order=order, trend=None if differenced else "c").fit(
                    method_kwargs={"maxiter": 50}
                )
            except (np.linalg.LinAlgError, ValueError):
                continue
            if np.isfinite(fitted.aicc) and fitted.aicc < best:
                best, found = fitted.aicc, np.maximum(fitted.forecast(horizon), 0.0) * unit
    return found


def auto_theta(receipts: np.ndarray, horizon: int) -> np.ndarray:
    """The theta method without season (Assimakopoulos and Nikolopoulos 2000)."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    if len(receipts) < FEWEST_WEEKS:
        return mean_of_last(receipts, 8, horizon)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = ThetaModel(receipts, period=52, deseasonalize=False).fit()
        return np.maximum(np.asarray(fitted.forecast(horizon)), 0.0)
