"""How the synthetic book is paid: as published, on the payers' calendars, never more than is owed.

Belongs here: calibration, applications, run calendars, the change of regime. Does not belong here: what
else can happen to an invoice (test_synthetic_events).
"""

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from models.raw.synthetic import Book
from tests.raw.synthetic_measures import AS_OF, book_of, settled, taken

CLOSED = {(1, 1), (12, 25)}

# Published of two SaaS sellers (shared/data/README.md); "in full" and "partial" are defined in the tests.
SHARES = [
    ("settled in one payment", 0.94, 0.01),
    ("settled in two payments", 0.055, 0.01),
    ("settled in three or more", 0.003, 0.002),
    ("cleared but not collected in full", 0.05, 0.012),
    ("payments that leave an invoice partly open", 0.12, 0.03),
    ("applications an invoice", 1.2, 0.06),
]


def months_to_payment(book: Book) -> pl.DataFrame:
    posted = book.feeds["invoices"].filter(pl.col("status") == "posted")
    true = book.truth["settled_by"].join(posted.select("invoice_id", "invoice_date", "due_date"), on="invoice_id")
    month = [
        pl.col(name).dt.year() * 12 + pl.col(name).dt.month().cast(pl.Int32) for name in ("paid_on", "invoice_date")
    ]
    return true.with_columns(months=month[0] - month[1])


@pytest.mark.parametrize("seed", [1, 7])
def test_settlements_are_calibrated(seed: int) -> None:
    book = book_of(seed=seed)
    invoices = settled(book)
    cleared = invoices.filter(pl.col("taken") >= pl.col("amount"))
    payments = cleared.filter(pl.col("payments") > 0)["payments"]
    live = taken(book.feeds["applications"].filter(pl.col("unapplied_on").is_null()))
    line = live.group_by("source_id", "invoice_id").agg(
        pl.col("taken").sum(), pl.col("applied_on").min(), pl.col("is_cash").first()
    )
    line = line.sort("applied_on", "source_id").with_columns(sum=pl.col("taken").cum_sum().over("invoice_id"))
    line = line.join(invoices.select("invoice_id", total="amount"), on="invoice_id").filter("is_cash")
    partial = line.group_by("source_id").agg(leaves=(pl.col("sum") < pl.col("total")).any())["leaves"]
    got = [
        (payments == 1).mean(),
        (payments == 2).mean(),
        (payments >= 3).mean(),
        (cleared["credited"] > 0).mean(),
        partial.mean(),
        len(book.feeds["applications"]) / len(book.feeds["invoices"]),
    ]
    for (name, target, tolerance), found in zip(SHARES, got, strict=True):
        assert found == pytest.approx(target, abs=tolerance), name


@pytest.mark.parametrize("seed", [1, 7])
def test_payment_months_and_currencies_are_calibrated(seed: int) -> None:
    book = book_of(seed=seed)
    true = months_to_payment(book)
    for months, target in enumerate([0.07, 0.45, 0.27, 0.08, 0.03, 0.02]):
        assert (true["months"] == months).sum() / len(true) == pytest.approx(target, abs=0.05), months
    shares = book.feeds["invoices"]["currency"].value_counts(normalize=True)
    for currency, target, tolerance in (
        ("USD", 0.76, 0.03),
        ("EUR", 0.15, 0.03),
        ("JPY", 0.03, 0.015),
        ("CNY", 0.02, 0.012),
    ):
        found = shares.filter(pl.col("currency") == currency)["proportion"].sum()
        assert found == pytest.approx(target, abs=tolerance), currency


