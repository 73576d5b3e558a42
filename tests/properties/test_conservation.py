"""Nothing is lost: every row sent is loaded, rejected or a duplicate; every sum of the ledger is that of its parts.

Belongs here: laws of addition. Does not: what a figure is (`test_oracle_agrees.py`), when it is known (`test_laws.py`).
"""

import re
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.resources.warehouse import Warehouse
from tests.oracle.books import as_ofs, known_ats, policies
from tests.properties.foreign_books import foreign_books
from tests.properties.pipeline import frames, loaded
from tests.properties.profiles import examples
from tests.properties.sendings import Sheet, delivered, key_of, spoiled_sheets
from tests.properties.test_oracle_agrees import VIEWS, policy_of

NUMBER = re.compile(r"-?\d+(\.\d+)?")
AMOUNTS = ("open_amount", "open_amount_functional", "open_amount_base")


@examples(4)
@given(spoiled_sheets())
def test_every_row_sent_is_loaded_rejected_or_a_duplicate(sheets):
    with loaded(delivered(sheets)) as warehouse:
        frames(warehouse, {date(2024, 6, 15)})
        assert fates_in(warehouse) == fates_of(sheets)
        rejected = warehouse.rows("select file_name, line from marts.rejected_rows")
        assert sorted(rejected) == sorted(refused_lines(sheets))
        assert amounts_in(warehouse) == {key: total for sheet in sheets for key, total in amounts_of(sheet).items()}


def fates_in(warehouse: Warehouse) -> dict[str, tuple[int, int, int]]:
    """File -> rows loaded, rejected, duplicates."""
    found = warehouse.rows(
        "select file_name, sum(loaded_rows), sum(rejected_rows), sum(duplicate_rows), sum(skipped_rows)"
        " from staging.batch_totals inner join raw.files using (file_number) group by 1"
    )
    assert not any(skipped for *_, skipped in found)
    return {name: (loaded_rows, rejected, duplicates) for name, loaded_rows, rejected, duplicates, _ in found}


def fates_of(sheets: list[Sheet]) -> dict[str, tuple[int, int, int]]:
    """The same from the rows that were sent: of equal rows the first is loaded, of contradicting ones none."""
    refused = Counter(name for name, _ in refused_lines(sheets))
    fates = {}
    for sheet in sheets:
        lines = {line for name, line in refused_lines([sheet]) if name == sheet.name}
        kept = [row for line, row in enumerate(sheet.rows, start=2) if line not in lines]
        keys = {key_of(sheet.feed, row.cells) for row in kept}
        fates[sheet.name] = (len(keys), refused[sheet.name], len(kept) - len(keys))
    return fates


def refused_lines(sheets: list[Sheet]) -> list[tuple[str, int]]:
    """(file, line) of every row that is broken, or whose key says something else elsewhere in its file."""
    refused = []
    for sheet in sheets:
        said = defaultdict(set)
        for row in sheet.rows:
            if not row.is_broken:
                said[key_of(sheet.feed, row.cells)].add(content_of(row.cells))
        for line, row in enumerate(sheet.rows, start=2):
            if row.is_broken or len(said[key_of(sheet.feed, row.cells)]) > 1:
                refused.append((sheet.name, line))
    return refused


def content_of(cells: dict[str, str]) -> tuple:
    """What a row says: an amount is a number, and when the source knew it is not part of it."""
    said = {name: text for name, text in cells.items() if name != "recorded_at"}
    return tuple(sorted((said | {"amount": str(Decimal(cells.get("amount") or 0).normalize())}).items()))


def amounts_in(warehouse: Warehouse) -> dict[tuple[str, str], Decimal]:
    """(file, currency) -> amounts loaded, rejected or duplicate."""
    found = warehouse.rows(
        "select file_name, currency, sum(loaded_amount + rejected_amount + duplicate_amount)"
        " from staging.batch_totals inner join raw.files using (file_number) group by 1, 2"
    )
    return {(name, currency): total for name, currency, total in found}


