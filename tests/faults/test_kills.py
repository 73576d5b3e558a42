"""A night that is killed, or whose disk fails, at a durable write: run again, it gives the same bytes, and one alert.

A few cells run with all tests; `make faults` runs every write × before, during, after × SIGKILL, SIGTERM, ENOSPC, EIO.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from pathlib import Path

import dagster as dg
import pytest

from assets.resources.failpoints import ERRORS, POINTS, SIGNALS, VARIABLE, WHEN, reach
from assets.resources.home import Home, HomeGone
from assets.resources.outbox import Outbox
from pipelines.ending import RUNNING, settle
from pipelines.outcome import DIED, STOPPED
from pipelines.run import run_day, step_count
from pipelines.show import plain_error
from pipelines.status import status_of
from tests.small_books import SmallBook

WHOLE = os.environ.get("RECEIVABLES_WHOLE_KILL_MATRIX")
ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-02-28"
INVOICES = """
    | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
    | 1          | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
    | 2          | C2          | 2026-01-07   | 2026-02-06 | EUR      | 50.00  |
"""
PAYMENTS = """
    | payment_id | customer_id | payment_date | currency | amount |
    | P1         | C1          | 2026-02-01   | EUR      | 100.00 |
"""


@dataclass(frozen=True)
class Night:
    """A night of the command line on a small book: its home, how it ended, and what it said."""

    home: Home
    exit: int
    said: str

    @property
    def published(self) -> dict[str, bytes]:
        """Every published Parquet file by its place."""
        found = sorted(self.home.publications.rglob("*.parquet"))
        return {path.relative_to(self.home.publications).as_posix(): path.read_bytes() for path in found}

    def titles(self) -> Counter[str]:
        """What is told of this home, by title."""
        with self.home.state() as state:
            told = Outbox(state.connection).alerts(datetime(2000, 1, 1))
        return Counter(alert.title.removeprefix("[home] ") for alert in told)

    def at_work(self) -> list[dg.DagsterRun]:
        """Runs that Dagster still takes to be at work."""
        with dg.DagsterInstance.from_config(str(self.home.dagster_home)) as record:
            return list(record.get_runs(dg.RunsFilter(statuses=RUNNING)))


def night(book: SmallBook, failpoint: str = "") -> Night:
    book.put(invoices=INVOICES, payments=PAYMENTS)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECEIVABLES")}
    words = ["run", "--home", str(book.root / "home"), "--sources", str(book.landing), "--as-of", DAY]
    said = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *words],
        capture_output=True, text=True, cwd=ROOT, check=False,
        env={**environment, **({VARIABLE: failpoint} if failpoint else {})},
    )  # fmt: skip
    return Night(book.home(), said.returncode, said.stdout + said.stderr)


def expect_whole_or_nothing(home: Home) -> None:
    """Readers see a publication that is as its manifest says, or none."""
    assert not [line for line in status_of(home).lines if line.startswith("tampered") or " is gone" in line]


def expect_named_after_all(home: Home) -> None:
    """The next command finds the publication of a killed night whole and names it; nothing is told that was not so."""
    with dg.DagsterInstance.from_config(str(home.dagster_home)) as record:
        assert [said.rpartition(": ")[2] for said in settle(home, record)] == [DIED, "its end is written down"]
    assert status_of(home).exit == 2
    assert f"as of      {DAY}" in " ".join(status_of(home).lines)
    with home.state() as state:
        ended = state.last_run()
    assert ended is not None
    assert (ended.exit, ended.error) == (2, "")
    assert not any("nothing was published" in title for title in Night(home, 2, "").titles())


def test_a_killed_night_run_again_has_the_same_bytes_no_stuck_lock_and_one_alert(
    book: SmallBook, tmp_path: Path
) -> None:
    """Killed after its publication was in place, and before: what is said of it then is that nothing was published."""
    killed = night(book, "publication.latest:before:SIGKILL")
    assert killed.exit == -9, killed.said
    before = killed.published
    assert before, "the publication is in its place, and nothing points to it yet"
    assert not (killed.home.publications / "latest.json").exists()
    assert len(killed.at_work()) == 1, "Dagster cannot see that its process is dead"
    expect_named_after_all(book.copied(tmp_path / "named").home())
    shutil.rmtree(killed.home.publications / DAY)
    assert run_day(book.home(), date.fromisoformat(DAY)).exit == 2
    again = Night(book.home(), 2, "")
    assert again.published == before
    expect_whole_or_nothing(again.home)
    assert again.at_work() == []
    assert again.titles()[f"nothing was published for {DAY}"] == 1
    assert again.titles()[f"recovered: nothing was published for {DAY}"] == 1


LANDING = [point for point in POINTS if not point.startswith(("publication", "record"))]


@pytest.mark.parametrize("when", WHEN if WHOLE else ["during"])
@pytest.mark.parametrize("point", LANDING)
def test_a_disk_that_fails_while_files_are_taken_in_loses_and_doubles_nothing(
    book: SmallBook, point: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.put(invoices=INVOICES, payments=PAYMENTS)
    monkeypatch.setenv(VARIABLE, f"{point}:{when}:{'ENOSPC' if when == 'during' else 'EIO'}")
    with pytest.raises(OSError, match=r"No space left|Input/output error"):
        book.load()
    monkeypatch.delenv(VARIABLE)
    book.load()
    book.expect("staging.invoices", "| invoice_id | amount |\n| 1 | 100.00 |\n| 2 | 50.00 |")
    book.expect("staging.payments", "| payment_id | amount |\n| P1 | 100.00 |")
    book.expect("raw.batches", "| batch_number | file_count | row_count |\n| 1 | 2 | 3 |")
    assert not list((book.root / "home" / "raw").rglob("*.part"))


def test_a_failpoint_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "publication.renam:before:SIGKILL")
    with pytest.raises(ValueError, match="is not point:when:how"):
        reach("landing.original", "before")


def test_every_failpoint_is_in_the_code_and_every_one_there_is_listed() -> None:
    code = "".join(path.read_text() for package in ("assets", "pipelines") for path in (ROOT / package).rglob("*.py"))
    for point in POINTS:
        for when in ("before", "after"):
            assert code.count(f'reach("{point}", "{when}")') == 1
        assert code.count(f'reach("{point}", "during")') + code.count(f'during="{point}"') == 1


def test_a_night_that_is_told_to_stop_ends_at_once_as_failed_with_one_alert(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.put(invoices=INVOICES, payments=PAYMENTS)
    monkeypatch.setenv(VARIABLE, "staging.load:before:SIGTERM")
    before, begun = signal.getsignal(signal.SIGTERM), []
    ended = run_day(book.home(), date.fromisoformat(DAY), begun.append)
    assert (ended.exit, ended.error) == (1, f"staging: {STOPPED}")
    assert len(begun) < step_count() / 4 and not [step for step in begun if step.startswith("marts")]
    stopped = Night(book.home(), 1, "")
    assert stopped.at_work() == [] and stopped.home.owner() == ""
    assert stopped.titles()[f"nothing was published for {DAY}"] == 1
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_home_that_is_removed_under_a_night_is_said_in_a_line(book: SmallBook) -> None:
    book.put(invoices=INVOICES, payments=PAYMENTS)
    home = book.home()

    def remove(step: str) -> None:
        if step == "staging":
            shutil.rmtree(home.root)

    with pytest.raises(HomeGone, match="was removed while a run was at work in it") as gone:
        run_day(home, date.fromisoformat(DAY), remove)
    assert plain_error(gone.value) == f"error: {gone.value}"


def test_a_run_that_dagster_starts_holds_the_home_and_waits_for_nobody(book: SmallBook) -> None:
    """As the run of its interface does, which has no command around it: what is asked of it here is one small asset."""
    home, seen = book.home(), []

    @dg.asset
    def looks(home: Home) -> None:
        seen.append(home.owner())

    def looked() -> bool:
        return dg.materialize([looks], resources={"home": home}, raise_on_error=False).success

    assert looked() and seen == [str(os.getpid())] and home.owner() == ""
    with subprocess.Popen(["flock", home.root / "lock", "sleep", "60"]) as other:
        while not home.owner():
            time.sleep(0.01)
        assert not looked() and len(seen) == 1
        other.kill()


@pytest.fixture(scope="session")
def whole_night(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a night publishes that nothing disturbs."""
    undisturbed = night(SmallBook(tmp_path_factory.mktemp("undisturbed")))
    assert undisturbed.exit == 2, undisturbed.said
    return undisturbed.published


@pytest.mark.skipif(not WHOLE, reason="the whole matrix is run by `make faults`")
@pytest.mark.parametrize("how", [*SIGNALS, *ERRORS])
@pytest.mark.parametrize(("point", "when"), list(product(POINTS, WHEN)), ids=lambda name: name)
def test_whatever_fails_wherever(
    book: SmallBook, whole_night: dict[str, bytes], point: str, when: str, how: str
) -> None:
    failed = night(book, f"{point}:{when}:{how}")
    assert failed.exit == (-SIGNALS[how] if how == "SIGKILL" else 1), failed.said
    expect_whole_or_nothing(failed.home)
    again = night(book)
    assert again.exit == 2, again.said
    assert again.published == whole_night
    assert again.at_work() == []
    # once the publication is in its place, whoever dies is found to have published; at the end the run itself is well
    in_place = [*product(["publication.rename"], ["during", "after"]), *product(["publication.latest"], WHEN)]
    told = 0 if point == "record.end" or (how in SIGNALS and (point, when) in in_place) else 1
    assert again.titles()[f"nothing was published for {DAY}"] == told
    assert again.titles()[f"recovered: nothing was published for {DAY}"] == told
    assert set(again.titles().values()) <= {1}
