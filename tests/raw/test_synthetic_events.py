"""What else happens in the synthetic book, against its own truth: promises, disputes, losses, reversals.

Belongs here: events around invoices. Does not belong here: how invoices are paid (test_synthetic_payments).
"""

from datetime import timedelta

import polars as pl
import pytest

from models.raw.synthetic import Book, BookSettings, generate
from tests.raw.synthetic_measures import AS_OF, book_of, settled, taken


def test_write_offs_take_exactly_what_is_left() -> None:
    everything = book_of(events="all")
    feeds = everything.feeds
    bounced = feeds["payment_reversals"].select(source_id="payment_id")
    held = everything.feeds | {"applications": feeds["applications"].join(bounced, on="source_id", how="anti")}
    final = feeds["write_offs"].filter(pl.col("reversed_on").is_null() & pl.col("invoice_id").is_not_null())
    written = final.group_by("invoice_id").agg(written=pl.col("amount").sum(), reason=pl.col("reason").first())
    both = settled(Book(held, {})).join(written, on="invoice_id")
    both = both.join(everything.truth["settled_by"].select("invoice_id", "fate", "credited_on"), on="invoice_id")
    seen = both.filter(pl.col("reason") == "small_balance")
    assert len(seen) > 10
    assert (both["taken"] + both["written"] <= both["amount"]).all()
    assert (seen["taken"] + seen["written"] == seen["amount"]).all()
    assert set(written["reason"]) == {"credit", "dilution", "small_balance"}


def test_bounced_attempts_end_before_the_payment_that_holds() -> None:
    everything = book_of(events="all")
    feeds = everything.feeds
    attempt = feeds["payment_reversals"].join(feeds["payments"], on="payment_id")
    assert len(attempt) > 20
    assert (attempt["payment_date"] < attempt["reversed_on"]).all()
    lines = feeds["applications"].join(attempt.select("reversed_on", source_id="payment_id"), on="source_id")
    later = lines.select("invoice_id", "reversed_on").join(everything.truth["settled_by"], on="invoice_id")
    assert (later["reversed_on"] < later["paid_on"]).all()


def test_recoveries_and_refunds_stay_within_what_they_come_from() -> None:
    everything = book_of(events="all")
    feeds = everything.feeds
    recovered = feeds["recoveries"].join(feeds["write_offs"], on="write_off_id", suffix="_written")
    assert len(recovered) > 3
    assert (recovered["amount"] <= recovered["amount_written"]).all()
    assert (recovered["recovered_on"] > recovered["written_off_on"]).all()
    cash = recovered.join(feeds["payments"], on="payment_id", suffix="_paid")
    assert (cash["amount"] == cash["amount_paid"]).all()
    refunded = feeds["refunds"].join(feeds["payments"], left_on="source_id", right_on="payment_id", suffix="_paid")
    assert len(refunded) == len(feeds["refunds"])
    assert (refunded["amount"] <= refunded["amount_paid"]).all()


def test_promises_end_as_their_truth_says() -> None:
    core = book_of()
    cash = taken(core.feeds["applications"]).filter("is_cash").join(
        core.feeds["payments"].select("payment_date", source_id="payment_id"), on="source_id"
    )  # fmt: skip
    promises = core.feeds["promises"].join(
        core.truth["promise_outcomes"].drop("promised_date", "invoice_id"), on="promise_id"
    )
    due = promises.filter(pl.col("is_due") & (pl.col("promised_date") < AS_OF - timedelta(days=60)))
    paid = due.join(cash.filter(pl.col("unapplied_on").is_null()), on="invoice_id", suffix="_paid").filter(
        (pl.col("payment_date") > pl.col("made_on")) & (pl.col("payment_date") <= pl.col("promised_date"))
    ).group_by("promise_id").agg(pl.col("taken").sum())  # fmt: skip
    found = due.join(paid, on="promise_id", how="left").with_columns(pl.col("taken").fill_null(0))
    assert (found.filter(pl.col("outcome") == "kept").select(pl.col("taken") >= pl.col("amount")).to_series()).all()
    assert (found.filter(pl.col("outcome") == "broken")["taken"] == 0).all()
    partly = found.filter(pl.col("outcome") == "partly_kept")
    assert len(partly) > 3
    assert (partly.select((pl.col("taken") > 0) & (pl.col("taken") < pl.col("amount"))).to_series()).all()
    assert 0.6 < (found["outcome"] == "kept").mean() < 0.9


def test_disputes_end_in_the_credit_that_their_truth_says() -> None:
    core = book_of()
    true = core.truth["dispute_outcomes"].filter(~pl.col("is_open") & (pl.col("credited_amount") > 0))
    assert len(true) > 100
    memos = core.feeds["credit_memos"].select("credit_date", source_id="credit_memo_id")
    credits = taken(core.feeds["applications"]).join(memos, on="source_id")
    both = true.filter(pl.col("resolved_on") < AS_OF - timedelta(days=30)).join(credits, on="invoice_id", how="left")
    assert (both["taken"] == both["credited_amount"]).all()
    assert (both["credit_date"] == both["resolved_on"]).all()
    assert (core.truth["dispute_outcomes"]["credited_share"] <= 1).all()


def test_losses_come_at_the_rates_of_their_segments() -> None:
    book = generate(BookSettings(invoices=60_000, seed=5))
    segment = book.feeds["customers"].select("customer_id", "segment").unique("customer_id")
    invoices = book.feeds["invoices"].join(segment, on="customer_id").join(book.truth["settled_by"], on="invoice_id")
    found = invoices.group_by("segment").agg(lost=(pl.col("fate") == "lost").mean())
    both = found.join(book.truth["expected_loss_rates"], on="segment").sort("loss_rate")
    assert both["lost"].to_list() == pytest.approx(both["loss_rate"].to_list(), rel=0.35, abs=0.0006)
    assert both["lost"].is_sorted()