def amounts_of(sheet: Sheet) -> dict[tuple[str, str], Decimal]:
    """(file, currency) -> sum of what can be read as an amount in the file, to four places."""
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in sheet.rows:
        text = row.cells.get("amount", "")
        amount = Decimal(text) if NUMBER.fullmatch(text) else Decimal(0)
        totals[(sheet.name, row.cells.get("currency", ""))] += amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return totals


@examples(4)
@given(foreign_books(), policies(), st.sampled_from((None, "USD", "JPY")), as_ofs, known_ats)
def test_every_view_adds_up_to_documents_less_settlements(drawn, policy, base_currency, as_of, known_at):
    chosen = policy_of(policy).model_copy(update={"base_currency": base_currency})
    with loaded(drawn.deliveries) as warehouse:
        found = frames(warehouse, {as_of}, known_at, chosen)
        items = found["ledger.open_items"]
        by_document = items.group_by("document_key").agg(pl.col("open_amount").sum())
        assert dict(by_document.iter_rows()) == left_open(warehouse, as_of, known_at)
        wanted = totals(items)
        for view in VIEWS:
            compare(totals(found["marts.aging"].filter(pl.col("view") == view)), wanted, view)
        compare(totals(found["ledger.period_aging"].filter(pl.col("period_end") == as_of)), wanted, "history")
        receivables = found["marts.dso"].filter((pl.col("period_end") == as_of) & (pl.col("definition") == "countback"))
        for row in receivables.iter_rows(named=True):
            whole = wanted.get((row["entity_id"], row["currency"]), {"open_amount": 0})
            assert row["receivables"] + row["excluded_amount"] == whole["open_amount"]


def left_open(warehouse: Warehouse, as_of: date, known_at: datetime) -> dict[int, Decimal]:
    """Document -> its amount less its settlements, where that is not zero, of those that exist on the day."""
    given = {"as_of": as_of, "known_at": known_at}
    known = "known_from <= $known_at and known_to > $known_at"
    left = dict(
        warehouse.rows(
            f"select document_key, sign * original_amount from ledger.documents where {known}"
            " and posting_date <= $as_of and (voided_on is null or voided_on > $as_of)",
            given,
        )
    )
    settled = warehouse.rows(
        "select invoice_key, source_key, applied_amount + discount_taken + withheld_taken, drawn_amount"
        f" from ledger.settlements where {known} and effective_from <= $as_of and effective_to > $as_of",
        given,
    )
    for invoice, source, taken, drawn in settled:
        if invoice is not None:
            left[invoice] -= taken
        if source is not None:
            left[source] += drawn
    reinstated = warehouse.rows(
        "select target_key, reinstated_amount, effective_from, effective_to, known_from, known_to"
        " from ledger.reinstatements where kind = 'payments_reversed' union all"
        " select invoice_key, reopened_amount, effective_from, effective_to, known_from, known_to from ledger.reopenings"
    )
    for document, amount, begins, ends, known_from, known_to in reinstated:
        if begins <= as_of < ends and known_from <= known_at < known_to and document in left:
            left[document] += amount
    return {key: amount for key, amount in left.items() if amount}


def totals(frame: pl.DataFrame) -> dict[tuple[str, str], dict[str, Decimal | None]]:
    """(entity, currency) -> the three amounts; one is empty where any line's is."""
    sums = [pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).alias(name) for name in AMOUNTS]
    summed = frame.group_by("entity_id", "currency").agg(sums)
    return {(row["entity_id"], row["currency"]): row for row in summed.iter_rows(named=True)}


def compare(found: dict, wanted: dict, where: str) -> None:
    """Every amount that both have is the same; what nets to nothing may be left out of a view."""
    for key in {**found, **wanted}:
        ours, theirs = found.get(key, {}), wanted.get(key, {})
        for name in AMOUNTS:
            amounts = [side.get(name, Decimal(0)) for side in (ours, theirs)]
            assert None in amounts or amounts[0] == amounts[1], (where, key, name, amounts)
