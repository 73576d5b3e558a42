"""A distributor's cleared and open items: two files of one book, assumed invoice dates, over-precise amounts."""

import csv
from collections import Counter
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pipelines.outcome import Exit
from tests.sources.by_hand import Book, Document, Paid, ageing, dso, open_items
from tests.sources.published import (
    assert_agrees,
    assert_days_agree,
    published_dso,
    published_month,
    sent_rows,
    warnings_of,
)

SOURCES = "sap_extract.yml"
LAST = date(2020, 5, 22)
CUT = date(2020, 2, 23)


@cache
def lines(ledgers: Path, name: str) -> list[dict[str, str]]:
    with (ledgers / "sap_extract" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cents(amount: str) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)


def day(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").date()


@cache
def book(ledgers: Path) -> Book:
    documents, paid, equal_before = [], [], Counter()
    for line in lines(ledgers, "cleared_items.csv"):
        key = "|".join(line[c] for c in ("cust_number", "due_date", "clear_date", "amount"))
        equal_before[key] += 1
        invoice, amount = f"{key}|{equal_before[key]}", Decimal(line["amount"])
        due, cleared = date.fromisoformat(line["due_date"]), date.fromisoformat(line["clear_date"])
        documents.append(Document(invoice, "invoice", due, amount, due))
        documents.append(Document(f"{invoice}:settled", "payment", cleared, amount))
        paid.append(Paid(invoice, f"{invoice}:settled", invoice, cleared, amount))
    for line in lines(ledgers, "open_items.csv"):
        posted, due = day(line["posting_date"]), day(line["due_in_date"])
        documents.append(Document(line["doc_id"], "invoice", posted, cents(line["converted_usd"]), due))
    return Book(documents, paid)


def test_open_items_ageing_and_dso_are_those_worked_out_by_hand(run, built, ledgers):
    outcome, frames = run(LAST)
    assert_agrees(frames, book(ledgers), LAST)
    assert_agrees(built(CUT), book(ledgers), CUT)
    assert outcome.exit is Exit.PUBLISHED_WITH_WARNINGS


@pytest.mark.parametrize("month_end", [date(2019, 6, 30), date(2019, 12, 31), date(2020, 3, 31)], ids=str)
def test_the_last_day_knows_earlier_month_ends(run, ledgers, month_end):
    _, frames = run(LAST)
    items = open_items(book(ledgers), month_end)
    assert published_month(frames, month_end) == ageing(items, month_end)
    assert_days_agree(published_dso(frames, month_end, "main", "USD"), dso(book(ledgers).documents, items, month_end))


def test_both_files_are_loaded_whole(run):
    _, frames = run(LAST)
    assert sent_rows(frames, "cleared_items.csv", "invoices") == {"loaded": 40_000}
    assert sent_rows(frames, "open_items.csv", "invoices") == {"loaded": 9_681}
    assert sent_rows(frames, "open_items.csv", "customers") == {"loaded": 553, "duplicate": 9_128}
    assert frames["rejected_rows"].is_empty()


def test_lines_that_are_equal_stay_apart(run, ledgers):
    _, frames = run(LAST)
    cleared = Counter(tuple(line.values()) for line in lines(ledgers, "cleared_items.csv"))
    assert sum(cleared.values()) - len(cleared) == 960
    assert frames["ledger.documents"].filter(document_type="invoice")["document_id"].n_unique() == 49_681


def test_what_the_declaration_changed_is_counted_and_warned_of(run, ledgers):
    outcome, frames = run(LAST)
    exact = [Decimal(line["converted_usd"]) for line in lines(ledgers, "open_items.csv")]
    changes = [cents(str(amount)) - amount for amount in exact if cents(str(amount)) != amount]
    files = dict(frames["raw.files"].select("file_number", "file_name").iter_rows())
    counted = {
        (files[row["file_number"]], row["kind"], row["column_name"]): (row["row_count"], row["amount_change"])
        for row in frames["staging.declared_changes"].iter_rows(named=True)
    }
    assert counted == {
        ("cleared_items.csv", "assumed", "invoice_date"): (len(lines(ledgers, "cleared_items.csv")), 0),
        ("open_items.csv", "rounded", "amount"): (len(changes), sum(changes)),
    }
    assert (len(changes), sum(changes)) == (576, Decimal("0.366"))
    assert {"no_value_is_assumed", "no_amount_is_rounded"} <= warnings_of(outcome.results)


def test_due_dates_before_the_posting_date_are_flagged_and_their_receivables_kept(run, ledgers):
    _, frames = run(LAST)
    impossible = {
        line["doc_id"]: cents(line["converted_usd"])
        for line in lines(ledgers, "open_items.csv")
        if day(line["due_in_date"]) < day(line["posting_date"])
    }
    assert len(impossible) == 27
    flagged = frames["aging_detail"].filter(pl.col("flags") != "")
    assert flagged["flags"].unique().to_list() == ["due_date_before_invoice"]
    assert dict(flagged.select("document_id", "open_amount").rows()) == impossible


def test_company_codes_are_kept_as_segments(run, ledgers):
    _, frames = run(LAST)
    codes = {(line["cust_number"], line["business_code"]) for line in lines(ledgers, "open_items.csv")}
    assert set(frames["staging.customers"].select("customer_id", "segment").rows()) == codes
