"""The outbox: what is wrong and since when, and the messages about it until every channel has taken them.

It lies in the home's `state.db`, so that it survives a lost working file. What a message says, and when one is due,
belongs to `pipelines`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta

TABLES = """
create table if not exists incidents (
    subject text not null,
    scope text not null,
    number integer not null,
    headline text not null,
    severity text not null,
    opened_on text not null,
    told_on text not null,
    recovered_on text,
    primary key (subject, scope, number)
) strict;
create table if not exists alerts (
    alert_id text primary key,
    title text not null,
    body text not null,
    created_at text not null
) strict;
create table if not exists deliveries (
    alert_id text not null,
    channel text not null,
    attempts integer not null,
    next_at text not null,
    delivered_at text,
    problem text not null,
    primary key (alert_id, channel)
) strict;
"""


@dataclass(frozen=True)
class Incident:
    """Something that went wrong and has not recovered: what, in which scope, how often before, and since when."""

    subject: str
    scope: str
    number: int
    headline: str
    severity: str
    opened_on: date
    told_on: date

    def day(self, today: date) -> int:
        """Which day of it today is, the first being 1."""
        return max((today - self.opened_on).days, 0) + 1


@dataclass(frozen=True)
class Alert:
    """One message: its id is a hash of what it is about, so that the same is never put in twice."""

    alert_id: str
    title: str
    body: str
    created_at: datetime


def alert_id(check: str, batch: str, scope: str) -> str:
    """The id of a message: the same check, batch and scope have one message."""
    return hashlib.sha256("\x1f".join((check, batch, scope)).encode()).hexdigest()[:32]


class Outbox:
    """The outbox of one `state.db`; whoever opened the connection commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def incidents(self, scope: str | None = None) -> list[Incident]:
        """What is wrong now, in a scope or in all."""
        found = self.connection.execute(
            "select subject, scope, number, headline, severity, opened_on, told_on from incidents"
            " where recovered_on is null and (? is null or scope = ?) order by subject, scope",
            (scope, scope),
        )
        return [Incident(*row[:5], date.fromisoformat(row[5]), date.fromisoformat(row[6])) for row in found]

    def open(self, subject: str, scope: str, headline: str, severity: str, today: date) -> Incident:
        """Write down that something is wrong that was well before."""
        (before,) = self.connection.execute(
            "select count(*) from incidents where subject = ? and scope = ?", (subject, scope)
        ).fetchone()
        self.connection.execute(
            "insert into incidents values (?, ?, ?, ?, ?, ?, ?, null)",
            (subject, scope, before + 1, headline, severity, today.isoformat(), today.isoformat()),
        )
        return Incident(subject, scope, before + 1, headline, severity, today, today)

    def tell(self, incident: Incident, severity: str, today: date) -> None:
        """Write down that it was said today that something is still wrong."""
        self._update(incident, "severity = ?, told_on = ?", severity, today.isoformat())

    def recover(self, incident: Incident, today: date) -> None:
        """Write down that something is well again."""
        self._update(incident, "recovered_on = ?", today.isoformat())

    def _update(self, incident: Incident, change: str, *values: str) -> None:
        self.connection.execute(
            f"update incidents set {change} where subject = ? and scope = ? and number = ?",
            (*values, incident.subject, incident.scope, incident.number),
        )

    def put(self, alert: Alert) -> None:
        """Put a message in, unless it is there."""
        self.connection.execute(
            "insert or ignore into alerts values (?, ?, ?, ?)",
            (alert.alert_id, alert.title, alert.body, alert.created_at.isoformat()),
        )

    def alerts(self, since: datetime) -> list[Alert]:
        """The messages put in since a time, the oldest first."""
        found = self.connection.execute(
            "select alert_id, title, body, created_at from alerts where created_at >= ? order by created_at, rowid",
            (since.isoformat(),),
        )
        return [Alert(*row[:3], datetime.fromisoformat(row[3])) for row in found]

    def waiting(self, since: datetime) -> list[Alert]:
        """The messages put in since a time that no channel has taken, the oldest first."""
        taken = {row[0] for row in self.connection.execute("select alert_id from deliveries where delivered_at > ''")}
        return [alert for alert in self.alerts(since) if alert.alert_id not in taken]

    def is_delivered(self, alert: Alert, channel: str) -> bool:
        """Whether a channel has taken a message."""
        found = self.connection.execute(
            "select 1 from deliveries where alert_id = ? and channel = ? and delivered_at is not null",
            (alert.alert_id, channel),
        )
        return found.fetchone() is not None

    def claim(self, alert: Alert, channel: str, now: datetime, waits: tuple[int, ...]) -> bool:
        """Take on a message for a channel, if it is due: whoever dies over it leaves it due again after the wait.

        `waits` are the seconds until the next attempt, after the first, the second and so on; the last holds on.
        """
        key = (alert.alert_id, channel)
        self.connection.execute("insert or ignore into deliveries values (?, ?, 0, '', null, 'not tried yet')", key)
        (tried,) = self.connection.execute(
            "select attempts from deliveries where alert_id = ? and channel = ?", key
        ).fetchone()
        following = now + timedelta(seconds=waits[min(tried, len(waits) - 1)])
        changed = self.connection.execute(
            "update deliveries set attempts = attempts + 1, next_at = ? where alert_id = ? and channel = ?"
            " and delivered_at is null and next_at <= ? and attempts = ?",
            (following.isoformat(), *key, now.isoformat(), tried),
        ).rowcount
        self.connection.commit()
        return changed == 1

    def settle(self, alert: Alert, channel: str, now: datetime, problem: str) -> None:
        """Write down that a channel took a message, or why it did not; at once, since sending cannot be undone."""
        self.connection.execute(
            "update deliveries set delivered_at = ?, problem = ? where alert_id = ? and channel = ?",
            (None if problem else now.isoformat(), problem, alert.alert_id, channel),
        )
        self.connection.commit()
