"""The axis of business days."""

from datetime import date

import polars as pl

from models.forecasts.calendar import business_days, count_weeks


def test_weekends_and_bank_holidays_are_out() -> None:
    days = business_days("BR", date(2019, 3, 1), date(2019, 3, 7))
    # Friday; carnival's Monday and Tuesday are closed at banks, though the law does not name them
    assert days["is_business_day"].to_list() == [True, False, False, False, False, True, True]
    assert days["business_day"].to_list() == [1, 1, 1, 1, 1, 2, 3]
    assert days["next_business_day"].to_list() == [1, 2, 2, 2, 2, 2, 3]


def test_places_in_month_and_quarter() -> None:
    days = business_days("US", date(2024, 3, 29), date(2024, 4, 1))
    assert days["month_position"].to_list() == [5, 5, 5, 0]
    assert days["is_quarter_end"].to_list() == [False, False, True, False]
    assert days["days_to_month_end"].to_list() == [2, 1, 0, 29]


def test_weeks_count_back_from_the_day() -> None:
    days = business_days("US", date(2024, 1, 1), date(2024, 12, 31))
    weeks = count_weeks(days, date(2024, 6, 30), date(2024, 6, 20))
    assert weeks["age_week"].to_list() == [0, 1]
    assert weeks["first_date"].to_list() == [date(2024, 6, 24), date(2024, 6, 17)]
    # 19 June is a holiday
    lengths = weeks.select(pl.col("last_business_day") - pl.col("first_business_day") + 1).to_series().to_list()
    assert lengths == [5, 4]
