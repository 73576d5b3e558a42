"""The schedules: when a job starts by itself."""

import dagster as dg

from assets.resources.home import Home
from pipelines.channels import URLS, Channels
from pipelines.days import yesterday
from pipelines.jobs import alerting, nightly


@dg.schedule(job=nightly, cron_schedule="0 3 * * *", execution_timezone="UTC")
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
