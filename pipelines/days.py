"""Which day it is where the policy says the book is, and how far back another lies.

Nothing slow is imported here. When a job starts belongs to `schedules`.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def yesterday(policy_time_zone: str, now: datetime) -> str:
    """The as-of day that a run defaults to: the last whole day where the policy says the book is."""
    return (now.astimezone(ZoneInfo(policy_time_zone)).date() - timedelta(days=1)).isoformat()


def days_old(as_of: str, policy_time_zone: str, now: datetime) -> int:
    """How many days a day lies before today, where the policy says the book is; `now` knows its zone."""
    return (date.fromisoformat(yesterday(policy_time_zone, now)) - date.fromisoformat(as_of)).days + 1
