"""Measures by hand."""

import numpy as np
import pytest

from models.forecasts import accuracy


def test_weighted_error_net_error_and_bias() -> None:
    actual, forecast = np.array([100.0, 200.0]), np.array([110.0, 180.0])
    assert accuracy.wape(actual, forecast) == pytest.approx(30 / 300)
    assert accuracy.net_error(actual, forecast) == pytest.approx(10 / 300)
    assert accuracy.bias(actual, forecast) == pytest.approx(-10 / 300)


def test_scaled_error_against_the_naive_step() -> None:
    # naive steps of 10, 20, 10, 20: 15 on average; errors of 3 and 6: 4.5
    history = np.array([0.0, 10.0, 30.0, 40.0, 20.0])
    assert accuracy.mase(np.array([1.0, 2.0]), np.array([4.0, 8.0]), history) == pytest.approx(4.5 / 15)


def test_crps_of_days_by_hand() -> None:
    # paid on day 2 of 3; F = .5, .75, 1: .5² + (.75 - 1)² + 0 = .3125
    assert accuracy.crps_of_days(np.array([[0.5, 0.75, 1.0]]), np.array([2])) == pytest.approx([0.3125])


def test_crps_of_a_point_is_its_distance_in_days() -> None:
    paid_on_4 = (np.arange(1, 11) >= 4).astype(float)[None]
    assert accuracy.crps_of_days(paid_on_4, np.array([9])) == pytest.approx([5.0])
    assert accuracy.median_day(paid_on_4) == pytest.approx([4])


def test_crps_of_quantiles_of_a_point_is_near_its_distance() -> None:
    levels = np.array([0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975])
    assert accuracy.crps_of_quantiles(np.array([7.0]), np.full((1, 9), 4.0), levels) == pytest.approx([3.0], rel=0.03)


def test_winkler_and_coverage_by_hand() -> None:
    actual, low, high = np.array([5.0, 12.0]), np.array([0.0, 0.0]), np.array([10.0, 10.0])
    # widths of 10; one outside by 2, which costs 2 / .2 × 2 = 20, halved over two
    assert accuracy.winkler(actual, low, high, 0.8) == pytest.approx(20.0)
    assert accuracy.coverage(actual, low, high) == 0.5


def test_brier_by_hand() -> None:
    assert accuracy.brier(np.array([0.8, 0.4]), np.array([1.0, 0.0])) == pytest.approx((0.04 + 0.16) / 2)


def test_the_noise_floor_of_one_batch_of_100_at_even_odds() -> None:
    assert accuracy.noise_floor(np.array([[0.5]]), np.array([100.0])) == pytest.approx([np.sqrt(2 / np.pi) * 50])


def test_a_ratio_over_origins_holds_its_interval_around_it() -> None:
    ours, theirs = np.array([1.0, 2.0, 1.5, 1.0, 2.5, 1.0]), np.array([2.0, 3.0, 3.0, 2.5, 3.5, 2.0])
    point, low, high = accuracy.ratio_interval(ours, theirs, seed=1)
    assert point == pytest.approx(9 / 16)
    assert low <= point <= high
    assert accuracy.ratio_interval(ours, theirs, seed=1) == (point, low, high)
