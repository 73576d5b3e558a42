"""What is known of open items beyond their lateness: promises, disputes, insolvency, and what becomes of the rest."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from models.forecasts.axis import axis_at
from models.forecasts.calendar import business_days
from models.forecasts.hazard import Hazards
from models.forecasts.lateness import BINS
from models.forecasts.open_book import (
    NEVER,
    OpenBook,
    Outcomes,
    lay_over,
    lifetime_cash,
    outcomes,
    parts_of,
    settlements,
)
from models.forecasts.outlook import cells_of
from models.forecasts.settings import ForecastSettings
from tests.forecasts.small_book import PENDING, PROMISED

AS_OF = date(2024, 6, 28)  # a Friday
DAYS = business_days(None, date(2024, 1, 1), date(2025, 12, 31))
AXIS = axis_at(DAYS, AS_OF, ForecastSettings(longest_days=10))
NO_DATE = NEVER.astype(object)


def cells(**changes: object) -> pl.DataFrame:
    """One cell about which nothing is known, but for the changes."""
    plain = {"due_day": 1, "promised_on": NO_DATE, "keep_probability": 0.0, "resolved_on": NO_DATE, "credit_share": 0.0}
    return pl.DataFrame([{**plain, "is_insolvent": False, **changes}])


def receivable(**changes: object) -> dict[str, object]:
    """One open receivable of a hundred, due a week ago."""
    plain = {
        "spell_key": 1, "payer_key": 1, "entity_id": "main", "segment": "", "currency": "EUR",
        "entry_date": date(2024, 5, 21), "due_date": date(2024, 6, 21), "open_amount": 100.0, "open_amount_base": 200.0,
        "left_open": 100.0, "disputed_open": 0.0, "expected_resolution_date": None, "expected_credit_share": None,
        "is_insolvent": False, "expected_recovery_share": None,
    }  # fmt: skip
    return {**plain, **changes}


NOTHING = Outcomes(0.0, 0.0)


def receivables(*rows: dict[str, object]) -> OpenBook:
    """A book in which nothing is on its way."""
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    typed = frame.with_columns(
        pl.lit(0).alias("calendar_number"),
        pl.col("expected_resolution_date").cast(pl.Date),
        pl.col("expected_credit_share", "expected_recovery_share").cast(pl.Float64),
    )
    return OpenBook(typed, PENDING, PROMISED, NOTHING)


def pending(**changes: object) -> pl.DataFrame:
    """A pending payment of forty on the first Wednesday, which settles as much of receivable 1."""
    plain = {
        "payment_key": 9, "spell_key": 1, "payer_key": 1, "entity_id": "main", "segment": "", "currency": "EUR",
        "expected_on": date(2024, 7, 3), "settled_amount": 40.0, "cash_amount": 40.0, "cash_amount_base": 80.0,
    }  # fmt: skip
    return pl.DataFrame([{**plain, "calendar_number": 0, **changes}], schema_overrides=PENDING.schema)


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


def test_the_insolvent_pay_what_is_recovered_and_no_day_is_known_for_it() -> None:
    """Of a hundred forty are under dispute, half of which is usually credited; a tenth of the rest is recovered."""
    shares = Outcomes(discount=0.02, write_off=0.4)
    insolvent = receivable(is_insolvent=True, expected_recovery_share=0.1, disputed_open=40.0, expected_credit_share=0.5,
                           expected_resolution_date=date(2024, 7, 4))  # fmt: skip
    parts = parts_of(replace(receivables(insolvent), shares=shares), DAYS)
    both, settled, none = cells_of(parts), np.full((2, 10), 0.05), np.zeros(0)
    hazards = Hazards(none, none, none, np.ones(BINS), pl.DataFrame())
    ever = lifetime_cash(settled, both["due_day"].to_numpy(), both, hazards, AXIS)
    row = settlements(parts, lay_over(settled, both, AXIS), ever, AXIS, shares).row(0, named=True)
    assert (row["cash_share"], row["discount_share"]) == (pytest.approx(0.08), 0.0)
    assert row["write_off_share"] == pytest.approx(0.72), "what is left, 0.2, is the credit"
    assert (row["paid_within_90"], row["expected_date"], row["date_p10"]) == (0.0, None, None)


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
    shares = Outcomes(discount=0.02, write_off=0.4)
    parts = parts_of(replace(receivables(receivable(left_open=80.0)), shares=shares), DAYS)
    row = settlements(parts, np.full((1, 10), 0.09), np.array([0.95]), AXIS, shares).row(0, named=True)
    assert row["part_open"] == pytest.approx(0.8)
    assert row["cash_share"] == pytest.approx(0.8 * 0.95 * 0.98)
    assert row["discount_share"] == pytest.approx(0.8 * 0.95 * 0.02)
    assert row["write_off_share"] == pytest.approx(0.8 * 0.05 * 0.4)
    assert row["paid_within_7"] == pytest.approx(0.45)
    assert row["date_p10"] == date(2024, 7, 2)


def test_a_pending_payment_is_cash_on_its_day_and_what_it_settles_is_expected_of_nobody_else() -> None:
    """Of a hundred (two hundred in base) forty are on their way, a euro of it discount; sixty are left to the hazards."""
    book = replace(
        receivables(receivable(is_insolvent=True)), pending=pending(cash_amount=39.0), shares=Outcomes(0.1, 0)
    )
    found = parts_of(book, DAYS).sort("share")
    assert found["amount"].to_list() == pytest.approx([80.0, 120.0])
    assert found["discount"].to_list() == pytest.approx([1 / 40, 0.0])
    cash = lay_over(np.full((2, 10), 0.05), found, AXIS)
    assert cash[0] == pytest.approx([0.0, 0.0, 1.0, *[0.0] * 7]), "though the customer is insolvent"
    assert cash[1].sum() == 0.0


def test_a_pending_payment_of_a_day_that_has_passed_is_expected_on_the_next() -> None:
    found = parts_of(replace(receivables(receivable()), pending=pending(expected_on=date(2024, 6, 25))), DAYS)
    sure = found.filter(pl.col("keep_probability") == 1)
    assert lay_over(np.zeros((1, 10)), sure, AXIS)[0] == pytest.approx([1.0, *[0.0] * 9])


def test_what_comes_on_account_is_cash_of_no_receivable() -> None:
    book = replace(receivables(receivable()), pending=pending(spell_key=0))
    parts = parts_of(book, DAYS)
    assert parts.filter("on_account")["amount"].to_list() == [80.0]
    assert parts.filter(~pl.col("on_account"))["amount"].to_list() == [200.0]
    items = settlements(parts, np.zeros((2, 10)), np.ones(2), AXIS, NOTHING)
    assert items["spell_key"].to_list() == [1]


def test_a_pending_payment_settles_before_a_dispute_and_promises_have_days_of_their_own() -> None:
    """Of a hundred seventy are disputed and forty on their way: sixty of the dispute are left, and nothing else."""
    disputed = receivable(disputed_open=70.0, expected_resolution_date=date(2024, 8, 1), expected_credit_share=0.5)
    found = parts_of(replace(receivables(disputed), pending=pending()), DAYS)
    assert sorted(found["share"]) == pytest.approx([0.4, 0.6])
    plan = pl.DataFrame(
        {"spell_key": [1, 1], "promised_date": [date(2024, 7, 3), date(2024, 7, 5)], "keep_probability": [0.8, 0.8],
         "promised_amount": [20.0, 30.0]}
    )  # fmt: skip
    parts = parts_of(replace(receivables(receivable()), promised=plan), DAYS).sort("share")
    assert parts["share"].to_list() == pytest.approx([0.2, 0.3, 0.5])
    cash = lay_over(np.zeros((3, 10)), parts, AXIS)
    assert [row.nonzero()[0].tolist() for row in cash] == [[2], [4], []]


def test_shares_of_outcomes_are_of_money_and_a_book_without_losses_has_none() -> None:
    assert outcomes({"cash": 97.0, "discount": 3.0, "credit": 6.0, "write_off": 2.0}) == Outcomes(0.03, 0.25)
    assert outcomes({"cash": 0.0, "discount": 0.0, "credit": 0.0, "write_off": 0.0}) == Outcomes(0.0, 0.0)
