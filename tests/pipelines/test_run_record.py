"""The record of a run: what is written with its files held open is what Dagster's own storage reads, then and later."""

from pathlib import Path

import dagster as dg
import pytest

from assets.resources.home import Home
from pipelines import event_log
from pipelines.run_record import run_record


@dg.asset
def figure() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"dagster/row_count": 3})


@dg.asset_check(asset=figure)
def is_right() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, description="It is not.")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(path=str(tmp_path / "book"))
    found.create()
    return found


def plain(home: Home) -> dg.DagsterInstance:
    """The record as `receivables ui` opens it."""
    return dg.DagsterInstance.from_config(str(home.dagster_home))


def test_what_a_run_writes_is_what_dagster_reads_while_it_is_held_and_afterwards(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(event_log, "flush", flushed.append)
    with run_record(home) as record:
        result = dg.materialize([figure, is_right], instance=record)
        told = [entry.message for entry in record.all_logs(result.run_id)]
        with plain(home) as other:
            assert [entry.message for entry in other.all_logs(result.run_id)] == told
    assert len(told) > 10
    assert {path.name for path in flushed} == {f"{result.run_id}.db-wal", "index.db-wal"}
    assert len(flushed) == 2 * 2, "when it has started and when it has ended; not at each event"
    with plain(home) as later:
        assert [entry.message for entry in later.all_logs(result.run_id)] == told
        (run,) = later.get_runs()
        assert run.status is dg.DagsterRunStatus.SUCCESS
        (made,) = later.fetch_materializations(figure.key, limit=5).records
        assert made.asset_materialization is not None
        assert made.asset_materialization.metadata["dagster/row_count"].value == 3
        (check,) = later.event_log_storage.get_asset_check_execution_history(is_right.check_key, limit=5)
        assert check.event is not None
        assert check.event.dagster_event is not None
        assert check.event.dagster_event.asset_check_evaluation_data.description == "It is not."


def test_it_begins_anew_where_all_runs_were_wiped(home: Home) -> None:
    with run_record(home) as record:
        first = dg.materialize([figure], instance=record)
        record.wipe()
        assert not record.all_logs(first.run_id)
        second = dg.materialize([figure], instance=record)
        assert record.all_logs(second.run_id)
    with plain(home) as later:
        assert [run.run_id for run in later.get_runs()] == [second.run_id]
