"""The schedules: when a job starts by itself."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from assets.resources.home import Home
from pipelines.jobs import nightly


def yesterday(policy_time_zone: str, now: datetime) -> str:
    """The as-of day that a run defaults to: the last whole day where the policy says the book is."""
    return (now.astimezone(ZoneInfo(policy_time_zone)).date() - timedelta(days=1)).isoformat()


@dg.schedule(job=nightly, cron_schedule="0 3 * * *", execution_timezone="UTC")
def nightly_schedule(context: dg.ScheduleEvaluationContext, home: Home) -> dg.RunRequest:
    """Every night at three, for the day that has just ended."""
    day = yesterday(home.policy.time_zone, context.scheduled_execution_time)
    return dg.RunRequest(partition_key=day, run_key=day)
