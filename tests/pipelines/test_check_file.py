"""A file checked before it is sent: what is said of it is what a night would do, and no home is touched."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from models.contract import sql
from models.raw.declaration import DeclarationError
from pipelines.check_file import Checked, check
from pipelines.cli import app
from tests.small_books import SmallBook, write_feed

MIXED = """
    | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
    | 1          | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
    | 1          | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
    | 2          | C1          | 2026-01-05   | 2026-02-04 | EUR      | NaN    |
    | 3          | C1          | 2026-01-05   | 2026-02-04 | JPY      | 5.50   |
    | 4          | C1          | 2026-01-05   | soon       | EUR      | 70.00  |
"""
CLEAN = """
    | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
    | 1          | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
"""


def words_of(found: Checked) -> str:
    shown = StringIO()
    console = Console(width=200, markup=False, highlight=False, file=shown)
    for part in found.parts:
        console.print(part, soft_wrap=True)
    return shown.getvalue()


def cells(text: str, first: str) -> list[str]:
    """The cells of the printed line that begins with a word."""
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [first])


def test_what_is_said_of_a_file_is_what_a_night_does(book: SmallBook) -> None:
    path = write_feed(book.landing, "invoices", MIXED)
    found = check(path, "invoices", None, book.home(), 20)
    said = words_of(found)
    assert found.exit == 3, "two of five rows are more than the policy allows"
    book.load()
    known = {"known_at": book.home().as_known_at}
    with book.home().warehouse(read_only=True) as warehouse:
        refused = warehouse.rows(f"select line, column_name, rejected_value from ({sql('marts.rejected_rows')})", known)
        totals = warehouse.rows("select currency, loaded_rows, rejected_rows, duplicate_rows from staging.batch_totals")
    assert sorted(refused) == [(4, "amount", "NaN"), (5, "amount", "5.50")]
    for line, column, value in refused:
        assert cells(said, str(line))[:2] == [str(line), column]
        assert value in cells(said, str(line))
    for currency, loaded, rejected, duplicates in totals:
        row = cells(said, currency)
        assert [row[1], row[3], row[5]] == [str(loaded), str(rejected), str(duplicates)]
    assert "unreadable due_date, 1 rows" in said
    assert "No batch has more of its rows" in said
    assert said.rstrip().endswith("blocked: with this file, nothing would be published")


def test_a_clean_file_is_loaded_and_a_lenient_policy_lets_rejected_rows_warn(book: SmallBook) -> None:
    clean = check(write_feed(book.landing, "invoices_1", CLEAN), "invoices", None, book.home(), 20)
    assert (clean.exit, words_of(clean).splitlines()[-1]) == (0, "ok: every row would be loaded")
    book.policy = "landing: {most_rejected_rows: 0.9, most_rejected_amount: 0.9}\n"
    mixed = check(write_feed(book.landing, "invoices_2", MIXED), "invoices", None, book.home(), 1)
    assert mixed.exit == 2
    assert "1 more rejected rows" in words_of(mixed)


def test_a_file_that_would_be_stopped_says_where_and_why(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text("payment_id,customer_id,payment_date,currency,amount\nP1,C1,2026-01-05,EUR,1,00\n")
    said = CliRunner().invoke(app, ["check-file", str(path), "--feed", "payments"])
    assert said.exit_code == 3
    assert "stopped    payments.csv, line 2\nfound      6 fields\nexpected   5\n" in said.stdout
    assert sorted(tmp_path.iterdir()) == [path], "nothing is written beside it"


def test_a_file_is_read_as_its_sources_declare(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    path = tmp_path / "exports" / "rechnungen_1.csv"
    path.write_text("Beleg;Kunde;Datum;Faellig;Betrag\n1;C1;05.01.2026;04.02.2026;1.234,50\n")
    sources = tmp_path / "sources.yml"
    sources.write_text(
        """
sources:
  - name: erp
    path: exports
    files:
      - pattern: rechnungen_*.csv
        format: {delimiter: ";", decimal: ",", thousands: ".", dates: "%d.%m.%Y"}
        feed: invoices
        columns: {invoice_id: Beleg, customer_id: Kunde, invoice_date: Datum, due_date: Faellig, amount: Betrag}
        constants: {currency: EUR}
"""
    )
    home = SmallBook(tmp_path).home()
    found = check(path, "invoices", sources, home, 20)
    assert found.exit == 0
    assert cells(words_of(found), "EUR")[1:3] == ["1", "1,234.50"]
    with pytest.raises(DeclarationError, match=r"no entry of sources.yml for payments would read rechnungen_1.csv"):
        check(path, "payments", sources, home, 20)


def test_what_others_wrote_cannot_steer_the_terminal_and_personal_values_are_not_shown(tmp_path: Path) -> None:
    invoices, customers = tmp_path / "invoices.csv", tmp_path / "customers.csv"
    invoices.write_text("invoice_id,customer_id,invoice_date,currency,amount\n1,\x1b[31mC1,2026-01-05,EUR,5.00\n")
    customers.write_text("customer_id,email\nC1,ada\x07@example.com\n")
    home = SmallBook(tmp_path).home()
    said = words_of(check(invoices, "invoices", None, home, 20))
    assert "\\x1b[31mC1" in said and "\x1b" not in said
    said = words_of(check(customers, "customers", None, home, 20))
    assert "control characters" in said and "ada" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check-file", "/nowhere.csv", "--feed", "invoices"], "there is no file at /nowhere.csv"),
        (["check-file", "/nowhere.csv"], "Missing option '--feed'"),
    ],
)
def test_a_mistake_in_use_says_what(words: list[str], said: str) -> None:
    assert said in CliRunner().invoke(app, words).stderr


def test_a_feed_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="no feed is called bills; feeds are allowance_openings"):
        check(tmp_path / "bills.csv", "bills", None, SmallBook(tmp_path).home(), 20)
