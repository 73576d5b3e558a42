"""What hazards are counted from, drawn by hand: one week, two invoices."""

from datetime import date

import polars as pl

from models.forecasts.calendar import business_days
from tests.forecast_bench.books import counts

DAYS = business_days("US", date(2024, 1, 1), date(2025, 12, 31))


def spells(*rows: tuple[int, date, date, date | None]) -> pl.DataFrame:
    """Invoices of payer 1 over 100: key, entry, due, settled."""
    names = {"spell_key": pl.Int64, "entry_date": pl.Date, "due_date": pl.Date, "settled_date": pl.Date}
    frame = pl.DataFrame(rows, schema=names, orient="row")
    extra = {
        "payer_key": pl.lit(1),
        "entity_id": pl.lit("one"),
        "exit_kind": pl.lit("cash"),
        "calendar_number": pl.lit(0),
    }
    return frame.with_columns(amount=pl.lit("100.0000").cast(pl.Decimal(18, 4)), **extra)


def test_days_at_risk_and_exits_by_lateness() -> None:
    # Entered Monday 10 June, due Wednesday 12: at risk Tuesday (lateness -1), Wednesday (0), Thursday (1), paid then.
    # Entered the same day and still open on Friday 14: at risk on -1, 0, 1 and 2.
    book = spells(
        (1, date(2024, 6, 10), date(2024, 6, 12), date(2024, 6, 13)),
        (2, date(2024, 6, 10), date(2024, 6, 12), None),
    )
    found = counts(book, DAYS, date(2024, 6, 16))["hazard_counts"].sort("lateness_bin")
    assert found["lateness_bin"].to_list() == [11, 12, 13, 14]
    assert found["at_risk_count"].to_list() == [2, 2, 2, 1]
    assert found["exit_count"].to_list() == [0, 0, 1, 0]
    assert [float(amount) for amount in found["exit_amount"]] == [0, 0, 100, 0]


def test_an_item_settled_by_its_entry_is_never_at_risk() -> None:
    book = spells(
        (1, date(2024, 6, 10), date(2024, 6, 12), date(2024, 6, 10)), (2, date(2024, 6, 3), date(2024, 6, 5), None)
    )
    found = counts(book, DAYS, date(2024, 6, 16))
    assert found["hazard_counts"]["exit_count"].sum() == 0
    assert found["delay_counts"].height == 0


def test_weeks_of_an_earlier_day_are_the_weeks_of_a_later_one() -> None:
    book = spells(
        (1, date(2024, 5, 6), date(2024, 5, 20), date(2024, 6, 27)), (2, date(2024, 6, 3), date(2024, 6, 24), None)
    )
    early, late = counts(book, DAYS, date(2024, 6, 16)), counts(book, DAYS, date(2024, 6, 30))
    columns = ["age_week", "lateness_bin"]
    shifted = late["hazard_counts"].filter(pl.col("age_week") >= 2).with_columns(pl.col("age_week") - 2).sort(columns)
    assert early["hazard_counts"].sort(columns).equals(shifted)
