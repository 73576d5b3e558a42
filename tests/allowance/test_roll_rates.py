"""Method C: the absorption of the roll-rate matrix, and the textbook product where both must be one."""

import polars as pl
import pytest

from models.allowance.matrix import Chain, absorbed, chain, remaining_months

BUCKETS = ("current", "1-30", "31-60", "over-60")
GIVEN_UP = "over-60"


def flows(*rows: tuple[str, str, float, float, float, float], months: tuple[int, ...] = ()) -> pl.DataFrame:
    """Rows of bucket, next bucket, and what stayed, was paid, diluted and written off; the month of each in its bucket."""
    names = ["aging_bucket", "next_bucket", "stayed", "paid", "diluted", "written_off"]
    found = pl.DataFrame(rows, schema=names, orient="row")
    return found.with_columns(
        opening=pl.sum_horizontal("stayed", "paid", "diluted", "written_off"),
        months_in_bucket=pl.Series(months or [1] * len(rows)),
    )


def lost(found: Chain) -> dict[str, float]:
    """What is lost in the end, written off or aged out."""
    return absorbed(found, found.written_off + found.aged_out, {})


def test_a_strictly_bidiagonal_matrix_gives_the_product_of_its_roll_rates() -> None:
    """Of what is current 40 % rolls, of that a quarter, of that 80 %: .4 x .25 x .8 is lost (method D)."""
    found = chain(
        flows(
            ("current", "1-30", 40.0, 0.0, 0.0, 0.0),
            ("current", "", 0.0, 55.0, 5.0, 0.0),
            ("1-30", "31-60", 25.0, 0.0, 0.0, 0.0),
            ("1-30", "", 0.0, 75.0, 0.0, 0.0),
            ("31-60", "over-60", 80.0, 0.0, 0.0, 0.0),
            ("31-60", "", 0.0, 20.0, 0.0, 0.0),
        ),
        BUCKETS,
        GIVEN_UP,
    )
    wanted = {"current": 0.4 * 0.25 * 0.8, "1-30": 0.25 * 0.8, "31-60": 0.8}
    assert lost(found) == pytest.approx(wanted, abs=1e-12, rel=0)


def test_what_stays_rolls_later_and_what_skips_rolls_sooner() -> None:
    """Half of what is current stays a month more, so twice as much of it comes to roll as rolls in a month."""
    found = chain(
        flows(
            ("current", "current", 50.0, 0.0, 0.0, 0.0),
            ("current", "1-30", 10.0, 0.0, 0.0, 0.0),
            ("current", "31-60", 5.0, 0.0, 0.0, 0.0),
            ("current", "", 0.0, 35.0, 0.0, 0.0),
            ("1-30", "", 0.0, 60.0, 0.0, 40.0),
            ("31-60", "", 0.0, 20.0, 0.0, 80.0),
        ),
        BUCKETS,
        GIVEN_UP,
    )
    assert lost(found)["current"] == pytest.approx((0.10 * 0.40 + 0.05 * 0.80) / (1 - 0.50), abs=1e-12)


def test_what_has_stood_long_is_lost_more_than_what_has_just_come() -> None:
    """Of 100 that come, 80 are paid in a month and 20 stay, which are lost. A month-end shows 100 and 20: of 120, a third.

    Of what comes, a fifth is lost; told by buckets alone, the 120 would have that fifth too.
    """
    found = chain(
        flows(
            ("current", "1-30", 100.0, 0.0, 0.0, 0.0),
            ("1-30", "1-30", 20.0, 80.0, 0.0, 0.0),
            ("1-30", "", 0.0, 0.0, 0.0, 20.0),
            months=(1, 1, 2),
        ),
        BUCKETS,
        GIVEN_UP,
    )
    assert lost(found) == pytest.approx({"current": 0.20, "1-30": 40 / 120})


def test_a_month_that_nobody_has_reached_yet_is_as_the_last_one_that_somebody_has() -> None:
    """What stays from the second month into the third, in which nothing ever stood, goes on as in the second."""
    found = chain(
        flows(("1-30", "1-30", 50.0, 50.0, 0.0, 0.0), ("1-30", "1-30", 20.0, 20.0, 0.0, 10.0), months=(1, 2)),
        BUCKETS,
        GIVEN_UP,
    )
    second = 0.2 / (1 - 0.4)
    assert lost(found) == pytest.approx({"1-30": (100 * 0.5 * second + 50 * second) / 150})


def test_rows_of_the_matrix_add_up_to_one() -> None:
    found = chain(
        flows(("current", "1-30", 40.0, 0.0, 0.0, 0.0), ("current", "", 0.0, 50.0, 7.0, 3.0)), BUCKETS, GIVEN_UP
    )
    row = found.moved[0].sum() + found.written_off[0] + found.aged_out[0] + found.paid[0] + found.diluted[0]
    assert row == pytest.approx(1.0, abs=1e-12)
    assert found.becomes(0, GIVEN_UP) == pytest.approx({"1-30": 0.4, "written_off": 0.03, "diluted": 0.07, "paid": 0.5})


def test_a_bucket_that_nobody_reached_borrows_its_share_and_lends_it_to_those_before() -> None:
    found = chain(
        flows(("current", "1-30", 20.0, 0.0, 0.0, 0.0), ("current", "", 0.0, 80.0, 0.0, 0.0)), BUCKETS, GIVEN_UP
    )
    assert absorbed(found, found.written_off, {"1-30": 0.5}) == pytest.approx({"current": 0.1, "1-30": 0.5})
    assert lost(found) == pytest.approx({"current": 0.0})


def test_a_bucket_that_is_never_left_loses_nothing_by_itself() -> None:
    found = chain(flows(("current", "current", 100.0, 0.0, 0.0, 0.0)), BUCKETS, GIVEN_UP)
    assert lost(found) == pytest.approx({"current": 0.0})


def test_months_that_are_left_are_counted_from_the_middle_of_the_first() -> None:
    found = chain(
        flows(("current", "current", 50.0, 0.0, 0.0, 0.0), ("current", "", 0.0, 50.0, 0.0, 0.0)), BUCKETS, GIVEN_UP
    )
    assert remaining_months(found)[0] == pytest.approx(1.5)
