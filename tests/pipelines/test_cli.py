"""The command line as a user types it: exit codes, words, and how soon `--help` answers."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.outcome import Exit
from tests.small_books import SmallBook
from tests.typed import typed

RECEIVABLES = [sys.executable, "-m", "pipelines.cli"]
ROOT = Path(__file__).resolve().parents[2]

INVOICES = "invoice_id,customer_id,invoice_date,due_date,currency,amount\n"


def call(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RECEIVABLES")}
    return subprocess.run(
        [*RECEIVABLES, *words], capture_output=True, text=True, cwd=ROOT, env={**clean, **environment}, check=False
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    home = tmp_path_factory.mktemp("demo") / "home"
    return home, call("demo", "--home", str(home), "--invoices", "400")


def test_help_answers_without_loading_what_works(tmp_path: Path) -> None:
    slow = "{'dagster', 'duckdb', 'polars', 'pyarrow', 'numpy', 'great_expectations', 'pydantic', 'yaml'}"
    said = subprocess.run(
        [sys.executable, "-c", f"import sys, pipelines.cli; print({slow} & set(sys.modules))"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert said.stdout.strip() == "set()"
    times = []
    for _ in range(3):
        began = time.perf_counter()
        assert call("--help").returncode == 0
        times.append(time.perf_counter() - began)
    bare = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import rich.console"], check=True)
    bare = time.perf_counter() - bare
    assert min(times) < max(0.5, 6 * bare), "half a second, or a few times a bare interpreter on a busy machine"


def test_the_demo_ends_with_its_report(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, said = demo
    assert said.returncode == 2, said.stdout + said.stderr
    published, last = said.stdout.strip().splitlines()[-2:]
    assert published.startswith("published with warnings: ")
    place = Path(published.removeprefix("published with warnings: "))
    assert Path(last.removeprefix("report: ")) == place / "receivables.html"
    assert (place / "receivables.html").is_file() and (place / "receivables.xlsx").is_file()
    assert place.is_relative_to(home)
    assert (place / "tables" / "aging.parquet").is_file()
    assert (home / "book" / "truth" / "payers.parquet").is_file()
    assert "open items by days past due" in said.stdout


def test_a_home_holds_one_demo(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The same again is the same publication, as any run's is (tests/close)."""
    other = typed("demo", "--home", str(demo[0]), "--invoices", "500")
    assert other.code == 1
    assert "holds another demo" in other.error


def test_status_says_what_was_published(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = demo
    said = typed("status", "--home", str(home))
    assert said.code == 2
    assert said.out.startswith("published  ")
    assert "status     passed with warnings" in said.out
    assert typed("status", "--home", str(home / "nowhere")).code == 1


def test_explain_names_file_and_line_of_every_fact_and_each_instalment(tmp_path: Path) -> None:
    book = SmallBook(tmp_path)
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | 007        | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
        | 008        | C1          | 2026-01-05   |            | EUR      | 100.00 |
        """,
        instalments="""
        | invoice_id | instalment | due_date   | amount |
        | 008        | first      | 2026-01-31 | 40.00  |
        | 008        | second     | 2026-03-31 | 60.00  |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount |
        | P1         | C1          | 2026-02-10   | EUR      | 60.00  |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | 007        | 2026-02-10 | 60.00  |
        """,
    )
    ran = book.run("2026-02-28")
    assert ran.exit is Exit.PUBLISHED_WITH_WARNINGS, ran.error  # too thin to forecast
    home = str(book.root / "home")
    said = typed("explain", "007", "--home", home).out
    assert "invoice 007 of entity main, as of 2026-02-28" in said
    assert "open 40.00; aged from 2026-02-04: 24 days past due, bucket 1-30" in said
    for fact in ("invoices.csv", "applications.csv", "payment P1", "2026-02-10", "-60.00"):
        assert fact in said
    earlier = typed("explain", "007", "--home", home, "--as-of", "2026-02-09").out
    assert "open 100.00; aged from 2026-02-04: 5 days past due, bucket 1-30" in earlier
    assert typed("explain", "7", "--home", home) == (1, "", "error: no document '7' is known\n")
    rows = [line.replace("│", " ").split() for line in typed("explain", "008", "--home", home).out.splitlines()]
    assert ["first", "2026-01-31", "40.00", "40.00", "1-30"] in rows
    assert ["second", "2026-03-31", "60.00", "60.00", "current"] in rows


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--bogus"], "No such option"),
        (["run", "--as-of", "yesterday"], "write it as YYYY-MM-DD"),
        (["run", "--known-at", "noon"], "is not a time"),
        (["run", "--as-of", "1969-12-31"], "is too far"),
        (["run", "--as-of", "2200-01-01"], "is too far"),
        (["run", "--sources", "/nowhere"], "there is nothing at /nowhere"),
        (["no-such-command"], "No such command"),
    ],
)
def test_a_mistake_in_use_exits_1_and_says_what(words: list[str], said: str) -> None:
    found = typed(*words)
    assert found.code == 1
    assert said in found.error


def test_a_policy_with_an_unknown_key_is_an_error_that_names_it(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text("aging: {grace_day: 5}\n")
    found = typed("run", "--home", str(tmp_path / "home"), "--policy", str(policy))
    assert found.code == 1
    assert "aging.grace_day" in found.error


def test_a_blocked_run_exits_3_and_names_the_file(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "invoices.csv").write_text(f"{INVOICES}1,C1,2026-01-05,2026-02-04,EUR\n")
    said = typed("run", "--home", str(tmp_path / "home"), "--sources", str(landing), "--as-of", "2026-02-28")
    assert said.code == 3
    assert "invoices.csv, line 2: found 5 fields" in said.out
    assert "nothing was published" in said.out
