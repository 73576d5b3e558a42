"""The schedules: when a job starts by itself."""

import os
from collections.abc import Mapping

import dagster as dg

from assets.resources.home import Home
from pipelines.channels import URLS, Channels
from pipelines.days import yesterday
from pipelines.jobs import alerting, nightly

SWITCH = "RECEIVABLES_NIGHTLY"
"""`on`, as `receivables ui` sets it: the night starts by itself; else it waits until somebody switches it on."""


def nightly_status(environment: Mapping[str, str]) -> dg.DefaultScheduleStatus:
    """Whether the nightly schedule is on before anybody has touched it."""
    is_on = environment.get(SWITCH) == "on"
    return dg.DefaultScheduleStatus.RUNNING if is_on else dg.DefaultScheduleStatus.STOPPED


@dg.schedule(
    job=nightly,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    default_status=nightly_status(os.environ),
)
def nightly_schedule(context: dg.ScheduleEvaluationContext, home: Home) -> dg.RunRequest:
    """Every night at three, for the day that has just ended."""
    day = yesterday(home.policy.time_zone, context.scheduled_execution_time)
    return dg.RunRequest(partition_key=day, run_key=day)


@dg.schedule(
    job=alerting,
    cron_schedule="*/10 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def alerting_schedule() -> dg.RunRequest | dg.SkipReason:
    """Every ten minutes: what is overdue is noticed, and what a channel did not take is sent again."""
    if not Channels.from_environment().main:
        return dg.SkipReason(f"no channel is named in {URLS}")
    return dg.RunRequest()
