"""Which payers pay on a calendar: each pattern by hand, none by chance, and the generator's own calendars found again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from models.forecasts.calendar import business_days
from models.forecasts.payment_runs import SCHEMA, benjamini_hochberg, payment_runs
from models.forecasts.run_candidates import ORDINALS, WEEKDAYS
from models.raw.synthetic import BookSettings, generate
from tests.small_books import SmallBook, table_of

AS_OF = date(2026, 10, 31)
DAYS = business_days(None, date(2022, 1, 1), date(2029, 1, 1))
DAY = timedelta(days=1)
EVERY_DAY = [date(2024, 11, 1) + step * DAY for step in range((AS_OF - date(2024, 11, 1)).days + 1)]
SEEDS = (11, 12, 13, 14, 15, 16)


def paying(**payers: Iterable[date]) -> pl.DataFrame:
    """Days of payment of payers named `p1`, `p2`, ..., in the columns of `features.payment_days`."""
    rows = [(int(name[1:]), day) for name, days in payers.items() for day in days]
    frame = pl.DataFrame(rows, schema={"payer_key": pl.Int64, "payment_date": pl.Date}, orient="row")
    return frame.with_columns(calendar_number=pl.lit(0))


def at_random(payers: int, payments: int, seed: int = 1) -> dict[str, list[date]]:
    """Payers from `p1000` on that pay on any day at all; weekends' payments arrive on Mondays."""
    rng = np.random.default_rng(seed)
    found = {}
    for payer in range(payers):
        days = [EVERY_DAY[step] for step in rng.choice(len(EVERY_DAY), payments, replace=False)]
        found[f"p{1000 + payer}"] = [rolled(day) for day in days]
    return found


def rolled(day: date) -> date:
    """The day, or the Monday after it."""
    return day + DAY * max(0, 7 - day.weekday()) if day.weekday() > 4 else day


def rolled_back(day: date) -> date:
    """The day, or the Friday before it."""
    return day - DAY * max(0, day.weekday() - 4)


def is_last(day: date) -> bool:
    """Whether the day ends its month."""
    return (day + DAY).month != day.month


def found_of(**payers: Iterable[date]) -> dict[int, dict[str, Any]]:
    """The runs of these payers among forty that pay at random, by payer."""
    paid = paying(**payers, **at_random(40, 40))
    return {row["payer_key"]: row for row in payment_runs(paid, DAYS, AS_OF).to_dicts()}


@pytest.mark.parametrize(
    ("pattern", "parameters", "pays", "moved", "next_run"),
    [
        ("weekday", "thursday", lambda day: day.weekday() == 3, rolled, date(2026, 11, 5)),
        ("nth_weekday", "2nd tuesday", lambda day: day.weekday() == 1 and 8 <= day.day <= 14, rolled, date(2026, 11, 10)),
        ("nth_weekday", "last friday", lambda day: day.weekday() == 4 and (day + 7 * DAY).month != day.month, rolled,
         date(2026, 11, 27)),
        ("day_of_month", "15", lambda day: day.day == 15, rolled, date(2026, 11, 16)),
        ("day_of_month", "15 or before", lambda day: day.day == 15, rolled_back, date(2026, 11, 13)),
        ("month_end", "last business day", is_last, rolled_back, date(2026, 11, 30)),
        ("every_n_days", "every 14 days", lambda day: (day - date(2024, 11, 6)).days % 14 == 0, rolled, date(2026, 11, 4)),
        ("every_n_days", "every 10 days", lambda day: (day - date(2024, 11, 4)).days % 10 == 0, rolled, date(2026, 11, 4)),
    ],
)  # fmt: skip
def test_each_pattern_is_found_with_its_next_run(
    pattern: str, parameters: str, pays: Callable[[date], bool], moved: Callable[[date], date], next_run: date
) -> None:
    paid = [moved(day) for day in EVERY_DAY if pays(day)]
    row = found_of(p1=[day for day in paid if day <= AS_OF])[1]
    assert (row["pattern"], row["parameters"], row["next_run_date"]) == (pattern, parameters, next_run)
    assert row["share_on_pattern"] == 1.0
    assert row["last_confirmed_on"] == max(day for day in paid if day <= AS_OF)
    assert row["false_discovery_rate"] < 1e-4
    assert not row["is_drifting"]


