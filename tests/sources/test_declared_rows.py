"""What a declaration makes of single rows: deletions, settlements taken back, and no change that is not counted."""

import textwrap

import pytest

from models.raw.declaration import DeclarationError, parse_sources
from tests.small_books import SmallBook

PLAIN = "invoice_id: id, customer_id: who, invoice_date: day, amount: net"


def declare(book: SmallBook, entry: str) -> None:
    declared = textwrap.indent(textwrap.dedent(entry).strip(), " " * 8)
    book.sources = book.root / "sources.yml"
    book.sources.write_text(f"sources:\n  - name: erp\n    path: landing\n    files:\n      - \n{declared}\n")


def test_a_deletion_needs_the_key_and_nothing_else(book: SmallBook) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | _deleted |
        | 1          | C1          | 2026-01-05   | EUR      | 10     | .        |
        | 2          | C1          | 2026-01-05   | EUR      | 20     | FALSE    |
        """
    )
    book.load("2026-01-06T00:00:00")
    book.put(
        invoices_2="""
        | invoice_id | customer_id | invoice_date | currency | amount | _deleted |
        | 1          | .           | .            | .        | .      | TRUE     |
        | .          | .           | .            | .        | .      | TRUE     |
        | 2          | C1          | 2026-01-05   | EUR      | 21     | perhaps  |
        """
    )
    book.load("2026-01-07T00:00:00")
    book.expect("staging.invoices where known_to > '9999-01-01'", "| invoice_id | amount |\n| 2 | 20.00 |")
    book.expect(
        "staging.rejected_rows",
        """
        | line | column_name | rule              | rejected_value |
        | 3    | invoice_id  | missing_value     | .              |
        | 4    | _deleted    | not_true_or_false | perhaps        |
        """,
    )


def test_a_time_of_knowledge_that_cannot_be_read_is_not_replaced_by_another(book: SmallBook) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | recorded_at |
        | 1          | C1          | 2026-01-05   | EUR      | 10     | yesterday   |
        """
    )
    book.load()
    book.expect("staging.rejected_rows", "| column_name | rule | amount |\n| recorded_at | not_a_time | 10.00 |")


def test_a_line_that_is_no_longer_settled_takes_its_payment_back(book: SmallBook) -> None:
    declare(
        book,
        f"""
        pattern: lines*.csv
        feed: invoices
        columns: {{{PLAIN}}}
        constants: {{currency: EUR}}
        settled: {{on: paid}}
        """,
    )
    book.put(lines="| id | who | day | net | paid |\n| 1 | C1 | 2026-01-05 | 10 | 2026-01-20 |")
    book.load("2026-01-21T00:00:00")
    book.expect("staging.payments", "| payment_id | known_to |\n| 1:settled | 9999-12-31 00:00:00 |")
    book.put(lines_2="| id | who | day | net | paid |\n| 1 | C1 | 2026-01-05 | 10 | . |")
    book.load("2026-01-22T00:00:00")
    book.expect("staging.invoices", "| invoice_id | known_to |\n| 1 | 9999-12-31 00:00:00 |")
    book.expect("staging.payments", "| payment_id | known_to |\n| 1:settled | 2026-01-22 00:00:00 |")
    book.expect("staging.applications", "| application_id | known_to |\n| 1:settled | 2026-01-22 00:00:00 |")


def test_a_line_refused_for_its_settlement_is_refused_for_the_amount_of_the_line(book: SmallBook) -> None:
    declare(
        book,
        f"""
        pattern: lines.csv
        feed: invoices
        columns: {{{PLAIN}}}
        constants: {{currency: EUR}}
        settled: {{on: paid, amount: got}}
        """,
    )
    book.put(lines="| id | who | day | net | paid | got |\n| 1 | C1 | 2026-01-05 | 10 | never | 4 |")
    book.load()
    book.expect("staging.rejected_rows", "| column_name | rule | amount |\n| payment_date | not_a_date | 10.00 |")
    book.expect("staging.batch_totals", "| currency | rejected_amount |\n| EUR | 10.00 |")


def test_negative_lines_are_refused_and_their_due_dates_counted_like_others(book: SmallBook) -> None:
    declare(
        book,
        f"""
        pattern: lines.csv
        feed: invoices
        signed: true
        columns: {{{PLAIN}, due_date: due, currency: money}}
        """,
    )
    book.put(
        lines="""
        | id | who | day        | net | due  | money |
        | 1  | C1  | 2026-01-05 | 10  | soon | EUR   |
        | 2  | C1  | 2026-01-05 | -4  | soon | EUR   |
        | 3  | C1  | 2026-01-05 | -5  | .    | EUX   |
        """
    )
    book.load()
    book.expect("staging.declared_changes", "| kind | column_name | row_count |\n| unreadable | due_date | 2 |")
    book.expect("staging.rejected_rows", "| line | rule | amount | currency |\n| 4 | unknown_currency | -5.00 | EUX |")
    book.expect("raw.control_totals", "| currency | total_amount |\n| EUR | 6.00 |\n| EUX | -5.00 |")
    book.expect(
        "staging.batch_totals",
        "| currency | loaded_amount | rejected_amount |\n| EUR | 6.00 | 0.00 |\n| EUX | 0.00 | -5.00 |",
    )


