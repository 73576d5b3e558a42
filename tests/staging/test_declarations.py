"""Somebody else's export, read by declaration alone: each kind of file that a common ERP writes."""

import textwrap

import pytest

from models.raw.declaration import DeclarationError, parse_sources
from tests.small_books import SmallBook


def read(book: SmallBook, export: str, entry: str, **others: str) -> None:
    """Load `export` as the file export.csv under one declared entry."""
    (book.landing / "export.csv").write_text(textwrap.dedent(export).lstrip(), encoding="utf-8")
    for name, content in others.items():
        (book.landing / f"{name}.csv").write_text(textwrap.dedent(content).lstrip(), encoding="utf-8")
    declared = textwrap.indent(textwrap.dedent(entry).strip(), " " * 8)
    book.sources = book.root / "sources.yml"
    book.sources.write_text(f"sources:\n  - name: erp\n    path: landing\n    files:\n      - \n{declared}\n")
    book.load()
    assert not book.notes, book.notes


def test_decimal_comma_thousands_and_accounting_negatives(book: SmallBook) -> None:
    read(
        book,
        """
        id;who;day;net
        1;C1;05.01.2026;1.234,56
        2;C1;06.01.2026;(1.234,56)
        3;C1;07.01.2026;12,50-
        4;C1;08.01.2026;12.50
        """,
        """
        pattern: export.csv
        feed: invoices
        signed: true
        format: {delimiter: ";", decimal: ",", thousands: ".", dates: "%d.%m.%Y"}
        columns: {invoice_id: id, customer_id: who, invoice_date: day, amount: net}
        constants: {currency: EUR}
        """,
    )
    book.expect("staging.invoices", "| invoice_id | amount |\n| 1 | 1234.56 |")
    book.expect(
        "staging.credit_memos",
        "| credit_memo_id | credit_date | amount |\n| 2 | 2026-01-06 | 1234.56 |\n| 3 | 2026-01-07 | 12.50 |",
    )
    book.expect("staging.rejected_rows", "| line | rule | rejected_value |\n| 5 | not_a_number | 12.50 |")
    book.expect("staging.batch_totals", "| loaded_rows | rejected_rows | loaded_amount |\n| 3 | 1 | -12.50 |")
    book.expect("raw.control_totals", "| currency | total_amount |\n| EUR | -12.50 |")


def test_several_date_layouts_in_one_file_and_floats_as_dates(book: SmallBook) -> None:
    read(
        book,
        """
        id,who,day,due,net
        1,C1,20260105.0,4/2/2026,10
        2,C1,05-01-2026,2026-02-04,20
        """,
        """
        pattern: export.csv
        feed: invoices
        format: {dates: {invoice_date: ["%Y%m%d.0", "%d-%m-%Y"], due_date: ["%d/%m/%Y", "%Y-%m-%d"]}}
        columns: {invoice_id: id, customer_id: who, invoice_date: day, due_date: due, amount: net}
        constants: {currency: EUR}
        """,
    )
    book.expect(
        "staging.invoices",
        """
        | invoice_id | invoice_date | due_date   |
        | 1          | 2026-01-05   | 2026-02-04 |
        | 2          | 2026-01-05   | 2026-02-04 |
        """,
    )


def test_a_one_line_extract_with_a_settled_amount(book: SmallBook) -> None:
    read(
        book,
        """
        who,day,net,paid_on,paid
        C1,2026-01-05,10,2026-01-20,10
        C1,2026-01-05,10,,
        C1,2026-01-05,30,2026-01-21,25
        C1,2026-01-06,40,never,40
        """,
        """
        pattern: export.csv
        feed: invoices
        mode: snapshot
        columns: {customer_id: who, invoice_date: day, amount: net}
        constants: {currency: EUR}
        key: [who, day, net, _nth]
        settled: {on: paid_on, amount: paid}
        """,
    )
    ids = sorted(row[0] for row in book.rows("select invoice_id from staging.invoices"))
    assert ids == ["C1|2026-01-05|10|1", "C1|2026-01-05|10|2", "C1|2026-01-05|30|1"]
    payments = sorted(book.rows("select payment_id, cast(amount as text) from staging.payments"))
    assert payments == [("C1|2026-01-05|10|1:settled", "10.0000"), ("C1|2026-01-05|30|1:settled", "25.0000")]
    book.expect(
        "staging.rejected_rows", "| line | feed | column_name | rule |\n| 5 | invoices | payment_date | not_a_date |"
    )
    book.build("2026-01-31")
    amounts = sorted(row[0] for row in book.rows("select cast(open_amount as text) from ledger.open_items"))
    assert amounts == ["10.0000", "5.0000"]


