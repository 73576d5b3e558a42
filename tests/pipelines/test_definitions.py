"""The code location: what Dagster shows of every asset, the job, its schedule, and the workspace file."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from assets.steps import ASSETS
from pipelines.definitions import build_defs, defs
from pipelines.schedules import nightly_schedule, yesterday

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
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 11, 1, 3, tzinfo=UTC), resources=build_defs().resources or {}
    )
    request = nightly_schedule(context)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2026-10-31"


def test_resources_can_be_overridden() -> None:
    replaced = build_defs(home=build_defs().resources["home"].model_copy(update={"path": "elsewhere"}))
    assert replaced.resources["home"].path == "elsewhere"


def test_the_workspace_file_loads() -> None:
    words = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    said = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert said.returncode == 0, said.stderr[-2000:]
