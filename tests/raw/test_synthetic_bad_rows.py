"""Bad rows of the synthetic book: each is listed, staging's rules agree, and the good ones stay the same.

Belongs here: what the list promises. Does not belong here: how staging rejects (tests of staging).
"""

import polars as pl
from polars.testing import assert_frame_equal

from models.raw.synthetic import BookSettings, generate
from tests.raw.synthetic_measures import KEYS, book_of, refused


def test_good_rows_are_accepted_by_staging() -> None:
    everything = book_of(events="all")
    for feed, frame in everything.feeds.items():
        assert refused(feed, frame).is_empty(), feed


def test_bad_rows_are_beside_the_same_good_ones() -> None:
    spoiled = book_of(5_000, 11, bad_rows=True)
    clean = generate(BookSettings(invoices=5_000, seed=11))
    listed = spoiled.truth["bad_rows"]
    assert set(listed["expected"]) == {"rejected", "flagged", "duplicate", "orphan"}
    for feed in ("payments", "credit_memos", "applications"):
        head = spoiled.feeds[feed].head(len(clean.feeds[feed]))
        assert_frame_equal(head.drop("amount"), clean.feeds[feed].cast(pl.String).drop("amount"))
        assert (head["amount"].cast(pl.Decimal(18, 2)) == clean.feeds[feed]["amount"]).all()
        assert len(spoiled.feeds[feed]) - len(head) == (listed["feed"] == feed).sum()
    same = spoiled.feeds["invoices"]["due_date"].head(5_000) == clean.feeds["invoices"]["due_date"].cast(pl.String)
    assert (~same).sum() == (listed["expected"] == "flagged").sum()
    assert 0.002 < len(listed) / sum(len(spoiled.feeds[feed]) for feed in set(listed["feed"])) < 0.012


def test_staging_refuses_exactly_the_rows_listed_as_rejected() -> None:
    spoiled = book_of(5_000, 11, bad_rows=True)
    listed = spoiled.truth["bad_rows"].filter(
        pl.col("expected") == "rejected", pl.col("kind") != "duplicate_conflicting"
    )
    for feed in ("invoices", "payments", "credit_memos", "applications"):
        found = refused(feed, spoiled.feeds[feed])[KEYS[feed][1]]
        assert sorted(found) == sorted(listed.filter(pl.col("feed") == feed)["id"]), feed


def test_repeated_and_orphaned_rows_are_what_they_are_called() -> None:
    spoiled = book_of(5_000, 11, bad_rows=True)
    listed = spoiled.truth["bad_rows"]
    payments = spoiled.feeds["payments"]
    for kind, distinct in (("duplicate_identical", 1), ("duplicate_conflicting", 2)):
        for (id_,) in listed.filter(pl.col("kind") == kind, pl.col("feed") == "payments").select("id").unique().rows():
            rows = payments.filter(pl.col("payment_id") == id_)
            assert (len(rows), len(rows.unique())) == (2, distinct), kind
    orphans = listed.filter(pl.col("kind") == "unknown_customer")
    assert len(orphans) > 0
    assert not orphans["value"].is_in(spoiled.feeds["customers"]["customer_id"].implode()).any()
