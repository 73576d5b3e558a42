"""What is told when a night fails: one message a check, once; still failing, worse, recovered; and what did not come."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from assets.resources.home import Home
from assets.resources.outbox import Alert, Outbox
from assets.resources.state import CheckResult, RunEnd
from pipelines.alerts import end_run
from pipelines.outcome import DIED
from pipelines.watching import days_in, watch
from tests.small_books import SmallBook

NIGHT = datetime(2026, 11, 2, 3)
BUCKETS = CheckResult("marts", "marts.aging", "buckets_sum_to_open_balance", "Buckets add up.", "error", passed=True)
REJECTED = CheckResult("staging", "staging.rejected_rows", "no_row_is_rejected", "Every row kept.", "warn", passed=True)


def failed(check: CheckResult, severity: str = "", amount: str | None = None, rows: int = 1) -> CheckResult:
    money = None if amount is None else Decimal(amount)
    return CheckResult(
        *(check.layer, check.table_name, check.check_name, check.description, severity or check.severity),
        passed=False, failing_rows=rows, failing_amount=money,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(path=str(tmp_path / "book"))
    home.create()
    return home


def end(
    home: Home, day: int, *results: CheckResult, exit: int = 0, error: str = "", as_of: str = "", run: str = ""
) -> None:
    """A night's run ends: at three on a day of November, for the day before it unless another is named."""
    now = NIGHT + timedelta(days=day - 2)
    ended = as_of or f"2026-11-{day - 1:02}"
    with home.state() as state:
        end_run(
            state, "book", RunEnd(run or f"execution {day} {ended} {exit}", ended, "", exit, error), list(results), now
        )


def told(home: Home) -> list[Alert]:
    with home.state() as state:
        return Outbox(state.connection).alerts(datetime(2000, 1, 1))


def titles(home: Home) -> list[str]:
    return [alert.title.removeprefix("[book] ") for alert in told(home)]


def test_a_failed_check_is_told_once_then_as_still_failing_then_as_recovered(home: Home) -> None:
    end(home, 2, failed(REJECTED), BUCKETS, exit=2)
    end(home, 2, failed(REJECTED), BUCKETS, exit=2, run="again the same day")
    end(home, 3, failed(REJECTED), BUCKETS, exit=2)
    end(home, 5, failed(REJECTED), BUCKETS, exit=2)
    end(home, 6, REJECTED, BUCKETS)
    end(home, 7, REJECTED, BUCKETS)
    assert titles(home) == [
        "check failed, warns: no row is rejected",
        "check failed, warns: no row is rejected (still failing, day 2)",
        "check failed, warns: no row is rejected (still failing, day 4)",
        "recovered: check failed, warns: no row is rejected",
    ]
    assert told(home)[-1].body.startswith("It is well again, after 5 days.")


def test_what_fails_again_after_it_recovered_is_told_again(home: Home) -> None:
    for day, check in ((2, failed(REJECTED)), (3, REJECTED), (4, failed(REJECTED))):
        end(home, day, check, run=f"night {day}")
    assert titles(home).count("check failed, warns: no row is rejected") == 2
    assert len({alert.alert_id for alert in told(home)}) == 3


def test_a_message_says_what_how_many_how_much_whether_published_who_and_what_to_do(home: Home) -> None:
    end(home, 2, failed(BUCKETS, amount="1234.5", rows=12), exit=3)
    check, run = told(home)
    assert check.title == "[book] check failed, blocks: buckets sum to open balance"
    assert check.body.splitlines() == [
        "What should hold: Buckets add up.",
        "Where: marts.aging, in the run for 2026-11-01",
        "How many: 12 rows",
        "How much money: 1,234.50, all currencies added up",
        "Published: no; readers see the last good publication",
        "Owner: team:collections",
        "What to do: Look at `receivables status` and at `data_quality`; `receivables explain DOCUMENT` shows the facts"
        " behind an item.",
    ]
    assert run.title == "[book] nothing was published for 2026-11-01"
    assert "1 blocking check did not pass" in run.body


def test_a_warning_that_turns_into_a_block_is_told_on_the_same_day(home: Home) -> None:
    end(home, 2, failed(REJECTED), exit=2)
    end(home, 2, failed(REJECTED, "error"), exit=3)
    assert titles(home)[1:2] == ["check failed, blocks: no row is rejected (still failing, day 1)"]


