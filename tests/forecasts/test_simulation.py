"""Draws of cash: each keeps its distribution, and all levels are sums of the same draws."""

import numpy as np
import pytest

from models.forecasts.settings import ForecastSettings
from models.forecasts.simulation import cash_by_period, draw_billings, draw_settlement_days, generator

SETTINGS = ForecastSettings(draws=4000)
CASH = np.array([[0.2, 0.5, 0.1], [0.0, 0.9, 0.1], [0.3, 0.3, 0.3]])
PAYERS = np.array([0, 0, 1])


def drawn() -> np.ndarray:
    return draw_settlement_days(CASH, PAYERS, generator(SETTINGS, 737_000, 0), SETTINGS)


def test_each_cell_keeps_its_own_distribution() -> None:
    days = drawn()
    shares = np.stack([(days == day).mean(axis=0) for day in range(4)], axis=1)
    expected = np.hstack([CASH, 1 - CASH.sum(axis=1, keepdims=True)])
    assert shares == pytest.approx(expected, abs=0.03)


def test_draws_are_the_same_for_the_same_seed_and_day() -> None:
    assert (drawn() == drawn()).all()


def test_levels_add_up_in_each_draw_and_days_to_weeks() -> None:
    days, amounts, by_day, by_week = drawn(), np.array([10.0, 20.0, 40.0]), np.arange(4), np.array([0, 0, 1, 2])
    payers = cash_by_period(days, amounts, PAYERS, 2, by_day, 3)
    total = cash_by_period(days, amounts, np.zeros(3, dtype=int), 1, by_day, 3)
    weekly = cash_by_period(days, amounts, np.zeros(3, dtype=int), 1, by_week, 2)
    assert (payers.sum(axis=1) == total[:, 0]).all()
    assert (weekly[:, 0, 0] == total[:, 0, :2].sum(axis=1)).all()
    assert (weekly[:, 0, 1] == total[:, 0, 2]).all()


def test_cells_of_a_payer_hang_together() -> None:
    days = drawn().astype(float)
    assert np.corrcoef(days[:, 0], days[:, 1])[0, 1] > np.corrcoef(days[:, 0], days[:, 2])[0, 1] + 0.05


def test_billings_keep_their_mean_and_widen_with_the_horizon() -> None:
    residuals = np.random.default_rng(0).standard_normal(100) * 0.1
    draws = draw_billings(np.full(13, 100.0), 0.3, residuals, generator(SETTINGS, 1, 1), SETTINGS)
    assert draws.mean(axis=0) == pytest.approx(np.full(13, 100.0))
    assert draws[:, 12].std() > draws[:, 0].std()
