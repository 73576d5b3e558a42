"""Canaries: names, e-mails and secrets that are planted in a book and its settings, and may not be found where they
must not be: in what a night prints and logs, in alerts and check results, in Dagster's record, and in what is published.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from markupsafe import escape
from typer.testing import CliRunner

from assets.marts import published_contracts
from assets.resources.home import Home
from assets.resources.outbox import Outbox
from checks.suites import suites
from pipelines.channels import FALLBACK, HEARTBEAT, URLS
from pipelines.cli import app
from tests.small_books import SmallBook

CANARY = "Canary"
PERSONAL = "CanaryPerson"
"""What stands in personal columns alone."""
COLLECTOR = "CanaryCollector"
"""What contracts allow in the columns that say whose customers or goals they are."""
REFUSED = "CanaryRefused"
SECRET = "CanarySecret"
ALLOWED = {
    COLLECTOR: {"collector"},
    REFUSED: {"rejected_value"},  # where the column is no personal one: a controller mends the export by it
}
CLOSED_PORT = "127.0.0.1:9"


@dataclass(frozen=True)
class Night:
    """A night of the command line: its home, and all that was printed and logged."""

    home: Home
    said: str

    def texts(self, *parts: str) -> dict[str, str]:
        """Every file of some parts of the home, as text; tables as lines."""
        files = [path for part in parts for path in sorted(self.home.root.glob(part)) if path.is_file()]
        return {path.relative_to(self.home.root).as_posix(): text_of(path) for path in files}


def text_of(path: Path) -> str:
    if path.suffix == ".parquet":
        return pl.read_parquet(path).select(pl.all().cast(pl.Utf8, strict=False)).write_csv()
    return path.read_bytes().decode("utf-8", errors="replace")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A book with canaries in every column that may hold a person, and in every setting that holds a secret."""
    book = SmallBook(tmp_path_factory.mktemp("canaries"))
    book.put(
        customers=f"""
        | customer_id | name             | email               | collector   | account_owner    |
        | C1          | {PERSONAL} Ada   | {PERSONAL}@a.example | {COLLECTOR} | {PERSONAL} Owner |
        | C2          | {PERSONAL} Ben   | {PERSONAL}@b.example | {COLLECTOR} | {PERSONAL} Owner |
        """,
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount         |
        | 1          | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00         |
        | 2          | C2          | 2026-01-07   | 2026-02-06 | EUR      | 50.00          |
        """
        + "\n".join(f"| G{n} | C1 | 2026-01-10 | 2026-02-09 | EUR | 10.00 |" for n in range(40))
        + f"\n| 3 | C2 | 2026-01-07 | 2026-02-06 | EUR | {REFUSED} |",
        payments=f"""
        | payment_id | customer_id | payment_date | currency | amount | reference        |
        | P1         | C1          | 2026-02-01   | EUR      | 100.00 | {PERSONAL} memo  |
        """,
        promises=f"""
        | promise_id | customer_id | made_on    | promised_date | amount | currency | taken_by       |
        | Q1         | C1          | 2026-02-01 | 2026-02-20    | 10.00  | EUR      | {PERSONAL} Eve |
        """,
    )
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    home = book.home()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(URLS, f"json://{SECRET}:{SECRET}@{CLOSED_PORT}/{SECRET} {SECRET}://{SECRET}")
        patch.setenv(FALLBACK, f"json://{CLOSED_PORT}/{SECRET}")
        patch.setenv(HEARTBEAT, f"http://{CLOSED_PORT}/{SECRET}")
        words = ["run", "--home", home.path, "--sources", home.sources, "--as-of", "2026-02-28"]
        result = CliRunner().invoke(app, words)
    logging.getLogger().removeHandler(handler)
    assert result.exit_code == 2, result.output
    assert "no row is rejected" in result.output.replace("_", " ").lower() or "rejected" in result.output
    return Night(home, "\n".join([result.output, *logged]))


def test_the_canaries_are_in_the_evidence(night: Night) -> None:
    """Else nothing that follows would say anything."""
    held = "\n".join(night.texts("raw/files/*").values())
    assert all(canary in held for canary in (PERSONAL, COLLECTOR, REFUSED))


def test_nothing_that_is_printed_or_logged_holds_one(night: Night) -> None:
    assert "published with warnings" in night.said
    assert CANARY not in night.said


def test_no_alert_check_result_or_record_of_a_run_holds_one(night: Night) -> None:
    with night.home.state() as state:
        assert len(Outbox(state.connection).alerts(night.home.now.replace(year=2000))) == 2, (
            "there is something to send"
        )
    texts = night.texts(
        "state.db*", "dagster/**/*", "lock", "publications/latest.json", "publications/*/*/manifest.json"
    )
    assert len(texts) > 8
    assert [name for name, text in texts.items() if CANARY in text] == []


def test_what_is_published_holds_them_only_where_contracts_allow(night: Night) -> None:
    (place,) = night.home.publications.glob("*/*/")
    for promised in published_contracts():
        frame = pl.read_parquet(place / "tables" / f"{promised.table}.parquet")
        for name in frame.columns:
            text = "\n".join(frame[name].cast(pl.Utf8, strict=False).drop_nulls().to_list())
            found = {canary for canary in (PERSONAL, SECRET, *ALLOWED) if canary in text}
            allowed = {canary for canary, columns in ALLOWED.items() if name in columns}
            assert found <= allowed, (promised.table, name, found)
    page = (place / "receivables.html").read_text(encoding="utf-8")
    assert PERSONAL not in page and SECRET not in page


def test_what_lies_under_work_holds_none(night: Night) -> None:
    assert [name for name, text in night.texts("work/**/*").items() if CANARY in text] == []


def test_data_docs_say_what_the_night_found_and_hold_none(night: Night, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["data-docs", "--home", night.home.path, "--out", str(tmp_path / "docs")])
    assert result.exit_code == 0, result.output
    page = (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")
    assert CANARY not in page + result.output
    assert "://" not in page and "@import" not in page and "src=" not in page, "a browser would ask a network for it"
    sentences = [escape(rule.description) for rule in suites()]
    assert [sentence for sentence in sentences if sentence not in page] == []
    with night.home.state() as state:
        failed = [one for one in state.results(state.last_run().execution_id, date(2026, 2, 28)) if not one.passed]
    assert len(failed) > 1 and f"{len(failed)} of " in page
    assert [one.description for one in failed if str(escape(one.description)) not in page] == []


def test_data_docs_of_a_home_in_which_nothing_was_run_are_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["data-docs", "--home", str(tmp_path / "home")])
    assert result.exit_code == 1
    assert "nothing was run" in str(result.exception)
    assert not (tmp_path / "home").exists()
