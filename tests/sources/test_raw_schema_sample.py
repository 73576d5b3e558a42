"""Fourteen lines in an ERP extract's original columns: a repeated header, floats as dates and ids, leading zeros."""

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from pipelines.run import Exit
from tests.sources.by_hand import Book, Document, Paid
from tests.sources.published import assert_agrees, sent_rows

SOURCES = "raw_schema_sample.yml"
FILE = "raw_schema_sample.csv"
DAYS = [date(2020, 2, 28), date(2019, 4, 30)]


@cache
def lines(ledgers: Path) -> list[list[str]]:
    with (ledgers / "sap_extract" / FILE).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


@cache
def book(ledgers: Path) -> Book:
    documents, paid = [], []
    for line in lines(ledgers):
        entity, currency, invoice, amount = line[0], line[10], line[5][:10], Decimal(line[14])
        invoiced, due, cleared = day(line[8]), day(line[9]), date.fromisoformat(line[3][:10])
        posted = date.fromisoformat(line[6])
        documents.append(Document(invoice, "invoice", invoiced, amount, due, currency, entity, posted))
        documents.append(Document(f"{invoice}:settled", "payment", cleared, amount, None, currency, entity))
        paid.append(Paid(invoice, f"{invoice}:settled", invoice, cleared, amount))
    return Book(documents, paid)


@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_open_items_ageing_and_dso_are_those_worked_out_by_hand(run, ledgers, as_of):
    _, frames = run(as_of)
    assert assert_agrees(frames, book(ledgers), as_of)


def test_nothing_is_wrong_with_one_company_but_that_it_is_too_small_to_forecast(run):
    outcome, _ = run(date(2019, 4, 30))
    assert outcome.exit is Exit.PUBLISHED_WITH_WARNINGS
    assert {r.check_name for r in outcome.results if not r.passed} == {"receipts_can_be_forecast"}


def test_every_line_is_loaded_into_the_company_that_it_names(run, ledgers):
    _, frames = run(DAYS[0])
    assert sent_rows(frames, FILE, "invoices") == {"loaded": 14}
    found = frames["staging.invoices"].select("entity_id", "invoice_id", "currency", "amount").rows()
    assert sorted(found) == sorted((x[0], x[5].removesuffix(".0"), x[10], Decimal(x[14])) for x in lines(ledgers))


def test_a_customer_number_is_one_with_and_without_leading_zeros(run, ledgers):
    _, frames = run(DAYS[0])
    expected = {x[5].removesuffix(".0"): x[1].lstrip("0") for x in lines(ledgers)}
    assert dict(frames["staging.invoices"].select("invoice_id", "customer_id").rows()) == expected
    assert {x[1] for x in lines(ledgers)} >= {"0200769623", "200769623"}
    assert list(expected.values()).count("200769623") == 2


def test_the_second_of_two_equal_headers_is_the_invoice_date(run, ledgers):
    _, frames = run(DAYS[0])
    dates = frames["staging.invoices"].select("invoice_id", "invoice_date", "posting_date", "due_date").rows()
    assert {id: rest for id, *rest in dates} == {
        x[5].removesuffix(".0"): [day(x[8]), date.fromisoformat(x[6]), day(x[9])] for x in lines(ledgers)
    }
    assert any(x[7] != x[8] for x in lines(ledgers))