def test_a_run_that_ends_with_an_error_is_told_without_the_words_of_the_error(home: Home) -> None:
    end(home, 2, REJECTED, exit=1, error="staging: could not convert 'Canary GmbH' to a number; token=hunter2")
    end(home, 3, REJECTED)
    failure, recovery = told(home)
    assert "it ended with an error in staging" in failure.body
    assert recovery.title == "[book] recovered: nothing was published for 2026-11-01"
    assert not any(word in alert.title + alert.body for alert in told(home) for word in ("Canary", "hunter2"))


def test_of_a_run_that_died_or_failed_outside_a_step_nothing_else_is_told(home: Home) -> None:
    end(home, 2, exit=1, error=DIED)
    end(home, 3, exit=1, error="Canary: resource home could not be made")
    assert f"What failed: the run for 2026-11-01: {DIED}" in told(home)[0].body
    assert "What failed: the run for 2026-11-02: it ended with an error\n" in told(home)[1].body


def test_a_check_that_did_not_run_has_not_recovered_and_one_that_is_gone_has(home: Home) -> None:
    end(home, 2, failed(REJECTED), failed(BUCKETS), exit=3)
    end(home, 3, failed(REJECTED), exit=3, run="blocked before the marts were made")
    assert not [title for title in titles(home) if title.startswith("recovered")]
    end(home, 4, REJECTED)
    assert len([title for title in titles(home) if title.startswith("recovered")]) == 3


def test_a_run_for_an_earlier_day_speaks_of_that_day_alone(home: Home) -> None:
    end(home, 2, failed(REJECTED), exit=2)
    end(home, 2, REJECTED, as_of="2026-03-31")
    assert len(told(home)) == 1, "that March is well does not make November well"
    end(home, 3, failed(REJECTED), as_of="2026-03-31", exit=2)
    end(home, 4, REJECTED, as_of="2026-03-31", run="mended")
    assert len(told(home)) == 3


def test_the_end_of_a_run_is_told_once_whoever_tells_it(home: Home) -> None:
    for _ in range(2):
        end(home, 2, failed(REJECTED), exit=2, run="one")
    with home.state() as state:
        assert state.has_ended("one")
    assert len(told(home)) == 1


def test_an_end_is_written_down_with_its_alerts_or_not_at_all(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Outbox, "put", broken)
    with pytest.raises(OSError, match="no space"):
        end(home, 2, failed(REJECTED), exit=2, run="one")
    monkeypatch.undo()
    with home.state() as state:
        assert not state.has_ended("one")
    end(home, 2, failed(REJECTED), exit=2, run="one")
    assert len(told(home)) == 1


def test_what_did_not_come_is_told_and_its_recovery_too(book: SmallBook) -> None:
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| 1 | C1 | 2026-01-05 | EUR | 5.00 |"
    )
    home = book.load(recorded_at="2026-11-01T03:00:00")
    (home.publications / "latest.json").write_text('{"as_of": "2026-10-31", "run_id": "r", "path": "2026-10-31/r"}')
    watch(home, datetime(2026, 11, 2, 12), 2, 3)
    assert told(home) == []
    watch(home, datetime(2026, 11, 5, 12), 2, 3)
    watch(home, datetime(2026, 11, 5, 13), 2, 3)
    assert [alert.title for alert in told(home)] == [
        "[home] the newest publication is as of 2026-10-31, 5 days ago",
        "[home] nothing new from source landing for 4 days",
    ]
    (home.publications / "latest.json").write_text('{"as_of": "2026-11-04", "run_id": "r", "path": "2026-11-04/r"}')
    watch(home, datetime(2026, 11, 5, 14), 2, None)
    assert [alert.title for alert in told(home)][2:] == [
        "[home] recovered: the newest publication is as of 2026-10-31, 5 days ago",
        "[home] recovered: nothing new from source landing for 4 days",
    ]


def test_days_in_the_environment_are_whole_and_above_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVABLES_STALE_AFTER", "3")
    assert days_in("RECEIVABLES_STALE_AFTER") == 3
    assert days_in("RECEIVABLES_NOT_SET") is None
    monkeypatch.setenv("RECEIVABLES_STALE_AFTER", "soon")
    with pytest.raises(ValueError, match="RECEIVABLES_STALE_AFTER must be whole days above zero"):
        days_in("RECEIVABLES_STALE_AFTER")
