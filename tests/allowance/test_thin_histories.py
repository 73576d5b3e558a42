"""Credibility, floors, intervals, losses given default, vintages and the macro overlay, each by a case worked by hand."""

import numpy as np
import polars as pl
import pytest

from models.allowance.credibility import credibility, floor_rate, interval
from models.allowance.macro import overlay
from models.allowance.recoveries import losses_given_default
from models.allowance.settings import Macro
from models.allowance.snapshots import snapshot_rates
from models.allowance.vintages import triangle


def test_a_pool_counts_half_at_thirty_losses() -> None:
    assert [credibility(losses, 30) for losses in (0, 30, 90)] == [0.0, 0.5, 0.75]


def test_a_record_without_a_loss_is_bounded_by_what_it_cannot_rule_out() -> None:
    """With 59 customers and no loss, a rate of 4.95 % would have shown none with a chance of one in twenty."""
    assert floor_rate(59) == pytest.approx(0.0495, abs=5e-5)
    assert (1 - floor_rate(59)) ** 59 == pytest.approx(0.05)
    assert floor_rate(0) == 1.0


def test_an_interval_widens_as_losses_get_few() -> None:
    """Garwood's 95 % interval of a count of 10 is 4.795 to 18.39."""
    assert interval(0.10, 10, 500) == pytest.approx((0.04795, 0.1839), rel=1e-3)
    assert interval(0.02, 0, 59) == (0.0, pytest.approx(0.0495, abs=5e-5))


def losses(*rows: tuple[str, float, float, int, bool]) -> pl.DataFrame:
    """Rows of bucket, lost, recovered, number of losses and whether there was time to recover."""
    names = ["aging_bucket", "lost", "recovered", "loss_events", "is_seasoned"]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_losses_count_for_recoveries_once_they_have_had_time() -> None:
    seasoned = losses(("1-30", 100.0, 20.0, 30, True), ("1-30", 900.0, 0.0, 5, False))
    found = losses_given_default(seasoned, ["1-30"], None, 30)
    assert (found["1-30"].share, found["1-30"].loss_events, found["1-30"].basis) == (pytest.approx(0.80), 30, "history")


def test_what_is_made_good_is_told_by_the_bucket_that_it_was_lost_from() -> None:
    """Of 100 written off soon, 90 came after all; of 100 written off late, 10; 31-60 has no record and takes both."""
    told = losses(("1-30", 100.0, 90.0, 5, True), ("61-90", 100.0, 10.0, 5, True))
    found = losses_given_default(told, ["1-30", "31-60", "61-90"], None, 30)
    assert [one.share for one in found.values()] == pytest.approx([0.10, 0.50, 0.90])
    assert [one.basis for one in found.values()] == ["history", "all_buckets", "history"]


def test_a_pool_borrows_the_loss_given_default_of_its_parents_bucket() -> None:
    """30 losses count half: .5 x .8 + .5 x 1. What has no record of its own is the parent's."""
    above = losses_given_default(losses(("1-30", 9.0, 0.0, 1, True)), ["1-30", "31-60"], None, 30)
    found = losses_given_default(losses(("1-30", 100.0, 20.0, 30, True)), ["1-30", "31-60"], above, 30)
    assert [(one.share, one.basis) for one in found.values()] == [
        (pytest.approx(0.90), "credibility"),
        (1.0, "all_buckets"),
    ]


@pytest.mark.parametrize(("given", "share", "basis"), [(None, 1.0, "none"), (0.4, 0.4, "given")])
def test_without_a_record_all_is_lost_unless_the_policy_says_how_much(
    given: float | None, share: float, basis: str
) -> None:
    young = losses(("1-30", 9.0, 9.0, 1, False))
    found = losses_given_default(young, ["1-30"], None, 30, given)["1-30"]
    assert (found.share, found.basis) == (share, basis)


def test_closed_snapshots_leave_out_what_may_yet_be_paid() -> None:
    """Of 1,000, 100 is still open and young; 30 was written off, 10 of it recovered, and 25 is too old: 45 of 900."""
    snapshots = pl.DataFrame(
        {
            "aging_bucket": ["1-30", "1-30", "31-60"],
            "is_closed": [True, False, False],
            "exposure": [1000.0, 5000.0, 10.0],
            "written_off": [30.0, 0.0, 0.0],
            "recovered": [10.0, 0.0, 0.0],
            "aged_out": [25.0, 0.0, 0.0],
            "unresolved": [100.0, 5000.0, 10.0],
        }
    )
    assert snapshot_rates(snapshots) == pytest.approx({"1-30": 0.05})


def test_the_triangle_adds_up_the_losses_that_are_still_to_come() -> None:
    """Losses are 0, 1 and 3 % of billings at ages 0, 1 and 2; the newest month has 1 + 2 % of 300 to come, the one
    before 2 % of 200, the oldest nothing."""
    rows = [(1, 100.0, (0, 1, 3)), (2, 200.0, (0, 2)), (3, 300.0, (0,))]
    cells = [
        (month, age, billed, billed / 2, float(lost), 0.0)
        for month, billed, by_age in rows
        for age, lost in enumerate(by_age)
    ]
    names = ["billing_month", "age_months", "billed", "uncollected", "written_off", "recovered"]
    found = triangle(pl.DataFrame(cells, schema=names, orient="row"))
    assert found.loss_per_billed == pytest.approx({0: 0.0, 1: 3 / 300, 2: 2 / 100})
    assert found.to_come == pytest.approx(300 * 0.03 + 200 * 0.02)
    assert found.rate == pytest.approx(13 / 300)


def months(values: np.ndarray, name: str) -> pl.DataFrame:
    """A series by month."""
    return pl.DataFrame({"month_number": np.arange(len(values)), name: values})


def test_a_series_that_explains_losses_is_laid_over_by_what_it_says_of_now() -> None:
    """Losses are .1 % and .05 % more for each point of unemployment two months before; it now stands at 9."""
    generator = np.random.default_rng(1)
    unemployment = np.concatenate([5 + np.sin(np.arange(35) / 3), [9.0]])
    rates = 0.001 + 0.0005 * np.concatenate([[5.0, 5.0], unemployment[:-2]]) + generator.normal(0, 2e-5, 36)
    found = overlay(months(rates, "loss_rate"), months(unemployment, "value"), Macro(series="u", lag_months=2))
    assert found.reason == ""
    assert found.slope == pytest.approx(0.0005, rel=0.05)
    assert rates[2:].mean() * (1 + found.factor) == pytest.approx(0.001 + 0.0005 * 9, rel=0.05)


@pytest.mark.parametrize(("count", "said"), [(20, "20 months of both; 24 are needed"), (36, "more than 0.1")])
def test_a_series_that_is_short_or_says_nothing_is_refused(count: int, said: str) -> None:
    generator = np.random.default_rng(11)
    rates, series = generator.uniform(0.001, 0.002, count), generator.normal(0, 1, count)
    found = overlay(months(rates, "loss_rate"), months(series, "value"), Macro(series="noise"))
    assert said in found.reason
    assert found.factor == 0.0