def test_rows_left_out_keep_the_amount_that_was_sent(book: SmallBook) -> None:
    declare(
        book,
        f"""
        pattern: lines.csv
        feed: invoices
        skip: "who = 'TOTAL'"
        round: {{amount: 2}}
        columns: {{{PLAIN}}}
        constants: {{currency: EUR}}
        """,
    )
    book.put(lines="| id | who | day | net |\n| 1 | C1 | 2026-01-05 | 1.005 |\n| . | TOTAL | . | 1.005 |")
    book.load()
    book.expect("staging.declared_changes", "| kind | row_count | amount_change |\n| rounded | 1 | 0.0050 |")
    book.expect("staging.batch_totals", "| loaded_amount | skipped_amount |\n| 1.01 | 1.0050 |")


def test_what_an_expression_makes_is_written_plainly_whatever_the_file_does(book: SmallBook) -> None:
    declare(
        book,
        """
        pattern: lines.csv
        feed: invoices
        signed: true
        format: {delimiter: ";", decimal: ",", dates: "%d.%m.%Y"}
        round: {amount: 2}
        columns:
          invoice_id: id
          customer_id: {sql: "LTRIM(who, '0')"}
          invoice_date: day
          amount: {sql: "CAST(REPLACE(net, ',', '.') AS DECIMAL(18, 3)) * -1"}
        constants: {currency: EUR}
        """,
    )
    (book.landing / "lines.csv").write_text(
        "id;who;day;net\n1;07;05.01.2026;-1,005\n2;7;05.01.2026;2,5\n3;00;05.01.2026;-3\n", encoding="utf-8"
    )
    book.load()
    book.expect("staging.invoices", "| invoice_id | customer_id | amount |\n| 1 | 7 | 1.01 |")
    book.expect("staging.credit_memos", "| credit_memo_id | customer_id | amount |\n| 2 | 7 | 2.50 |")
    book.expect("staging.declared_changes", "| kind | row_count | amount_change |\n| rounded | 1 | 0.0050 |")
    book.expect("staging.rejected_rows", "| column_name | rule |\n| customer_id | missing_value |")


def test_the_date_of_a_credit_is_written_as_the_invoice_date_is(book: SmallBook) -> None:
    declare(
        book,
        f"""
        pattern: lines.csv
        feed: invoices
        signed: true
        format: {{dates: {{default: "%d/%m/%Y", settled_on: "%m/%d/%Y"}}}}
        columns: {{{PLAIN}}}
        constants: {{currency: EUR}}
        settled: {{on: paid}}
        """,
    )
    book.put(
        lines="""
        | id | who | day        | net | paid       |
        | 1  | C1  | 05/01/2026 | 10  | 02/03/2026 |
        | 2  | C1  | 05/01/2026 | -4  | .          |
        """
    )
    book.load()
    book.expect("staging.credit_memos", "| credit_memo_id | credit_date |\n| 2 | 2026-01-05 |")
    book.expect("staging.payments", "| payment_id | payment_date |\n| 1:settled | 2026-02-03 |")


def test_an_expression_may_stand_in_for_what_is_missing_and_is_counted(book: SmallBook) -> None:
    declare(
        book,
        """
        pattern: lines.csv
        feed: applications
        format: {dates: {applied_on: ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S"]}}
        columns: {application_id: id, source_id: source, invoice_id: invoice, applied_on: day, amount: net}
        assume: {applied_on: {sql: copied}}
        """,
    )
    book.put(
        lines="""
        | id | source | invoice | day        | net | copied              |
        | 1  | P1     | 1       | 2026-01-05 | 10  | 2026-01-09 1:02:03  |
        | 2  | P2     | 1       | .          | 10  | 2026-01-09 1:02:03  |
        | 3  | P3     | 1       | .          | 10  | .                   |
        """
    )
    book.load()
    book.expect("staging.applications", "| source_id | applied_on |\n| P1 | 2026-01-05 |\n| P2 | 2026-01-09 |")
    book.expect("staging.declared_changes", "| kind | column_name | row_count |\n| assumed | applied_on | 1 |")
    book.expect("staging.rejected_rows", "| line | column_name | rule |\n| 4 | applied_on | missing_value |")


def test_a_join_cannot_hide_a_column_of_the_file(book: SmallBook) -> None:
    declare(
        book,
        f"""
        pattern: lines.csv
        feed: invoices
        join: [{{pattern: others.csv, on: {{id: id}}, columns: {{net: gross}}}}]
        columns: {{{PLAIN}}}
        constants: {{currency: EUR}}
        """,
    )
    book.put(lines="| id | who | day | net |\n| 1 | C1 | 2026-01-05 | 10 |", others="| id | gross |\n| 1 | 12 |")
    with pytest.raises(ValueError, match=r"others\.csv: the file has a column net already"):
        book.load()


def test_only_a_column_of_the_feed_can_stand_in_by_name() -> None:
    entry = "{pattern: x.csv, feed: invoices, assume: {invoice_date: duedate}}"
    with pytest.raises(DeclarationError, match="no column duedate to stand in"):
        parse_sources(f"sources: [{{name: erp, path: ., files: [{entry}]}}]")
