"""What is known of open items beyond their lateness: promises, disputes, insolvency, and what becomes of the rest."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from models.forecasts.calendar import business_days
from models.forecasts.open_book import NEVER, Outcomes, lay_over, outcomes, parts_of, settlements
from models.forecasts.settings import ForecastSettings
from models.forecasts.settlement import axis_at

AS_OF = date(2024, 6, 28)  # a Friday
DAYS = business_days(None, date(2024, 1, 1), date(2025, 12, 31))
AXIS = axis_at(DAYS, AS_OF, ForecastSettings(longest_days=10))
NO_DATE = NEVER.astype(object)


def cells(**changes: object) -> pl.DataFrame:
    """One cell about which nothing is known, but for the changes."""
    plain = {"promised_on": NO_DATE, "keep_probability": 0.0, "resolved_on": NO_DATE, "credit_share": 0.0}
    return pl.DataFrame([{**plain, "is_insolvent": False, **changes}])


def receivable(**changes: object) -> dict[str, object]:
    """One open receivable of a hundred, due a week ago."""
    plain = {
        "spell_key": 1, "payer_key": 1, "entity_id": "main", "segment": "", "currency": "EUR",
        "entry_date": date(2024, 5, 21), "due_date": date(2024, 6, 21), "open_amount": 100.0, "open_amount_base": 200.0,
        "left_open": 100.0, "disputed_open": 0.0, "expected_resolution_date": None, "expected_credit_share": None,
        "promised_date": None, "keep_probability": None, "is_insolvent": False,
    }  # fmt: skip
    return {**plain, **changes}


def receivables(*rows: dict[str, object]) -> pl.DataFrame:
    dates = ("expected_resolution_date", "promised_date")
    numbers = ("expected_credit_share", "keep_probability")
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    return frame.with_columns(*[pl.col(d).cast(pl.Date) for d in dates], *[pl.col(n).cast(pl.Float64) for n in numbers])


def test_a_promise_has_its_chance_on_its_day_and_the_hazard_has_the_rest() -> None:
    cash = np.full((1, 10), 0.05)
    found = lay_over(cash, cells(promised_on=date(2024, 7, 3), keep_probability=0.8), AXIS)
    assert found[0] == pytest.approx([0.01, 0.01, 0.81, *[0.01] * 7])  # Monday, Tuesday, Wednesday 3 July


def test_a_promise_for_a_day_that_has_passed_is_expected_on_the_next() -> None:
    found = lay_over(np.zeros((1, 10)), cells(promised_on=date(2024, 6, 27), keep_probability=0.5), AXIS)
    assert found[0] == pytest.approx([0.5, *[0.0] * 9])


def test_a_dispute_waits_until_it_is_usually_resolved_and_loses_what_is_usually_credited() -> None:
    cash = np.array([[0.4, 0.2, *[0.0] * 8]])
    found = lay_over(cash, cells(resolved_on=date(2024, 7, 4), credit_share=0.25), AXIS)
    assert found[0] == pytest.approx([0.0, 0.0, 0.0, 0.3, 0.15, *[0.0] * 5])


def test_nothing_comes_of_the_insolvent() -> None:
    assert lay_over(np.full((1, 10), 0.1), cells(is_insolvent=True), AXIS).sum() == 0.0


def test_the_disputed_part_of_a_receivable_stands_apart_and_credits_at_hand_are_out() -> None:
    disputed = receivable(disputed_open=30.0, left_open=90.0, expected_resolution_date=date(2024, 8, 1),
                          expected_credit_share=0.5)  # fmt: skip
    found = parts_of(receivables(disputed), DAYS)
    assert found["share"].to_list() == pytest.approx([0.6, 0.3])
    assert found["amount"].to_list() == pytest.approx([120.0, 60.0])
    assert found["cell"].n_unique() == 2


def test_receivables_alike_share_a_cell_and_pay_together() -> None:
    found = parts_of(receivables(receivable(), receivable(spell_key=2), receivable(spell_key=3, payer_key=2)), DAYS)
    assert found["cell"].to_list() == [0, 0, 1]


def test_what_becomes_of_a_receivable_adds_up_to_what_credits_leave_of_it() -> None:
    parts = parts_of(receivables(receivable(left_open=80.0)), DAYS)
    cash = np.full((1, 10), 0.09)
    row = settlements(parts, cash, np.array([0.95]), AXIS, Outcomes(discount=0.02, write_off=0.4)).row(0, named=True)
    assert row["part_open"] == pytest.approx(0.8)
    assert row["cash_share"] == pytest.approx(0.8 * 0.95 * 0.98)
    assert row["discount_share"] == pytest.approx(0.8 * 0.95 * 0.02)
    assert row["write_off_share"] == pytest.approx(0.8 * 0.05 * 0.4)
    assert row["paid_within_7"] == pytest.approx(0.45)
    assert row["date_p10"] == date(2024, 7, 2)


def test_shares_of_outcomes_are_of_money_and_a_book_without_losses_has_none() -> None:
    assert outcomes({"cash": 97.0, "discount": 3.0, "credit": 6.0, "write_off": 2.0}) == Outcomes(0.03, 0.25)
    assert outcomes({"cash": 0.0, "discount": 0.0, "credit": 0.0, "write_off": 0.0}) == Outcomes(0.0, 0.0)
