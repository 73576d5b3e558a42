"""QuickBooks Online's own tables: deleted rows, payment lines without a date, two currencies, orphans."""

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from pipelines.outcome import Exit
from tests.sources.by_hand import Book, Document, Paid
from tests.sources.published import assert_agrees, sent_rows, warnings_of

SOURCES = "quickbooks.yml"
LAST = date(2026, 2, 28)
EARLIER = date(2018, 8, 31)


@cache
def lines(ledgers: Path, name: str) -> list[dict[str, str]]:
    with (ledgers / "quickbooks" / f"{name}_data.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def book(ledgers: Path) -> Book:
    documents, paid = [], []
    for kind in ("invoice", "payment", "credit_memo"):
        for line in lines(ledgers, kind):
            if line["_fivetran_deleted"] == "FALSE":
                on, amount = date.fromisoformat(line["transaction_date"]), Decimal(line["total_amount"])
                due = date.fromisoformat(line["due_date"]) if kind == "invoice" else None
                documents.append(Document(line["id"], kind, on, amount, due, line["currency_id"]))
    dated = {d.id: d.on for d in documents if d.kind == "payment"}
    for line in lines(ledgers, "payment_line"):
        if line["payment_id"] in dated:
            id, on = f"{line['payment_id']}:{line['index']}", dated[line["payment_id"]]
            paid.append(Paid(id, line["payment_id"], line["invoice_id"], on, Decimal(line["amount"])))
    return Book(documents, paid)


def test_open_items_ageing_and_dso_are_those_worked_out_by_hand(run, built, ledgers):
    outcome, frames = run(LAST)
    assert assert_agrees(frames, book(ledgers), LAST)
    assert assert_agrees(built(EARLIER), book(ledgers), EARLIER)
    assert outcome.exit is Exit.PUBLISHED_WITH_WARNINGS


def test_a_payment_line_closes_its_invoice_on_the_day_of_the_payment(run):
    _, before = run(date(2021, 2, 28))
    _, after = run(LAST)
    owed = [frames["aging_detail"].filter(document_id="50001")["open_amount"].to_list() for frames in (before, after)]
    assert owed == [[Decimal(1000)], []]
    assert after["aging_detail"].filter(document_id="9001").is_empty()


def test_a_deleted_row_needs_no_more_than_its_id_and_takes_its_document_away(run, ledgers):
    _, frames = run(LAST)
    deleted = {line["id"] for line in lines(ledgers, "invoice") if line["_fivetran_deleted"] == "TRUE"}
    kept = {line["id"] for line in lines(ledgers, "invoice")} - deleted
    assert (len(deleted), len(kept)) == (11, 5)
    assert set(frames["staging.invoices"]["invoice_id"]) == kept
    assert set(frames["staging.customers"]["customer_id"]) == {"10", "13", "14", "17"}
    assert sent_rows(frames, "invoice_data.csv", "invoices") == {"loaded": 16}
    assert sent_rows(frames, "customer_data.csv", "customers") == {"loaded": 5}
    assert frames["rejected_rows"].is_empty()


def test_a_payment_line_whose_payment_has_not_come_is_kept_and_counts_for_nothing(run, ledgers):
    outcome, frames = run(LAST)
    payments = {line["id"] for line in lines(ledgers, "payment")}
    orphans = {
        (x["payment_id"], x["invoice_id"], date.fromisoformat(x["_fivetran_synced"][:10]), Decimal(x["amount"]))
        for x in lines(ledgers, "payment_line")
        if x["payment_id"] not in payments
    }
    asked = set(frames["staging.applications"].select("source_id", "invoice_id", "applied_on", "amount").rows())
    assert asked == orphans | {("9001", "50001", date(2026, 2, 1), Decimal(1000))}
    changes = frames["staging.declared_changes"].select("kind", "column_name", "row_count").rows()
    assert changes == [("assumed", "applied_on", len(orphans))] == [("assumed", "applied_on", 11)]
    assert {"no_value_is_assumed", "every_application_finds_both_sides"} <= warnings_of(outcome.results)


def test_two_currencies_without_rates_stay_apart_and_unconverted(run):
    outcome, frames = run(date(2021, 2, 28))
    assert set(frames["dso"]["currency"]) == {"EUR", "USD"}
    assert frames["aging"].select("open_amount_functional", "open_amount_base").null_count().unique().rows() == [
        (frames["aging"].height, frames["aging"].height)
    ]
    unconverted = {"every_open_amount_has_a_base_amount", "every_open_amount_has_a_functional_amount"}
    assert unconverted <= warnings_of(outcome.results)