def test_some_customers_are_much_larger_than_others() -> None:
    core = book_of()
    sizes = core.feeds["invoices"]["customer_id"].value_counts()["count"].sort(descending=True)
    assert 0.3 < sizes.head(len(sizes) // 10).sum() / sizes.sum() < 0.8


def test_month_ends_are_busy() -> None:
    core = book_of()
    day = core.feeds["invoices"]["invoice_date"]
    last_three = (day.dt.month_end() - day).dt.total_days() < 3
    assert last_three.mean() > 0.15  # 10 % of days


def test_applications_never_exceed_an_invoice_but_for_counted_over_payments() -> None:
    core = book_of()
    over = (
        settled(core)
        .filter(pl.col("taken") > pl.col("amount"))
        .select("invoice_id", excess=pl.col("taken") - pl.col("amount"))
    )
    listed = core.truth["over_payments"].select("invoice_id", excess="excess_amount")
    assert len(listed) > 10
    assert_frame_equal(over.sort("invoice_id"), listed.sort("invoice_id"), check_dtypes=False)


def test_sources_are_never_drawn_beyond_their_amount() -> None:
    everything = book_of(events="all")
    feeds = everything.feeds
    live = feeds["applications"].filter(pl.col("unapplied_on").is_null())
    drawn = live.group_by("source_id").agg(drawn=pl.coalesce("source_amount", "amount").sum())
    payments = feeds["payments"].select(source_id="payment_id", total="amount", status="status")
    memos = feeds["credit_memos"].select(source_id="credit_memo_id", total="amount", status="status")
    sources = pl.concat([payments, memos]).join(drawn, on="source_id")
    assert (sources["drawn"] <= sources["total"]).all()
    assert (sources["status"] == "posted").all()


def test_a_correction_takes_back_and_applies_again_on_one_day() -> None:
    core = book_of()
    corrected = core.feeds["applications"].filter(pl.col("unapplied_on").is_not_null())
    again = core.feeds["applications"].select("source_id", "invoice_id", "amount", unapplied_on="applied_on")
    assert len(corrected) > 50
    assert len(corrected.join(again, on=again.columns, how="semi")) == len(corrected)


def test_payments_fall_on_the_calendars_of_their_payers() -> None:
    core = book_of()
    payments = core.feeds["payments"].select(last_payment_id="payment_id", payer_id="customer_id")
    paid = core.truth["settled_by"].filter("is_on_run").join(payments, on="last_payment_id")
    paid = paid.join(core.truth["payers"], on="payer_id")
    day = pl.col("paid_on")
    regular = paid.filter(~day.dt.month().is_in([1, 12]))  # closed days move runs in these months
    weekday = regular.filter(pl.col("pattern") == "weekday")
    assert len(weekday) > 1_000
    assert (weekday["paid_on"].dt.weekday() - 1 == weekday["weekday"]).all()
    ends = paid.filter(pl.col("pattern") == "month_end")
    assert len(ends) > 200
    assert all(found == last_business_day(found) for found in ends["paid_on"].unique())
    monthly = regular.filter(pl.col("pattern") == "day_of_month")
    assert len(monthly) > 200
    late = monthly["paid_on"].dt.day() - monthly["day_of_month"]
    assert late.is_between(0, 2).all()
    nth = regular.filter(pl.col("pattern") == "nth_weekday")
    assert ((nth["paid_on"].dt.day() - 1) // 7 + 1 == nth["nth"]).all()
    every = regular.filter((pl.col("pattern") == "every_n_days") & (pl.col("interval_days") % 7 == 0))
    assert ((every["paid_on"] - every["anchor"]).dt.total_days() % every["interval_days"] == 0).all()


def last_business_day(day: date) -> date:
    found = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    while found.weekday() >= 5 or (found.month, found.day) in CLOSED:
        found -= timedelta(days=1)
    return found


def test_the_truth_of_payments_is_in_the_feeds_up_to_the_as_of() -> None:
    core = book_of()
    true = core.truth["settled_by"]
    payments = core.feeds["payments"].select(last_payment_id="payment_id", payment_date="payment_date")
    seen = true.join(payments, on="last_payment_id")
    assert (seen["paid_on"] == seen["payment_date"]).all()
    assert len(seen) == true["last_payment_id"].count()
    dated = core.feeds["payments"].select("payment_date", source_id="payment_id")
    latest = core.feeds["applications"].join(dated, on="source_id").group_by("invoice_id")
    applied = latest.agg(pl.col("payment_date").max()).join(true, on="invoice_id")
    known = applied.filter(pl.col("paid_on") < AS_OF - timedelta(days=60))
    assert (known["paid_on"] == known["payment_date"]).all()
    assert (known["first_paid_on"] < known["paid_on"]).sum() == (known["payments"] > 1).sum() > 500
    ahead = true.filter(pl.col("last_payment_id").is_null() & pl.col("paid_on").is_not_null())
    assert len(ahead) > 100
    assert (ahead["paid_on"] > AS_OF).all()


def test_slowed_payers_pay_seven_business_days_later() -> None:
    core = book_of()
    changed_on = core.truth["regime_change"]["changed_on"].unique().item()
    invoices = core.feeds["invoices"].with_columns(payer=pl.coalesce("payer_id", "customer_id"))
    own = core.truth["payers"].select("is_slowed", payer="payer_id")
    late = invoices.join(core.truth["settled_by"], on="invoice_id").join(own, on="payer").select(
        "is_slowed",
        after=pl.col("due_date") > changed_on + timedelta(days=10),
        days=(pl.col("paid_on") - pl.col("due_date")).dt.total_days(),
    )  # fmt: skip
    usual = {row[:2]: row[2] for row in late.group_by("is_slowed", "after").agg(pl.col("days").median()).rows()}
    slower = (usual[True, True] - usual[True, False]) - (usual[False, True] - usual[False, False])
    assert slower == pytest.approx(9.8, abs=3.0)  # seven business days are 9.8 days
