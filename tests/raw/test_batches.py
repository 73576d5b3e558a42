"""Raw batches: the evidence of what was sent, whatever its format, and a name for it that only depends on what it is."""

import hashlib
import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from assets import batches
from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
| 007        | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00  |
| 1E5        | C1          | 2026-01-20   | .          | EUR      | 1250.50 |
| 3          | C2          | 2026-02-10   | 2026-03-12 | JPY      | 80      |
"""


def manifest_of(book: SmallBook) -> tuple[Path, dict]:
    (path,) = (book.home().raw / "batches").glob("*/manifest.json")
    return path.parent, json.loads(path.read_text(encoding="utf-8"))


def test_a_batch_keeps_bytes_text_declaration_and_control_totals(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    sent = (book.landing / "invoices.csv").read_bytes()
    home = book.load("2026-03-01T08:00:00")
    folder, manifest = manifest_of(book)
    (file,) = manifest["files"]
    assert manifest["recorded_at"] == "2026-03-01T08:00:00"
    assert file["file_sha256"] == hashlib.sha256(sent).hexdigest()
    assert (home.raw / "files" / f"{file['file_sha256']}.csv").read_bytes() == sent
    assert (file["row_count"], file["control_totals"]) == (3, {"EUR": "1350.5000", "JPY": "80.0000"})
    text = pl.read_parquet(folder / file["text"])
    assert text["_line"].to_list() == [2, 3, 4]
    assert text["invoice_id"].to_list() == ["007", "1E5", "3"]
    assert set(text.drop("_line").dtypes) == {pl.String}
    book.expect(
        "raw.files",
        "| file_number | file_name | feed | mode | row_count |\n| 1 | invoices.csv | invoices | increment | 3 |",
    )
    book.expect("raw.batches", "| batch_number | source_name | file_count | row_count |\n| 1 | landing | 1 | 3 |")


def test_a_batch_is_named_by_what_it_is_and_not_by_its_files_names(tmp_path: Path) -> None:
    names = []
    for number, file_name in enumerate(("invoices.csv", "invoices_2026-03-01.csv")):
        book = SmallBook(tmp_path / str(number))
        book.put(invoices=INVOICES)
        (book.landing / "invoices.csv").rename(book.landing / file_name)
        book.load()
        names.append(manifest_of(book)[1]["batch_id"])
    assert names[0] == names[1]


def test_csv_parquet_and_excel_land_the_same_facts(tmp_path: Path) -> None:
    facts = {}
    for suffix in ("csv", "parquet", "xlsx"):
        book = SmallBook(tmp_path / suffix)
        book.put(invoices=INVOICES)
        path = book.landing / "invoices.csv"
        rows = pl.read_csv(path, infer_schema=False).with_columns(
            pl.col("invoice_date", "due_date").str.to_date(), pl.col("amount").cast(pl.Decimal(18, 2))
        )
        if suffix == "parquet":
            rows.write_parquet(path.with_suffix(".parquet"))
        elif suffix == "xlsx":
            rows.with_columns(pl.col("amount").cast(pl.Float64)).write_excel(path.with_suffix(".xlsx"))
        if suffix != "csv":
            path.unlink()
        book.load()
        assert not book.notes
        facts[suffix] = sorted(
            book.rows(
                "select invoice_id, invoice_date, coalesce(cast(due_date as text), ''), currency, amount from staging.invoices"
            )
        )
    assert len(facts["csv"]) == 3
    assert facts["parquet"] == facts["csv"]
    assert facts["xlsx"] == facts["csv"]


def test_a_file_that_changes_while_it_is_read_stops_its_batch(book: SmallBook, monkeypatch: pytest.MonkeyPatch) -> None:
    book.put(invoices=INVOICES)

    def copy_of_a_growing_file(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes() + b"4,C9,2026-01-01,,EUR,5\n")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", copy_of_a_growing_file)
        book.load()
    assert [(note.kind, note.found) for note in book.notes] == [("stopped", "a file that changed while it was read")]
    assert not list((book.home().raw / "files").iterdir())
    book.load()
    assert not book.notes


def test_a_stopped_batch_leaves_nothing_behind(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    (book.landing / "payments.csv").write_bytes(b"payment_id\n1,2\n")
    home = book.load()
    assert not list(home.raw.glob("batches/*"))
    assert not list(home.work.glob("batch-*"))
    assert batches.read_manifests(home.raw) == []


def test_what_each_file_adds_up_to_is_a_table(book: SmallBook) -> None:
    book.put(invoices=INVOICES)
    book.load()
    book.expect(
        "raw.control_totals", "| file_number | currency | total_amount |\n| 1 | EUR | 1350.50 |\n| 1 | JPY | 80.00 |"
    )
    book.expect("raw.file_notes", "| source_name |")