def test_a_run_that_falls_on_a_holiday_is_on_its_calendar() -> None:
    days = business_days("US", date(2022, 1, 1), date(2029, 1, 1))
    mondays = [day for day in EVERY_DAY if day.weekday() == 0]
    holidays = set(days.filter(~pl.col("is_business_day"))["date"])
    late = [day + DAY if day in holidays else day for day in mondays]
    (row,) = payment_runs(paying(p1=late, **at_random(20, 30)), days, AS_OF).filter(payer_key=1).to_dicts()
    assert (row["parameters"], row["share_on_pattern"]) == ("monday", 1.0)
    paid = paying(p1=late, **at_random(20, 30)).with_columns(calendar_number=pl.lit(1))
    own = pl.concat([DAYS, business_days("US", date(2022, 1, 1), date(2029, 1, 1), 1)])
    assert payment_runs(paid, own, AS_OF).filter(payer_key=1).to_dicts() == [row], "whatever other calendars there are"


def test_payers_at_random_have_no_calendar() -> None:
    """Of 2,000 in which there is nothing to find, hardly any is reported, though Mondays hold three days' payments."""
    paid = paying(**at_random(2000, 30, seed=3))
    assert payment_runs(paid, DAYS, AS_OF).height <= 2


def test_a_habit_of_the_whole_book_is_no_calendar_of_a_payer() -> None:
    """Payments pile up around the tenth, as invoices of the first fall due: nobody keeps a calendar."""
    rng = np.random.default_rng(5)
    tenths = [day for day in EVERY_DAY if day.day == 10]
    paid = {
        f"p{payer}": {rolled(min(day + int(shift) * DAY, AS_OF)) for day, shift in zip(tenths, rng.normal(0, 3, 24), strict=True)}
        for payer in range(1, 400)
    }  # fmt: skip
    assert payment_runs(paying(**paid), DAYS, AS_OF).height <= 4


def test_too_few_payments_and_payers_that_went_silent_say_nothing() -> None:
    fridays = [day for day in EVERY_DAY if day.weekday() == 4]
    found = found_of(p1=fridays[-7:], p2=fridays[:40], p3=fridays[-16:])
    assert 1 not in found and 2 not in found and found[3]["parameters"] == "friday"


def test_payments_of_one_day_count_once() -> None:
    fridays = [day for day in EVERY_DAY if day.weekday() == 4][-12:]
    assert found_of(p1=fridays + fridays)[1] == found_of(p1=fridays)[1]


def test_a_payer_that_stops_keeping_its_calendar_drifts() -> None:
    fridays = [day for day in EVERY_DAY if day.weekday() == 4]
    after = [day - (1 + number % 4) * DAY for number, day in enumerate(fridays[-6:])]
    row = found_of(p1=fridays[:-6] + after)[1]
    assert (row["parameters"], row["is_drifting"]) == ("friday", True)
    assert row["last_confirmed_on"] == fridays[-7]


@pytest.mark.parametrize("months", [3, 8])
def test_a_payer_that_changes_calendars_is_on_the_new_one(months: int) -> None:
    """From Fridays to Tuesdays: it drifts while most of the last year was on the old one, and has then settled."""
    changed = AS_OF - timedelta(days=30 * months)
    days = [day for day in EVERY_DAY if day.weekday() == (4 if day < changed else 1)]
    row = found_of(p1=days)[1]
    assert (row["parameters"], row["last_confirmed_on"]) == ("tuesday", date(2026, 10, 27))
    assert row["is_drifting"] == (months == 3)


def test_payments_of_the_future_change_nothing() -> None:
    fridays = [day for day in EVERY_DAY if day.weekday() == 4]
    known = paying(p1=fridays, **at_random(20, 30))
    later = paying(p1=[AS_OF + step * DAY for step in range(1, 90)], p1000=[AS_OF + DAY], p5=[AS_OF + 9 * DAY])
    assert_frame_equal(payment_runs(pl.concat([known, later]), DAYS, AS_OF), payment_runs(known, DAYS, AS_OF))


def test_a_book_without_payments_has_no_runs() -> None:
    assert payment_runs(paying(), DAYS, AS_OF).schema == SCHEMA