def test_assumed_and_rounded_values_are_counted(book: SmallBook) -> None:
    read(
        book,
        """
        id,who,day,due,net
        1,C1,,2026-02-04,10.005
        2,C1,2026-01-06,2026-02-05,20.0149999
        3,C1,2026-01-06,,30.10
        """,
        """
        pattern: export.csv
        feed: invoices
        columns: {invoice_id: id, customer_id: who, invoice_date: day, due_date: due, amount: net}
        constants: {currency: EUR}
        assume: {invoice_date: due_date}
        round: {amount: 2}
        """,
    )
    book.expect(
        "staging.invoices",
        """
        | invoice_id | invoice_date | amount |
        | 1          | 2026-02-04   | 10.01  |
        | 2          | 2026-01-06   | 20.01  |
        | 3          | 2026-01-06   | 30.10  |
        """,
    )
    book.expect(
        "staging.declared_changes",
        """
        | kind    | column_name  | row_count | amount_change |
        | assumed | invoice_date | 1         | 0.00          |
        | rounded | amount       | 2         | 0.00          |
        """,
    )


def test_a_join_brings_columns_of_another_file_and_rows_left_out_are_counted(book: SmallBook) -> None:
    read(
        book,
        """
        payment,invoice,net,kind
        P1,1,10,line
        P2,1,5,line
        P2,,15,TOTAL
        P3,2,7,draft
        """,
        """
        pattern: export.csv
        feed: applications
        join: [{pattern: heads.csv, on: {payment: id}, columns: {paid_on: day}}]
        where: "kind <> 'draft'"
        skip: "kind = 'TOTAL'"
        columns:
          application_id: {sql: "payment || '/' || invoice"}
          source_id: payment
          invoice_id: invoice
          applied_on: paid_on
          amount: net
        """,
        heads="""
        id,day
        P1,2026-01-10
        P2,2026-01-11
        """,
    )
    book.expect(
        "staging.applications",
        """
        | application_id | source_id | applied_on | amount |
        | P1/1           | P1        | 2026-01-10 | 10.00  |
        | P2/1           | P2        | 2026-01-11 | 5.00   |
        """,
    )
    book.expect(
        "staging.batch_totals", "| loaded_rows | rejected_rows | skipped_rows | skipped_amount |\n| 2 | 0 | 2 | 22.00 |"
    )


def test_a_control_figure_that_does_not_match_stops_the_file(book: SmallBook) -> None:
    (book.landing / "export.csv").write_text("id,who,day,net\n1,C1,2026-01-05,10\n", encoding="utf-8")
    book.sources = book.root / "sources.yml"
    book.sources.write_text(
        "sources: [{name: erp, path: landing, files: [{pattern: export.csv, feed: invoices, expect: {rows: 2},"
        " columns: {invoice_id: id, customer_id: who, invoice_date: day, amount: net}, constants: {currency: EUR}}]}]"
    )
    book.load()
    assert [(note.found, note.expected) for note in book.notes] == [("1 rows", "2 rows, as declared")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: [{name: a, path: ., files: [{pattern: x, feed: invoice}]}]", "no feed is called invoice"),
        ("sources: [{name: a, path: ., files: [{pattern: x, feed: invoices, column: {}}]}]", "column"),
        ("sources: [{name: a, path: ., files: [{pattern: x, feed: invoices, columns: {net: y}}]}]", "no column net"),
        ("sources: [{name: a, path: ., files: [{pattern: x, feed: invoices, key: [a, _nth]}]}]", "mode: snapshot"),
        ("sources: [{name: a, path: .}, {name: a, path: b}]", "must differ"),
        ("sources: [{name: a, name: b, path: .}]", "written twice"),
        ("- a", "mapping"),
    ],
)
def test_a_declaration_that_is_wrong_says_where(text: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        parse_sources(text)


def test_a_declaration_that_is_not_yaml_says_where_and_what_to_do() -> None:
    with pytest.raises(DeclarationError, match=r"not YAML, line [23]: expected .* stands in quotes"):
        parse_sources("sources:\n  - {name: Payment #, path: .}\n")


def test_on_is_a_word_and_not_true() -> None:
    text = "sources: [{name: a, path: ., mode: snapshot, files: [{pattern: x, feed: invoices, settled: {on: paid}}]}]"
    (source,) = parse_sources(text).sources
    settled = source.files[0].settled
    assert settled is not None
    assert settled.on == "paid"
