"""Two times: a later batch never overwrites, and what a batch leaves out is deleted only where it is the whole feed."""

import textwrap
from pathlib import Path

import pytest

from assets.staging import BatchRefused
from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | currency | amount |
| 1          | C1          | 2026-01-05   | EUR      | 100.00 |
| 2          | C1          | 2026-01-06   | EUR      | 200.00 |
"""
VERSIONS = "staging.invoices"


def declare(book: SmallBook, text: str) -> None:
    book.sources = book.root / "sources.yml"
    book.sources.write_text(textwrap.dedent(text), encoding="utf-8")


def snapshot(book: SmallBook) -> None:
    declare(book, "sources:\n  - {name: erp, path: landing, mode: snapshot}\n")


def test_a_changed_row_ends_the_older_version(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    book.load("2026-01-10T00:00:00")
    book.put(invoices_2=INVOICES.replace("200.00", "250.00"))
    book.load("2026-01-20T00:00:00")
    book.expect(
        VERSIONS,
        """
        | invoice_id | amount | known_from          | known_to            |
        | 1          | 100.00 | 2026-01-10 00:00:00 | 9999-12-31 00:00:00 |
        | 2          | 200.00 | 2026-01-10 00:00:00 | 2026-01-20 00:00:00 |
        | 2          | 250.00 | 2026-01-20 00:00:00 | 9999-12-31 00:00:00 |
        """,
    )
    book.build("2026-01-31", known_at="2026-01-15T00:00:00")
    book.expect("ledger.open_items", "| document_id | open_amount |\n| 1 | 100.00 |\n| 2 | 200.00 |")
    book.build("2026-01-31")
    book.expect("ledger.open_items", "| document_id | open_amount |\n| 1 | 100.00 |\n| 2 | 250.00 |")


def test_an_increment_deletes_only_what_it_says(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    book.load("2026-01-10T00:00:00")
    book.put(
        invoices_2="""
        | invoice_id | customer_id | invoice_date | currency | amount | _deleted |
        | 2          | C1          | 2026-01-06   | EUR      | 200.00 | true     |
        """
    )
    book.load("2026-01-20T00:00:00")
    book.expect(
        VERSIONS,
        """
        | invoice_id | known_to            |
        | 1          | 9999-12-31 00:00:00 |
        | 2          | 2026-01-20 00:00:00 |
        """,
    )


def test_a_snapshot_deletes_what_it_leaves_out(book: SmallBook) -> None:
    snapshot(book)
    book.put(invoices=INVOICES)
    book.load("2026-01-10T00:00:00")
    book.put(invoices="\n".join(INVOICES.splitlines()[:3]))
    book.load("2026-01-20T00:00:00")
    book.expect(
        VERSIONS,
        """
        | invoice_id | known_to            |
        | 1          | 9999-12-31 00:00:00 |
        | 2          | 2026-01-20 00:00:00 |
        """,
    )


def test_a_snapshot_does_not_delete_a_row_that_it_sent_but_broke(book: SmallBook) -> None:
    snapshot(book)
    book.put(invoices=INVOICES)
    book.load("2026-01-10T00:00:00")
    book.put(invoices=INVOICES.replace("200.00", "NaN"))
    book.load("2026-01-20T00:00:00")
    book.expect(
        VERSIONS,
        "| invoice_id | amount | known_to |\n| 1 | 100.00 | 9999-12-31 00:00:00 |\n"
        "| 2 | 200.00 | 9999-12-31 00:00:00 |",
    )
    book.expect("staging.rejected_rows", "| line | rule |\n| 3 | not_a_number |")


def test_a_changed_declaration_supersedes_its_earlier_reading(book: SmallBook) -> None:
    declare(
        book,
        """
        sources:
          - name: erp
            path: landing
            files:
              - {pattern: "*.csv", feed: invoices, constants: {currency: EUR},
                 columns: {invoice_id: id, customer_id: who, invoice_date: day, amount: net}}
        """,
    )
    (book.landing / "export.csv").write_text("id,who,day,net,gross\n1,C1,2026-01-05,100,119\n2,C1,2026-01-05,NaN,238\n")
    book.load("2026-01-10T00:00:00")
    assert book.sources is not None
    book.sources.write_text(book.sources.read_text().replace("amount: net", "amount: gross"))
    book.load("2026-01-20T00:00:00")
    book.expect(
        VERSIONS,
        """
        | invoice_id | amount | known_from          | known_to            |
        | 1          | 100.00 | 2026-01-10 00:00:00 | 2026-01-20 00:00:00 |
        | 1          | 119.00 | 2026-01-20 00:00:00 | 9999-12-31 00:00:00 |
        | 2          | 238.00 | 2026-01-20 00:00:00 | 9999-12-31 00:00:00 |
        """,
    )
    book.expect("raw.files", "| file_number | superseded_by |\n| 1 | 2 |\n| 2 | . |")
    book.build("2026-01-31")
    book.expect("marts.rejected_rows", "| line |")
    book.build("2026-01-31", known_at="2026-01-15T00:00:00")
    book.expect("marts.rejected_rows", "| line | rule |\n| 3 | not_a_number |")


def test_recorded_at_counts_only_in_the_first_batch_of_a_feed(book: SmallBook) -> None:
    rows = """
    | invoice_id | customer_id | invoice_date | currency | amount | recorded_at         |
    | 1          | C1          | 2026-01-05   | EUR      | 100.00 | 2026-01-05T10:00:00 |
    | 2          | C1          | 2026-01-06   | EUR      | 200.00 | 2027-01-01T00:00:00 |
    """
    book.put(invoices=rows)
    book.load("2026-01-10T00:00:00")
    book.put(invoices_2=rows.replace("| 1 ", "| 3 ").replace("| 2 ", "| 4 "))
    book.load("2026-01-20T00:00:00")
    book.expect(
        VERSIONS,
        """
        | invoice_id | known_from          |
        | 1          | 2026-01-05 10:00:00 |
        | 2          | 2026-01-10 00:00:00 |
        | 3          | 2026-01-20 00:00:00 |
        | 4          | 2026-01-20 00:00:00 |
        """,
    )


def test_a_clock_that_goes_back_does_not_reorder_batches(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    book.load("2026-01-10T00:00:00")
    book.put(invoices_2=INVOICES.replace("200.00", "250.00"))
    book.load("2025-12-31T00:00:00")
    book.expect(
        "raw.batches",
        "| batch_number | recorded_at |\n| 1 | 2026-01-10 00:00:00 |\n| 2 | 2026-01-10 00:00:00.000001 |",
    )


def test_a_lost_working_file_is_rebuilt_from_raw_with_the_same_versions(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    book.load("2026-01-10T00:00:00")
    book.put(invoices_2=INVOICES.replace("200.00", "250.00"))
    home = book.load("2026-01-20T00:00:00")
    before = sorted(book.rows(f"select * from {VERSIONS}"))
    Path(home.warehouse_file).unlink()
    book.load("2026-01-21T00:00:00")
    assert sorted(book.rows(f"select * from {VERSIONS}")) == before


TWO_FILES = """
sources:
  - name: erp
    path: landing
    files:
      - {pattern: open.csv, feed: invoices, mode: snapshot, constants: {currency: EUR},
         columns: {invoice_id: id, customer_id: who, invoice_date: day, amount: net}}
      - {pattern: cleared.csv, feed: invoices, mode: snapshot, constants: {currency: EUR}, settled: {on: paid},
         columns: {invoice_id: id, customer_id: who, invoice_date: day, amount: net}}
