"""Every notebook runs from a fresh publication, and leaves what it says it leaves."""

import os
import runpy
from pathlib import Path

import pytest

from pipelines.outcome import Outcome
from tests.small_books import SmallBook

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.py"))
LEFT = {"first_look": "ageing.html", "forecast_backtest": "forecast_backtest.html"}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallBook, Outcome]:
    """A book and its publication."""
    book = SmallBook(tmp_path_factory.mktemp("published"))
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 100.00 |
        """
    )
    return book, book.run("2026-02-28")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_a_publication(
    notebook: Path,
    night: tuple[SmallBook, Outcome],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    book, outcome = night
    monkeypatch.setitem(os.environ, "RECEIVABLES_HOME", str(book.root / "home"))
    monkeypatch.setitem(os.environ, "RECEIVABLES_NOTEBOOK_OUTPUT", str(book.root))
    runpy.run_path(str(notebook))
    assert outcome.run_id in capsys.readouterr().out
    assert (book.root / LEFT[notebook.stem]).stat().st_size > 10_000
