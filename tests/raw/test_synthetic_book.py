"""The synthetic book as a whole: deterministic, of the size asked for, whole in its keys, the same in parts.

Belongs here: laws of settings, ids, dates, currencies, chunks and files. Does not belong here: how payers pay
(test_synthetic_payments), other events (test_synthetic_events), bad rows (test_synthetic_bad_rows).
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.synthetic_files import main, write_book
from models.raw.synthetic import CORE_FEEDS, BookSettings, generate, generate_chunks
from tests.raw.synthetic_measures import AS_OF, KEYS, book_of

TOTALS_OF_300 = {
    "invoices": Decimal("5319031.80"),
    "payments": Decimal("5241278.09"),
    "applications": Decimal("5299816.27"),
    "write_offs": Decimal("800.12"),
}  # found by running it; a change of the generator changes them
MAY_LIE_AHEAD = {"due_date", "original_due_date", "promised_date", "bill_on", "period_end", "period_start"}


def test_same_settings_give_the_same_book() -> None:
    core = book_of()
    again = generate(BookSettings(invoices=20_000, seed=7))
    assert again.feeds.keys() == core.feeds.keys()
    for name, frame in {**core.feeds, **core.truth}.items():
        assert_frame_equal({**again.feeds, **again.truth}[name], frame)


def test_the_book_is_the_same_on_any_machine() -> None:
    feeds = generate(BookSettings(invoices=300, seed=7, events="all")).feeds
    totals = {name: feeds[name]["amount"].sum() for name in ("invoices", "payments", "applications", "write_offs")}
    assert totals == TOTALS_OF_300


def test_another_seed_gives_another_book() -> None:
    core = book_of()
    other = generate(BookSettings(invoices=20_000, seed=8))
    assert other.feeds["invoices"]["amount"].sum() != core.feeds["invoices"]["amount"].sum()


def test_all_events_only_add_rows_to_the_core() -> None:
    core = book_of()
    everything = book_of(events="all")
    assert set(core.feeds) == set(CORE_FEEDS)
    assert {"write_offs", "recoveries", "refunds", "payment_reversals", "billing_schedule", "targets"} <= set(
        everything.feeds
    )
    for name, frame in core.feeds.items():
        assert_frame_equal(everything.feeds[name].head(len(frame)), frame)


@pytest.mark.parametrize("invoices", [300, 5_000])
@pytest.mark.parametrize("events", ["core", "all"])
def test_small_books_have_what_was_asked_for(invoices: int, events: str) -> None:
    book = generate(BookSettings(invoices=invoices, events=events))
    assert len(book.feeds["invoices"]) == invoices
    assert set(book.feeds) >= set(CORE_FEEDS)
    assert book.feeds["invoices"]["invoice_date"].min() >= date(2023, 11, 1)


@pytest.mark.parametrize(
    "settings", [{"months": 1, "as_of": date(2026, 10, 3)}, {"entities": 8, "currencies": ("JPY",)}]
)
def test_odd_settings_still_make_a_book(settings: dict) -> None:
    book = generate(BookSettings(invoices=300, events="all", bad_rows=True, **settings))
    assert len(book.truth["settled_by"]) == 300


def test_refuses_settings_that_mean_nothing() -> None:
    for wrong in (
        {"invoices": 299},
        {"currencies": ("XQZ",)},
        {"currencies": ()},
        {"events": "some"},
        {"speed": 1},
    ):
        with pytest.raises(ValueError, match="validation error"):
            BookSettings(**wrong)


def test_keys_are_unique_and_references_are_there() -> None:
    everything = book_of(events="all")
    for name, frame in everything.feeds.items():
        assert frame.select(KEYS[name]).is_duplicated().sum() == 0, name
    feeds = everything.feeds
    sources = pl.concat(
        [feeds["payments"]["payment_id"].alias("id"), feeds["credit_memos"]["credit_memo_id"].alias("id")]
    )
    assert sources.is_duplicated().sum() == 0
    assert feeds["applications"]["source_id"].is_in(sources.implode()).all()
    for name in ("applications", "disputes", "promises"):
        assert feeds[name]["invoice_id"].is_in(feeds["invoices"]["invoice_id"].implode()).all(), name
    for name in ("invoices", "payments", "credit_memos", "promises", "billing_schedule"):
        assert feeds[name]["customer_id"].is_in(feeds["customers"]["customer_id"].implode()).all(), name


def test_ids_are_text_with_leading_zeros() -> None:
    core = book_of()
    for feed, column in (
        ("payments", "payment_id"),
        ("applications", "application_id"),
        ("customers", "customer_id"),
    ):
        assert core.feeds[feed][column].str.starts_with("0").all(), feed


def test_nothing_has_happened_after_the_as_of() -> None:
    everything = book_of(events="all")
    for name, frame in everything.feeds.items():
        for column in frame.select(pl.col(pl.Date)).columns:
            if column not in MAY_LIE_AHEAD:
                latest = frame[column].max()
                assert latest is None or latest <= AS_OF, (name, column)


def test_yen_have_no_cents() -> None:
    everything = book_of(events="all")
    for name in ("invoices", "payments", "credit_memos", "promises", "billing_schedule"):
        yen = everything.feeds[name].filter(pl.col("currency") == "JPY")["amount"]
        assert len(yen) > 0, name
        assert (yen == yen.round(0)).all(), name
    yen_invoices = everything.feeds["invoices"].filter(pl.col("currency") == "JPY").select("invoice_id")
    applied = everything.feeds["applications"].join(yen_invoices, on="invoice_id").select("amount", "discount_amount")
    assert (applied["amount"] == applied["amount"].round(0)).all()


def test_rates_are_plausible_and_only_of_weekdays() -> None:
    core = book_of()
    rates = core.feeds["fx_rates"]
    assert (rates["rate_date"].dt.weekday() <= 5).all()
    euro = rates.filter((pl.col("from_currency") == "EUR") & (pl.col("to_currency") == "USD"))["rate"].cast(pl.Float64)
    assert euro.is_between(0.8, 1.5).all()
    step = (euro / euro.shift(1)).log().drop_nulls()
    assert 0.002 < step.std() < 0.01
    assert core.feeds["invoices"]["functional_amount"].min() > 0


def test_chunks_are_the_same_book_in_parts() -> None:
    settings = BookSettings(invoices=5_000, seed=3, events="all", slice_invoices=1_000, bad_rows=True)
    whole = generate(settings)
    chunks = list(generate_chunks(settings, chunk_invoices=2_000))
    assert [len(chunk.truth["settled_by"]) for chunk in chunks] == [2_000, 2_000, 1_000]
    assert "entities" not in chunks[1].feeds
    for name, frame in whole.feeds.items():
        assert_frame_equal(pl.concat([chunk.feeds[name] for chunk in chunks if name in chunk.feeds]), frame)
    clean = generate(settings.model_copy(update={"bad_rows": False}))
    for name, frame in clean.feeds.items():
        assert frame.select(KEYS[name]).is_duplicated().sum() == 0, name


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_files_hold_the_book_and_the_truth_lies_beside(tmp_path, file_format: str) -> None:
    settings = BookSettings(invoices=600, seed=3, slice_invoices=300)
    written = write_book(tmp_path / "landing", settings, file_format, chunk_invoices=300)
    assert written["chunks"] == 2
    assert written["rows"]["invoices"] == 600
    names = {path.name for path in (tmp_path / "landing").iterdir()}
    assert {
        f"invoices_001.{file_format}",
        f"invoices_002.{file_format}",
        f"entities_001.{file_format}",
    } <= names
    assert not any("settled" in name for name in names)
    assert (tmp_path / "truth" / "settled_by_002.parquet").exists()
    read = pl.read_csv if file_format == "csv" else pl.read_parquet
    second = read(tmp_path / "landing" / f"invoices_002.{file_format}")
    assert second.columns == generate(settings).feeds["invoices"].columns
    with pytest.raises(FileExistsError, match="not empty"):
        write_book(tmp_path / "landing", settings, file_format)


def test_the_command_writes_the_book_that_it_is_asked_for(tmp_path, capsys) -> None:
    main(
        [
            str(tmp_path / "landing"),
            "--invoices",
            "300",
            "--seed",
            "4",
            "--format",
            "parquet",
            "--events",
            "all",
        ]
    )
    asked = generate(BookSettings(invoices=300, seed=4, events="all"))
    for name, frame in asked.feeds.items():
        assert_frame_equal(pl.read_parquet(tmp_path / "landing" / f"{name}.parquet"), frame)
    assert "invoices" in capsys.readouterr().out