def test_false_discovery_rates_are_those_of_benjamini_and_hochberg() -> None:
    """The example of their paper's section 3.2, fifteen chances of which four are found at 5 %."""
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    chances += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    rates = benjamini_hochberg(np.array(chances))
    assert (rates <= 0.05).sum() == 4
    assert rates[3] == pytest.approx(0.0095 * 15 / 4)


def truth_of(row: dict[str, Any]) -> tuple[str, str]:
    """The generator's calendar of a payer, in the words of `payment_runs`."""
    words = {
        "weekday": lambda: WEEKDAYS[row["weekday"]],
        "nth_weekday": lambda: f"{ORDINALS[row['nth'] - 1]} {WEEKDAYS[row['weekday']]}",
        "day_of_month": lambda: str(row["day_of_month"]),
        "month_end": lambda: "last business day",
        "every_n_days": lambda: f"every {row['interval_days']} days",
        "irregular": lambda: "",
    }
    return row["pattern"], words[row["pattern"]]()


@cache
def synthetic(seed: int) -> tuple[dict[int, tuple[str, str]], pl.DataFrame]:
    """True calendars by payer, and days of payment, of a made-up book of 20,000 invoices."""
    book = generate(BookSettings(invoices=20_000, seed=seed, as_of=AS_OF))
    payers = book.truth["payers"].with_row_index("payer_key").cast({"payer_key": pl.Int64})
    posted = book.feeds["payments"].filter(pl.col("status") == "posted")
    of_payer = posted.join(book.feeds["customers"].select("customer_id", "payer_id"), on="customer_id", how="left")
    keyed = of_payer.with_columns(payer_id=pl.coalesce("payer_id", "customer_id")).join(payers, on="payer_id")
    truth = {row["payer_key"]: truth_of(row) for row in payers.to_dicts()}
    days = keyed.select("payer_key", pl.lit(0).alias("calendar_number"), "payment_date")
    return truth, days.unique().sort("payer_key", "payment_date")


def test_calendars_of_synthetic_payers_are_found() -> None:
    """Pattern and day must both be the generator's. Payers with a calendar count though they do not keep to it (every
    twentieth takes discounts when it can) or went bankrupt."""
    right = found = wanted = chance = 0
    for seed in SEEDS:
        truth, paid = synthetic(seed)
        often = set(paid.group_by("payer_key").len().filter(pl.col("len") >= 24)["payer_key"])
        rows = [row for row in payment_runs(paid, DAYS, AS_OF).to_dicts() if row["payer_key"] in often]
        right += sum(truth[row["payer_key"]] == (row["pattern"], row["parameters"]) for row in rows)
        chance += sum(truth[row["payer_key"]][0] == "irregular" for row in rows)
        found += len(rows)
        wanted += sum(truth[payer][0] != "irregular" for payer in often)
    assert wanted > 400
    assert right / found >= 0.95
    assert right / wanted >= 0.90
    assert chance / found <= 0.05


def test_runs_are_published_of_a_book(book: SmallBook) -> None:
    """A customer that pays every Thursday, of which `forecasts.payment_runs` knows a number and the mart the name."""
    thursdays = [date(2025, 6, 5) + 7 * step * DAY for step in range(20)]
    lines = [f"| {number} | C1 | {day} | EUR | 10.00 |" for number, day in enumerate(thursdays)]
    book.put(
        customers="| customer_id | payer_id |\n| C1 | C9 |\n| C9 | . |",
        invoices="| invoice_id | customer_id | invoice_date | due_date | currency | amount |\n"
        "| I1 | C1 | 2025-06-01 | 2025-07-01 | EUR | 1000.00 |",
        payments="\n".join(["| payment_id | customer_id | payment_date | currency | amount |", *lines]),
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | 1 | I1 | 2025-06-12 | 10.00 |",
    )
    outcome = book.run("2025-10-31")
    (row,) = table_of(outcome, "payment_runs").to_dicts()
    assert (row["payer_id"], row["pattern"], row["parameters"]) == ("C9", "weekday", "thursday")
    assert (row["next_run_date"], row["payment_count"]) == (date(2025, 11, 6), 20)
