"""Hostile files, put into a book as a user would: what stops, what is rejected, what is kept, in words."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from tests.small_books import SmallBook

HEADER = "invoice_id,customer_id,invoice_date,due_date,currency,amount"
GOOD = "1,C1,2026-01-05,2026-02-04,EUR,100.00"


def put_bytes(book: SmallBook, content: bytes, name: str = "invoices.csv") -> None:
    (book.landing / name).write_bytes(content)


def put_lines(book: SmallBook, *lines: str, name: str = "invoices.csv", header: str = HEADER) -> None:
    put_bytes(book, ("\n".join([header, *lines]) + "\n").encode(), name)


@pytest.mark.parametrize(
    ("content", "line", "found", "expected"),
    [
        (
            "\n".join([HEADER, *[GOOD.replace("1", str(n), 1) for n in range(998)], GOOD + ",x" * 9]).encode(),
            1000,
            "15 fields",
            "6",
        ),
        (f'{HEADER}\n{GOOD}\n"2,C1,2026-01-05,2026-02-04,EUR,5\n'.encode(), 3, "never closed", ""),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), 1, "utf-16", "utf-8"),
        (f"{HEADER},amount\n{GOOD},5\n".encode(), 1, "amount", ""),
        (b"", None, "empty", ""),
        (f"{HEADER}\n1,C1,2026-01-05\n".encode(), 2, "3 fields", "6"),
        (b"invoice_id,customer_id,invoice_date,currency\n1,C1,2026-01-05,EUR\n", None, "no column amount", ""),
    ],
    ids=["over-long last line", "unterminated quote", "utf-16", "repeated header", "empty", "too few", "no amount"],
)
def test_a_file_that_cannot_be_trusted_stops_its_batch(
    book: SmallBook, content: bytes, line: int | None, found: str, expected: str
) -> None:
    put_bytes(book, content)
    book.load()
    (note,) = book.notes
    assert (note.kind, note.file_name) == ("stopped", "invoices.csv")
    assert found in (note.found or "")
    assert expected in (note.expected or "")
    if line is not None:
        assert note.line == line
    assert book.rows("select count(*) from staging.invoices") == [(0,)], "nothing of the batch is loaded"
    assert book.rows("select kind from raw.file_notes") == [("stopped",)]


def test_a_layout_with_commas_is_refused_for_cells_that_are_numbers(book: SmallBook) -> None:
    """Read with `thousands: "."`, a cell that holds the number 1.234 would become 1234."""
    pl.DataFrame({"id": ["1"], "who": ["C1"], "day": [date(2026, 1, 5)], "net": [1.234]}).write_parquet(
        book.landing / "export.parquet"
    )
    book.sources = book.root / "sources.yml"
    book.sources.write_text(
        'sources: [{name: erp, path: landing, files: [{pattern: "*", feed: invoices, constants: {currency: EUR}, format:'
        ' {decimal: ",", thousands: "."}, columns: {invoice_id: id, customer_id: who, invoice_date: day, amount: net}}]}]'
    )
    book.load()
    assert [(note.kind, note.expected) for note in book.notes] == [
        ("stopped", "no layout of numbers; read text cells with an expression")
    ]


def test_one_untrusted_file_stops_the_whole_batch_of_its_source(book: SmallBook) -> None:
    put_lines(book, GOOD)
    put_bytes(book, b"", "payments.csv")
    book.load()
    assert book.rows("select count(*) from staging.invoices") == [(0,)]
    (book.landing / "payments.csv").unlink()
    book.load()
    assert book.rows("select count(*) from staging.invoices") == [(1,)]


@pytest.mark.parametrize(
    ("line", "column", "rule", "value"),
    [
        ("2,C1,2026-01-05,2026-02-04,EUR,NaN", "amount", "not_a_number", "NaN"),
        ("2,C1,2026-01-05,2026-02-04,EUR,inf", "amount", "not_a_number", "inf"),
        ("2,C1,2026-01-05,2026-02-04,EUR,1E5", "amount", "not_a_number", "1E5"),
        ('2,C1,2026-01-05,2026-02-04,EUR,"1.234,56"', "amount", "not_a_number", "1.234,56"),
        ("2,C1,2026-01-05,2026-02-04,EUR,", "amount", "missing_value", None),
        ("2,C1,2026-01-05,2026-02-04,EUR,1.005", "amount", "too_many_decimals", "1.005"),
        ("2,C1,2026-01-05,2026-02-04,JPY,100.50", "amount", "too_many_decimals", "100.50"),
        ("2,C1,2026-01-05,2026-02-04,EUR,0", "amount", "not_positive", "0"),
        ("2,C1,2026-01-05,2026-02-04,EUR,-5.00", "amount", "not_positive", "-5.00"),
        ("2,C1,2026-01-05,2026-02-04,EUR,123456789012345.00", "amount", "number_too_large", "123456789012345.00"),
        ("2,C1,2026-01-05,2026-02-04,EUX,5.00", "currency", "unknown_currency", "EUX"),
        ("2,C1,2026-01-05,2026-02-04,,5.00", "currency", "missing_value", None),
        ("2,C1,03/04/2026,2026-04-04,EUR,5.00", "invoice_date", "not_a_date", "03/04/2026"),
        ("2,C1,2026-02-30,2026-04-04,EUR,5.00", "invoice_date", "not_a_date", "2026-02-30"),
        ("2,C1,1899-12-31,2026-04-04,EUR,5.00", "invoice_date", "date_out_of_range", "1899-12-31"),
        ("2,C1,2101-01-01,2101-02-01,EUR,5.00", "invoice_date", "date_out_of_range", "2101-01-01"),
        ("2,C1\x07,2026-01-05,2026-02-04,EUR,5.00", "customer_id", "control_characters", "C1\x07"),
        (f"2,{'C' * 300},2026-01-05,2026-02-04,EUR,5.00", "customer_id", "text_too_long", "C" * 300),
        (",C1,2026-01-05,2026-02-04,EUR,5.00", "invoice_id", "missing_value", None),
    ],
)
def test_a_row_that_breaks_its_contract_is_rejected_and_the_rest_goes_on(
    book: SmallBook, line: str, column: str, rule: str, value: str | None
) -> None:
    put_lines(book, GOOD, line)
    book.load()
    rejected = book.rows("select line, column_name, rule, rejected_value from staging.rejected_rows")
    assert rejected == [(3, column, rule, value)]
    assert book.rows("select invoice_id from staging.invoices") == [("1",)]
    totals = "select sum(loaded_rows), sum(rejected_rows), sum(duplicate_rows) from staging.batch_totals"
    assert book.rows(totals) == [(1, 1, 0)]


@pytest.mark.parametrize("due", ["2206-01-01", "2026-01-04", "someday", ""])
def test_a_bad_due_date_never_costs_the_receivable(book: SmallBook, due: str) -> None:
    put_lines(book, f"2,C1,2026-01-05,{due},EUR,5.00")
    book.load()
    book.build("2026-01-31")
    rows = book.rows("select open_amount, days_past_due, due_date, flags from marts.aging_detail")
    flag = {"2206-01-01": "due_date_beyond_terms", "2026-01-04": "due_date_before_invoice"}.get(due, "due_date_missing")
    assert rows == [(Decimal("5.0000"), 26, None, flag)], "aged from the invoice date"


def test_ids_are_text_for_ever(book: SmallBook) -> None:
    ids = ["007", "7", "1E5", "100000", "1661240395903230676", "0x1F", "1.0"]
    put_lines(book, *[f"{found},C1,2026-01-05,2026-02-04,EUR,5.00" for found in ids])
    book.load()
    assert sorted(row[0] for row in book.rows("select invoice_id from staging.invoices")) == sorted(ids)


def test_equal_rows_are_duplicates_and_different_rows_of_one_key_are_all_rejected(book: SmallBook) -> None:
    put_lines(book, GOOD, GOOD, GOOD.replace("1,", "2,", 1), GOOD.replace("1,", "2,", 1).replace("100", "200"))
    book.load()
    assert book.rows("select invoice_id from staging.invoices") == [("1",)]
    rejected = book.rows("select line, column_name, rule from staging.rejected_rows order by line")
    assert rejected == [(line, "invoice_id", "key_seen_twice_with_different_content") for line in (4, 5)]
    totals = book.rows("select loaded_rows, rejected_rows, duplicate_rows, rejected_amount from staging.batch_totals")
    assert totals == [(1, 2, 1, Decimal("300.0000"))]


def test_the_same_id_in_two_entities_is_two_documents(book: SmallBook) -> None:
    put_lines(book, f"A,{GOOD}", f"B,{GOOD}", f",{GOOD}", header=f"entity_id,{HEADER}")
    book.load()
    assert book.rows("select entity_id from staging.invoices order by 1") == [("A",), ("B",), ("main",)]


def test_the_same_file_again_under_any_name_is_a_no_op_that_says_so(book: SmallBook) -> None:
    put_lines(book, GOOD)
    book.load()
    put_lines(book, GOOD, name="invoices_again.csv")
    book.load()
    said = [(note.kind, note.file_name) for note in book.notes]
    assert said == [("already_loaded", "invoices.csv"), ("already_loaded", "invoices_again.csv")]
    assert book.rows("select count(*) from raw.batches") == [(1,)]


def test_a_file_that_no_feed_is_named_after_is_not_left_unread_in_silence(book: SmallBook) -> None:
    put_lines(book, GOOD)
    put_lines(book, GOOD, name="invoces_2.csv")
    book.load()
    assert [(note.kind, note.file_name) for note in book.notes] == [("unmatched", "invoces_2.csv")]


def test_a_payment_and_a_credit_memo_of_one_id_are_noticed(book: SmallBook) -> None:
    from checks.contract_checks import run_check
    from checks.staging import RECONCILIATIONS

    book.put(
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| X | C1 | 2026-01-05 | EUR | 5 |",
        credit_memos="| credit_memo_id | customer_id | credit_date | currency | amount |\n| X | C1 | 2026-01-05 | EUR | 5 |",
    )
    home = book.load()
    check = next(found for found in RECONCILIATIONS if found.name == "payments_and_credit_memos_share_no_id")
    with home.warehouse() as warehouse:
        assert run_check(check, warehouse, {"known_at": home.as_known_at}) == (1, Decimal("5.0000"))


def test_an_orphan_is_kept_and_matched_when_the_other_side_arrives(book: SmallBook) -> None:
    book.put(
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P | C1 | 2026-01-10 | EUR | 100 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A | P | 1 | 2026-01-10 | 100 |",
    )
    book.load("2026-01-11T00:00:00")
    book.build("2026-01-31")
    open_items = "select document_type, document_id, open_amount from ledger.open_items"
    assert book.rows(open_items) == [("payment", "P", Decimal("-100.0000"))]
    put_lines(book, GOOD)
    book.load("2026-01-12T00:00:00")
    book.build("2026-01-31")
    assert book.rows(open_items) == []
    book.build("2026-01-31", known_at="2026-01-11T12:00:00")
    assert book.rows(open_items) == [("payment", "P", Decimal("-100.0000"))]
