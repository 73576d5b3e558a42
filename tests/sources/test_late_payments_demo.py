"""Invoices with US dates, a settlement and a dispute flag: one file that feeds three feeds."""

import csv
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from pipelines.run import Exit
from tests.sources.by_hand import Book, Document, Paid
from tests.sources.published import assert_agrees, sent_rows, warnings_of

SOURCES = "late_payments_demo.yml"
FILE = "invoices.csv"
DAYS = [date(2013, 6, 30), date(2012, 1, 31)]


@cache
def lines(ledgers: Path) -> list[dict[str, str]]:
    with (ledgers / "late_payments_demo" / FILE).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()


@cache
def book(ledgers: Path) -> Book:
    documents, paid = [], []
    for line in lines(ledgers):
        invoice, amount, settled = line["invoiceNumber"], Decimal(line["InvoiceAmount"]), day(line["SettledDate"])
        documents.append(Document(invoice, "invoice", day(line["InvoiceDate"]), amount, day(line["DueDate"])))
        documents.append(Document(f"{invoice}:settled", "payment", settled, amount))
        paid.append(Paid(invoice, f"{invoice}:settled", invoice, settled, amount))
    return Book(documents, paid)


@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_open_items_ageing_and_dso_are_those_worked_out_by_hand(run, ledgers, as_of):
    outcome, frames = run(as_of)
    assert assert_agrees(frames, book(ledgers), as_of)
    assert outcome.exit is Exit.PUBLISHED_WITH_WARNINGS
    thin = {"receipts_can_be_forecast", "every_exposure_has_a_rate"}  # the first month has no history yet
    assert warnings_of(outcome.results) - thin == {"no_value_is_assumed"}


@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_a_disputed_invoice_is_disputed_whole_while_it_is_open(run, ledgers, as_of):
    _, frames = run(as_of)
    open_now = [x for x in lines(ledgers) if day(x["InvoiceDate"]) <= as_of < day(x["SettledDate"])]
    expected = {x["invoiceNumber"]: Decimal(x["InvoiceAmount"]) * (x["Disputed"] == "Yes") for x in open_now}
    assert dict(frames["aging_detail"].select("document_id", "disputed_amount").rows()) == expected
    assert 0 < sum(amount > 0 for amount in expected.values()) < len(expected)


def test_one_file_feeds_three_feeds_and_each_accounts_for_every_row(run, ledgers):
    _, frames = run(DAYS[0])
    disputed = sum(line["Disputed"] == "Yes" for line in lines(ledgers))
    customers = len({line["customerID"] for line in lines(ledgers)})
    assert sent_rows(frames, FILE, "invoices") == {"loaded": 2_466}
    assert sent_rows(frames, FILE, "disputes") == {"loaded": disputed, "skipped": 2_466 - disputed}
    assert sent_rows(frames, FILE, "customers") == {"loaded": customers, "duplicate": 2_466 - customers}
    assert (disputed, customers) == (561, 100)


def test_the_day_that_a_dispute_is_assumed_to_open_is_its_invoice_date_and_counted(run, ledgers):
    _, frames = run(DAYS[0])
    expected = {
        (x["invoiceNumber"], day(x["InvoiceDate"]), day(x["SettledDate"]))
        for x in lines(ledgers)
        if x["Disputed"] == "Yes"
    }
    assert set(frames["staging.disputes"].select("invoice_id", "opened_on", "resolved_on").rows()) == expected
    changes = frames["staging.declared_changes"].select("kind", "column_name", "row_count").rows()
    assert changes == [("assumed", "opened_on", len(expected))]
