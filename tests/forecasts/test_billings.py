"""Invoices not yet raised, on series whose answer is plain."""

import numpy as np
import pytest

from models.forecasts.billings import forecast_billings, holiday_elasticity, smooth

FIVE = np.full(13, 5)


def test_a_level_book_goes_on() -> None:
    found = forecast_billings(np.full(60, 500.0), np.full(60, 5), FIVE)
    assert found.mean == pytest.approx(np.full(13, 500.0), rel=0.01)


def test_a_book_without_history_bills_nothing() -> None:
    assert forecast_billings(np.zeros(0), np.zeros(0), FIVE).mean.tolist() == [0.0] * 13


def test_a_break_is_followed_and_then_partly_undone() -> None:
    billed = np.concatenate([np.full(80, 100.0), np.full(8, 60.0)])
    found = forecast_billings(billed, np.full(88, 5), FIVE).mean
    assert found[0] < 80
    assert found[-1] > found[0]
    assert found[-1] < 100


def test_billings_in_proportion_to_business_days_are_seen_to_be() -> None:
    days = np.where(np.arange(200) % 9 == 4, 3, 5)
    assert holiday_elasticity(100.0 * days, days) > 0.9
    assert holiday_elasticity(np.full(200, 100.0), days) < 0.1


def test_smoothing_by_hand() -> None:
    # level 2 from the first eight; then 4 comes: error 2, level 2 + .5 × 2
    level, errors = smooth(np.array([2.0] * 8 + [4.0]), 0.5)
    assert level == pytest.approx(3.0)
    assert errors[-1] == pytest.approx(2.0)
