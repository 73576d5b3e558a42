"""Invoices, credit notes and payments that each name one document, many for more than is owed or before it is."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl

from pipelines.outcome import Exit
from tests.sources.by_hand import Book, Document, Paid, Refund
from tests.sources.published import assert_agrees, sent_rows, warnings_of

SOURCES = "ageing_inputs.yml"
INVOICES, CREDITS, PAYMENTS = (
    "invoices_202508031223.csv",
    "credit_notes_202508031223.csv",
    "payments_202508031224.csv",
)
LAST = date(2025, 8, 3)
EARLIER = date(2025, 3, 31)


@cache
def lines(ledgers: Path, name: str) -> list[dict[str, str]]:
    with (ledgers / "ageing_inputs" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def book(ledgers: Path) -> Book:
    documents, paid, refunds = [], [], []
    for name, kind, dated in ((INVOICES, "invoice", "invoice_date"), (CREDITS, "credit_memo", "credit_note_date")):
        for line in lines(ledgers, name):
            on, amount = date.fromisoformat(line[dated]), Decimal(line["total_amount"])
            documents.append(Document(line["id"], kind, on, amount))
    for line in lines(ledgers, PAYMENTS):
        if line["document_type"] == "invoice":
            id, on, amount = line["id"], date.fromisoformat(line["payment_date"]), Decimal(line["amount_paid"])
            documents.append(Document(id, "payment", on, amount))
            paid.append(Paid(id, id, line["document_id"], on, amount))
        else:
            on, amount = date.fromisoformat(line["payment_date"]), Decimal(line["amount_paid"])
            refunds.append(Refund(line["id"], line["document_id"], on, amount))
    return Book(documents, paid, tuple(refunds))


def test_open_items_ageing_and_dso_are_those_worked_out_by_hand(run, built, ledgers):
    outcome, frames = run(LAST)
    assert assert_agrees(frames, book(ledgers), LAST)
    assert assert_agrees(built(EARLIER), book(ledgers), EARLIER)
    assert outcome.exit is Exit.PUBLISHED_WITH_WARNINGS


def test_what_is_paid_too_much_stays_on_its_receipt_and_no_invoice_is_negative(run, ledgers):
    outcome, frames = run(LAST)
    owed = {line["id"]: Decimal(line["total_amount"]) for line in lines(ledgers, INVOICES)}
    received: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines(ledgers, PAYMENTS):
        if line["document_type"] == "invoice":
            received[line["document_id"]] += Decimal(line["amount_paid"])
    overpaid = {id: amount - owed[id] for id, amount in received.items() if amount > owed[id]}
    assert len(overpaid) == 460
    detail = frames["aging_detail"]
    assert not set(overpaid) & set(detail["document_id"])
    assert detail.filter(document_type="payment")["open_amount"].sum() == -sum(overpaid.values())
    assert detail.filter(document_type="invoice")["open_amount"].min() > 0
    assert "every_claim_fits_its_invoice_and_source" in warnings_of(outcome.results)


def test_an_open_invoice_with_money_from_before_it_is_flagged(run, ledgers):
    _, frames = run(LAST)
    invoiced = {line["id"]: line["invoice_date"] for line in lines(ledgers, INVOICES)}
    early = {
        x["document_id"] for x in lines(ledgers, PAYMENTS) if x["payment_date"] < invoiced.get(x["document_id"], "")
    }
    still_open = frames["aging_detail"].filter(document_type="invoice")
    flagged = still_open.filter(pl.col("flags").str.contains("paid_before_invoiced"))
    assert set(flagged["document_id"]) == early & set(still_open["document_id"])
    assert flagged.height > 0


def test_payments_for_credit_notes_are_refunds_of_them(run, ledgers):
    _, frames = run(LAST)
    expected = {
        (x["id"], x["document_id"], date.fromisoformat(x["payment_date"]), Decimal(x["amount_paid"]))
        for x in lines(ledgers, PAYMENTS)
        if x["document_type"] == "credit_note"
    }
    found = frames["staging.refunds"].select("refund_id", "source_id", "refunded_on", "amount").rows()
    assert len(found) == len(expected) == 1_000
    assert set(found) == expected


def test_every_payment_is_accounted_for_in_each_feed_that_it_feeds(run):
    _, frames = run(LAST)
    assert sent_rows(frames, INVOICES, "invoices") == {"loaded": 1_000}
    assert sent_rows(frames, CREDITS, "credit_memos") == {"loaded": 1_000}
    for feed in ("payments", "applications", "refunds"):
        assert sent_rows(frames, PAYMENTS, feed) == {"loaded": 1_000, "skipped": 1_000}
    assert frames["rejected_rows"].is_empty()