"""


def send(book: SmallBook, name: str, *lines: str) -> None:
    (book.landing / f"{name}.csv").write_text("\n".join(["id,who,day,net,paid", *lines]) + "\n", encoding="utf-8")


def test_a_document_that_moves_to_the_cleared_file_stays(book: SmallBook) -> None:
    """The open file is sent again without it: it is not deleted, since the cleared file has it."""
    declare(book, TWO_FILES)
    send(book, "open", "1,C1,2026-01-05,100,", "2,C1,2026-01-06,200,")
    send(book, "cleared")
    book.load("2026-01-10T00:00:00")
    send(book, "open", "2,C1,2026-01-06,200,")
    send(book, "cleared", "1,C1,2026-01-05,100,2026-01-11")
    book.load("2026-01-12T00:00:00")
    send(book, "open", "2,C1,2026-01-06,200,", "3,C1,2026-01-12,300,")
    book.load("2026-01-13T00:00:00")
    book.build("2026-01-31")
    book.expect("ledger.open_items", "| document_id | open_amount |\n| 2 | 200.00 |\n| 3 | 300.00 |")


def test_reading_one_entry_anew_does_not_supersede_the_other(book: SmallBook) -> None:
    """One file feeds two feeds; only one of them joins a file that changed."""
    declare(
        book,
        """
        sources:
          - name: erp
            path: landing
            files:
              - {pattern: export.csv, feed: payments, constants: {currency: EUR},
                 columns: {payment_id: id, customer_id: who, payment_date: day, amount: net}}
              - {pattern: export.csv, feed: applications,
                 join: [{pattern: heads.csv, on: {id: id}, columns: {bill: bill}}],
                 columns: {application_id: id, source_id: id, invoice_id: bill, applied_on: day, amount: net}}
        """,
    )
    (book.landing / "export.csv").write_text("id,who,day,net\nP1,C1,2026-01-05,100\n")
    (book.landing / "heads.csv").write_text("id,bill\nP1,I1\n")
    book.load("2026-01-10T00:00:00")
    (book.landing / "heads.csv").write_text("id,bill\nP1,I2\n")
    book.load("2026-01-20T00:00:00")
    book.expect("staging.payments", "| payment_id | known_to |\n| P1 | 9999-12-31 00:00:00 |")
    book.expect(
        "staging.applications",
        "| invoice_id | known_to |\n| I1 | 2026-01-20 00:00:00 |\n| I2 | 9999-12-31 00:00:00 |",
    )


def test_a_declaration_that_does_not_fit_is_refused_and_can_be_mended(book: SmallBook) -> None:
    wrong = """
    sources:
      - name: erp
        path: landing
        files:
          - {pattern: export.csv, feed: invoices, constants: {currency: EUR}, where: "nett > '0'",
             columns: {invoice_id: id, customer_id: who, invoice_date: day, amount: net}}
    """
    declare(book, wrong)
    (book.landing / "export.csv").write_text("id,who,day,net\n1,C1,2026-01-05,100\n")
    with pytest.raises(BatchRefused, match=r"source erp cannot be read as it is declared: .*nett"):
        book.load()
    declare(book, wrong.replace("nett", "net"))
    book.load()
    book.expect(VERSIONS, "| invoice_id |\n| 1 |")
    book.expect("raw.batches", "| batch_number |\n| 1 |")


def test_a_conflict_in_a_settlement_is_counted_with_the_lines_own_amount(book: SmallBook) -> None:
    declare(book, TWO_FILES.replace("settled: {on: paid}", "settled: {on: paid, amount: net}"))
    send(book, "open")
    send(book, "cleared", "1,C1,2026-01-05,100,2026-01-11", "1,C1,2026-01-05,100,2026-01-12", "2,C1,2026-01-05,7,")
    book.load()
    book.expect(
        "staging.batch_totals",
        "| loaded_rows | rejected_rows | loaded_amount | rejected_amount |\n| 1 | 2 | 7.00 | 200.00 |",
    )
    book.expect("staging.rejected_rows", "| line | feed |\n| 2 | invoices |\n| 3 | invoices |")
