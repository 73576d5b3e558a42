"""The rules to beat, by hand."""

import numpy as np
import pytest

from models.forecasts import baselines


def test_kaplan_meier_by_hand() -> None:
    # 10 at risk, 2 leave: .8; 5 at risk (3 were censored), 1 leaves: .8 × .8 = .64; nobody at risk: unchanged
    survival = baselines.kaplan_meier(np.array([10.0, 5.0, 0.0]), np.array([2.0, 1.0, 0.0]))
    assert survival == pytest.approx([0.8, 0.64, 0.64])


def test_what_is_overdue_is_expected_the_next_day() -> None:
    assert baselines.due_date(np.array([90, 101, 130]), 100).tolist() == [101, 101, 130]
    assert baselines.due_date_and_delay(np.array([90, 101]), np.array([20.4, -5.0]), 100).tolist() == [110, 101]


def test_last_year_where_history_reaches_it() -> None:
    receipts = np.arange(60.0)
    assert baselines.same_week_last_year(receipts, 3).tolist() == [8.0, 9.0, 10.0]
    assert baselines.same_week_last_year(receipts[:10], 2).tolist() == [5.5, 5.5]


@pytest.mark.parametrize("rule", [baselines.auto_ets, baselines.auto_arima, baselines.auto_theta])
def test_a_level_series_stays_level(rule: object) -> None:
    receipts = 100.0 + np.random.default_rng(0).standard_normal(80)
    assert rule(receipts, 13) == pytest.approx(np.full(13, 100.0), rel=0.03)  # type: ignore[operator]
