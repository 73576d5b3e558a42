"""Sending what the outbox holds: to each channel at least once, again after a while where one does not take it.

What a message says belongs to `alerts`, the channels to `channels`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assets.resources.home import Home
from assets.resources.outbox import Alert, Outbox
from pipelines.channels import URLS, Channel, Channels

WAITS = tuple(60 * 2**attempt for attempt in range(9))
"""Seconds until a message is tried again: one minute, two, four and so on up to four hours."""

KEPT = timedelta(days=7)
"""How long a message is tried; older ones would say what is no longer so."""


@dataclass
class Dispatched:
    """What became of messages: how many deliveries were made, which channels refused, how many messages still wait."""

    sent: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    waiting: int = 0

    def lines(self) -> list[str]:
        """The same in words, nothing where there was nothing to do."""
        said = [f"alerts     {self.sent:,} sent"] if self.sent else []
        said += [f"alerts     {name} {problem}; it is tried again" for name, problem in self.problems.items()]
        if self.waiting and not self.problems:
            said.append(f"alerts     {self.waiting:,} wait for their next attempt, or for a channel in {URLS}")
        return said


def dispatch(home: Home, now: datetime, channels: Channels) -> Dispatched:
    """Send every message that is due at `now` (naive UTC); what is not taken stays in the outbox."""
    found = Dispatched()
    with home.state() as state:
        outbox = Outbox(state.connection)
        for alert in outbox.alerts(now - KEPT):
            taken = [_deliver(outbox, alert, channel, now, found) for channel in channels.main]
            if not any(taken):
                taken += [_deliver(outbox, alert, channel, now, found) for channel in channels.fallback]
            found.waiting += not any(taken)
    return found


def _deliver(outbox: Outbox, alert: Alert, channel: Channel, now: datetime, found: Dispatched) -> bool:
    """Whether a channel has a message: it took it before, or takes it now."""
    if outbox.is_delivered(alert, channel.key):
        return True
    if channel.name in found.problems or not outbox.claim(alert, channel.key, now, WAITS):
        return False  # a channel that just refused is left alone for now
    problem = channel.send(alert.title, alert.body)
    outbox.settle(alert, channel.key, now, problem)
    if problem:
        found.problems[channel.name] = problem
    else:
        found.sent += 1
    return not problem
