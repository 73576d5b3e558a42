"""Shrinkage by hand: what was seen, and the parent for what was not."""

import numpy as np
import pytest

from models.forecasts.shrinkage import expit, logit, ridge_step, shrink


def test_a_payer_without_history_has_its_parents_hazard() -> None:
    assert shrink(np.array(0.0), np.array(0.0), np.array(0.25), 6.0) == 0.25


def test_two_exits_of_four_days_at_risk_against_a_parent_of_a_tenth() -> None:
    # (2 + 6 × 0.1) / (4 + 6) = 2.6 / 10
    assert shrink(np.array(2.0), np.array(4.0), np.array(0.1), 6.0) == pytest.approx(0.26)


def test_much_history_outweighs_the_parent() -> None:
    assert shrink(np.array(900.0), np.array(1000.0), np.array(0.1), 6.0) == pytest.approx(0.9, abs=0.005)


def test_a_ridge_step_by_hand() -> None:
    # 12 came where 10 were expected; Σ h(1-h) = 6, k = 4: (12 - 10) / (6 + 4)
    assert ridge_step(np.array(12.0), np.array(10.0), np.array(6.0), 4.0) == pytest.approx(0.2)


def test_logit_and_back() -> None:
    assert expit(logit(np.array([0.01, 0.5, 0.9]))) == pytest.approx([0.01, 0.5, 0.9])
