"""One Brazilian seller's 55,942 invoices: a made id, one-line settlements, missing amounts and impossible dates."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pipelines.outcome import Exit
from tests.sources.by_hand import Book, Document, Paid, ageing, dso, open_items
from tests.sources.published import assert_agrees, assert_days_agree, published_dso, published_month, sent_rows

SOURCES = "b2b_brl.yml"
FILE = "invoices_asof_2020-09-30.csv"
LAST = date(2020, 9, 30)
SHOCK = date(2020, 3, 31)
MONTH_ENDS = [date(2020, 8, 31), date(2020, 5, 31), SHOCK, date(2019, 12, 31), date(2019, 6, 30)]
FORECAST_ON = LAST


@cache
def lines(ledgers: Path) -> list[dict[str, str]]:
    with (ledgers / "b2b_brl" / FILE).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


@cache
def book(ledgers: Path) -> Book:
    documents, paid, equal_before = [], [], Counter()
    for line in lines(ledgers):
        key = "|".join(line[c] for c in ("ID_CLIENTE", "DATA_EMISSAO_DOCUMENTO", "DATA_VENCIMENTO", "VALOR_A_PAGAR"))
        equal_before[key] += 1
        if not line["VALOR_A_PAGAR"]:
            continue
        invoice, amount = f"{key}|{equal_before[key]}", Decimal(line["VALOR_A_PAGAR"])
        invoiced, due = (date.fromisoformat(line[c]) for c in ("DATA_EMISSAO_DOCUMENTO", "DATA_VENCIMENTO"))
        documents.append(Document(invoice, "invoice", invoiced, amount, due, "BRL"))
        if line["DATA_PAGAMENTO"]:
            on = date.fromisoformat(line["DATA_PAGAMENTO"])
            documents.append(Document(f"{invoice}:settled", "payment", on, amount, currency="BRL"))
            paid.append(Paid(invoice, f"{invoice}:settled", invoice, on, amount))
    return Book(documents, paid)


@pytest.mark.parametrize("as_of", [LAST, SHOCK], ids=str)
def test_open_items_ageing_and_dso_are_those_worked_out_by_hand(run, ledgers, as_of):
    outcome, frames = run(as_of)
    items = assert_agrees(frames, book(ledgers), as_of)
    assert outcome.exit is Exit.PUBLISHED_WITH_WARNINGS
    if as_of == LAST:
        assert (len(items), sum(items.values())) == (1_631, Decimal("71900720.68"))


@pytest.mark.parametrize("as_of", [day for day in MONTH_ENDS if day != SHOCK], ids=str)
def test_so_are_those_of_other_month_ends(built, ledgers, as_of):
    assert_agrees(built(as_of), book(ledgers), as_of)


@pytest.mark.parametrize("month_end", MONTH_ENDS, ids=str)
def test_the_last_day_says_of_earlier_month_ends_what_they_said_themselves(run, ledgers, month_end):
    _, frames = run(LAST)
    items = open_items(book(ledgers), month_end)
    assert published_month(frames, month_end) == ageing(items, month_end)
    assert_days_agree(published_dso(frames, month_end, "main", "BRL"), dso(book(ledgers).documents, items, month_end))


def test_every_line_without_an_amount_is_rejected_with_its_place_and_no_other(run, ledgers):
    _, frames = run(LAST)
    missing = [number for number, line in enumerate(lines(ledgers), start=2) if not line["VALOR_A_PAGAR"]]
    rejected = frames["rejected_rows"]
    assert len(missing) == 847
    assert rejected["line"].sort().to_list() == missing
    assert rejected.select("file_name", "feed", "column_name", "rule", "amount").unique().rows() == [
        (FILE, "invoices", "amount", "missing_value", None)
    ]
    assert sent_rows(frames, FILE, "invoices") == {"loaded": 55_095, "rejected": 847}


def test_no_receivable_is_lost_to_an_impossible_date_and_none_is_invented(run, ledgers):
    _, frames = run(LAST)
    expected = {(d.id, d.kind, d.on, d.amount) for d in book(ledgers).documents}
    found = frames["ledger.documents"].select("document_id", "document_type", "document_date", "original_amount").rows()
    assert len(found) == len(expected) == 55_095 + 53_464
    assert set(found) == expected


def test_impossible_due_dates_are_flagged_and_aged_from_the_invoice_date(run, ledgers):
    _, frames = run(LAST)
    impossible = {d.id: d for d in book(ledgers).documents if d.due and not d.has_believable_due_date}
    early = {d.id for d in impossible.values() if d.due < d.on}
    assert (len(early), len(impossible) - len(early)) == (19, 17)
    flagged = dict(frames["ledger.documents"].drop_nulls("due_date_flag").select("document_id", "due_date_flag").rows())
    names = {True: "due_date_before_invoice", False: "due_date_beyond_terms"}
    assert flagged == {id: names[id in early] for id in impossible}
    still_open = frames["aging_detail"].filter(pl.col("flags") != "")
    assert dict(still_open.select("document_id", "flags").rows()) == {
        d.id: names[d.id in early] for d in open_items(book(ledgers), LAST) if d.id in impossible
    }
    for item in still_open.iter_rows(named=True):
        assert item["due_date"] is None
        assert item["days_past_due"] == (LAST - impossible[item["document_id"]].on).days


def test_money_that_came_before_its_invoice_waits_unapplied_until_the_invoice(run, ledgers):
    ours = {d.id: d for d in book(ledgers).documents}
    early = {p.source: ours[p.invoice] for p in book(ledgers).paid if p.on < ours[p.invoice].on}
    assert len(early) == 22
    for as_of in MONTH_ENDS:
        _, frames = run(as_of)
        negative = frames["aging_detail"].filter(pl.col("open_amount") < 0)
        waiting = {id: -d.amount for id, d in early.items() if ours[id].on <= as_of < d.on}
        assert dict(negative.select("document_id", "open_amount").rows()) == waiting
    _, frames = run(LAST)
    assert frames["aging_detail"]["open_amount"].min() > 0
