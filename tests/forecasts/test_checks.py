"""What the checks of accuracy and coverage say of past origins, by hand (`forecasts.origin_weeks`, `forecasts.made`)."""

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl
import pytest

from assets.forecasts import shaped
from assets.resources.warehouse import Warehouse
from checks.contract_checks import run_check
from checks.forecasts import RECONCILIATIONS
from models.contract import contract

AS_OF = date(2026, 6, 28)
CHECKS = {check.name: check for check in RECONCILIATIONS}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    with Warehouse(None) as opened:
        yield opened


def failing(warehouse: Warehouse, name: str, rows: pl.DataFrame) -> int:
    """Scopes of which a check says no, with origins of the served model `empirical_bayes`."""
    frames = {
        "forecasts.made": pl.DataFrame(
            [
                {
                    "is_made": True,
                    "reason": "",
                    "settled_count": 900,
                    "calendar_code": "",
                    "origin_count": 9,
                    "model": "empirical_bayes",
                }
            ]
        ),
        "forecasts.origin_weeks": rows,
    }
    for table, frame in frames.items():
        warehouse.create_empty(contract(table))
        warehouse.replace_days_with_frames(contract(table), {AS_OF: shaped(table, frame)}, {AS_OF: "run"})
    return run_check(CHECKS[name], warehouse, {"as_of": AS_OF})[0]


def origins(misses: list[float], model: str = "empirical_bayes", scope: str = "total") -> pl.DataFrame:
    """Four weeks of 100 each an origin, the newest four weeks back, each missed by so much; p10 and p90 are 90 and 110."""
    return pl.DataFrame(
        [
            {"origin": AS_OF - timedelta(weeks=4 + back), "scope": scope, "model": model, "horizon_week": week}
            | {"actual": 100.0, "mean": 100.0 + miss, "p10": 90.0, "p90": 110.0}
            for back, miss in enumerate(misses)
            for week in range(1, 5)
        ]
    )


def test_errors_of_ten_after_errors_of_four_are_a_drift(warehouse: Warehouse) -> None:
    # .10 of what came over the newest four origins, .04 over the eight before them: more than twice
    assert failing(warehouse, "accuracy_has_not_drifted", origins([10.0] * 4 + [4.0] * 8)) == 1
    assert failing(warehouse, "accuracy_has_not_drifted", origins([8.0] * 4 + [4.0] * 8)) == 0, "twice is not more"
    assert failing(warehouse, "accuracy_has_not_drifted", origins([10.0] * 4 + [4.0] * 7)) == 0, "seven are too few"
    assert failing(warehouse, "accuracy_has_not_drifted", origins([4.0] * 4 + [10.0] * 8)) == 0, "it got better"


def test_a_drift_is_of_the_served_model_in_its_scope_and_of_whole_origins(warehouse: Warehouse) -> None:
    steady = origins([4.0] * 12, scope="open_items")
    others = origins([90.0] * 4 + [4.0] * 8, model="auto_ets")
    assert failing(warehouse, "accuracy_has_not_drifted", pl.concat([steady, others])) == 0
    drifted = origins([10.0] * 4 + [4.0] * 8)
    assert failing(warehouse, "accuracy_has_not_drifted", pl.concat([steady, drifted])) == 1
    # a newer origin of which three weeks have come is not looked at
    begun = origins([4.0]).with_columns(
        origin=pl.col("origin") + timedelta(weeks=1),
        actual=pl.when(pl.col("horizon_week") < 4).then(pl.col("actual")),
    )
    assert failing(warehouse, "accuracy_has_not_drifted", pl.concat([drifted, begun])) == 1


@pytest.mark.parametrize(
    ("held", "of", "fails"),
    # of 26, 20.8 are meant, 2.04 is a standard deviation: 15.5 to 26.05; of 60, 48 and 3.1: 40.02 to 55.98
    [(15, 26, 1), (16, 26, 0), (26, 26, 0), (40, 60, 1), (41, 60, 0), (55, 60, 0), (56, 60, 1), (0, 7, 0), (0, 8, 1)],
)
def test_as_many_weeks_are_held_as_a_binomial_allows(warehouse: Warehouse, held: int, of: int, fails: int) -> None:
    rows = origins([0.0] * of).with_columns(
        actual=pl.when(pl.col("origin").rank("dense") > held).then(200.0).otherwise(100.0)
    )
    assert failing(warehouse, "coverage_is_within_its_band", rows) == fails


def test_weeks_farther_ahead_are_no_trials(warehouse: Warehouse) -> None:
    rows = origins([0.0] * 20).with_columns(actual=pl.when(pl.col("horizon_week") > 1).then(500.0).otherwise(100.0))
    assert failing(warehouse, "coverage_is_within_its_band", rows) == 0
