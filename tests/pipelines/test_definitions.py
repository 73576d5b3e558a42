"""The code location: what Dagster shows of every asset, the job, its schedule, and the workspace file."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
import typer

from assets.resources.home import QUIET, Home
from assets.steps import ASSETS
from pipelines import cli
from pipelines.channels import URLS
from pipelines.days import yesterday
from pipelines.definitions import build_defs, defs
from pipelines.schedules import alerting_schedule, nightly_schedule, nightly_status
from pipelines.sensors import ended_runs
from tests.pipelines.channel_servers import web_server

ROOT = Path(__file__).resolve().parents[2]
SPECS = [spec for asset in ASSETS for spec in asset.specs]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.key.to_user_string())
def test_every_asset_says_what_it_is(spec: dg.AssetSpec) -> None:
    assert spec.description
    assert spec.group_name == spec.key.path[0]
    assert spec.kinds
    assert spec.owners
    schema = spec.metadata["dagster/column_schema"]
    assert all(column.description for column in schema.columns)


def test_the_nightly_job_runs_everything_for_the_day_that_ended() -> None:
    job = defs.resolve_job_def("nightly")
    assert {spec.key for spec in SPECS} <= set(job.asset_layer.executable_asset_keys)
    assert nightly_schedule.cron_schedule == "0 3 * * *"
    assert yesterday("America/Sao_Paulo", datetime(2026, 11, 1, 2, 0, tzinfo=UTC)) == "2026-10-30"
    assert yesterday("Asia/Tokyo", datetime(2026, 11, 1, 2, 0, tzinfo=UTC)) == "2026-10-31"


def test_the_schedule_asks_for_the_partition_of_yesterday() -> None:
    at_three = datetime(2026, 11, 1, 3, tzinfo=UTC)
    resources = build_defs().resources or {}
    with dg.build_schedule_context(scheduled_execution_time=at_three, resources=resources) as context:
        request = nightly_schedule(context)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2026-10-31"


def test_the_outbox_is_sent_by_a_job_of_its_own_where_there_is_a_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(URLS, raising=False)
    assert isinstance(alerting_schedule(dg.build_schedule_context()), dg.SkipReason)
    home = Home(path=str(tmp_path / "book"), recorded_at="2026-11-02T03:00:00")
    home.create()
    (home.publications / "latest.json").write_text('{"as_of": "2026-10-01"}')
    with web_server() as web:
        monkeypatch.setenv(URLS, web.url)
        assert isinstance(alerting_schedule(dg.build_schedule_context()), dg.RunRequest)
        assert build_defs(home=home).resolve_job_def("alerting").execute_in_process().success
        assert "the newest publication is as of 2026-10-01, 32 days ago" in web.messages[0]


def test_the_sensor_says_so_where_no_run_has_ended(tmp_path: Path) -> None:
    home = Home(path=str(tmp_path / "book"))
    with (
        dg.DagsterInstance.ephemeral() as record,
        dg.build_sensor_context(instance=record, resources={"home": home}) as context,
    ):
        assert "no book" in str(ended_runs(context))
        assert not home.root.exists(), "looking makes nothing"
        home.create()
        assert "no run has ended" in str(ended_runs(context))


def test_one_run_at_a_time_has_a_home(tmp_path: Path) -> None:
    """A backfill from the interface asks for a run a month-end at once; each waits for the one before."""
    home = Home(path=str(tmp_path / "book"))
    home.create()
    settings = home.dagster_home / "dagster.yaml"
    assert limit_of(home) == 1
    settings.write_text(QUIET, encoding="utf-8")
    home.create()
    assert limit_of(home) == 1, "a home of an earlier release is brought up to date"
    settings.write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    home.create()
    assert settings.read_text(encoding="utf-8") == "telemetry: {enabled: false}\n", "somebody's own settings stay"


def limit_of(home: Home) -> int | None:
    with dg.DagsterInstance.from_config(str(home.dagster_home)) as record:
        return record.get_concurrency_config().run_queue_config.max_concurrent_runs


@pytest.mark.parametrize(("words", "status"), [([], "RUNNING"), (["--no-nightly"], "STOPPED")])
def test_the_interface_switches_the_schedule_on(
    words: list[str], status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, str]] = []
    masks: list[int] = []

    def call(_: list[str], env: dict[str, str], umask: int) -> int:
        started.append(env)
        masks.append(umask)
        return 0

    monkeypatch.setattr("subprocess.call", call)
    with pytest.raises(typer.Exit):
        cli.app(["ui", "--home", str(tmp_path / "book"), *words], standalone_mode=False)
        raise typer.Exit
    assert nightly_status(started[0]).value == status
    assert masks == [0o027], "what it writes is for the owner and group only"
    assert nightly_status({}).value == "STOPPED", "not by the mere loading of the code"
    assert alerting_schedule.default_status.value == ended_runs.default_status.value == "RUNNING"


def test_resources_can_be_overridden() -> None:
    replaced = build_defs(home=build_defs().resources["home"].model_copy(update={"path": "elsewhere"}))
    assert replaced.resources["home"].path == "elsewhere"


def test_the_workspace_file_loads() -> None:
    words = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    said = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert said.returncode == 0, said.stderr[-2000:]
