"""What did not come, a publication or a source's next batch, is noticed by the clock; then the outbox is sent.

Failures that a run can tell of itself belong to `alerts`.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from assets.batches import read_manifests
from assets.publications import last_published
from assets.resources.home import Home
from assets.resources.outbox import Outbox
from pipelines.alerts import PUBLICATION, SOURCE, Trouble, tell
from pipelines.days import days_old
from pipelines.ending import send

STALE_AFTER, SOURCES_STALE_AFTER = "RECEIVABLES_STALE_AFTER", "RECEIVABLES_SOURCES_STALE_AFTER"
USUAL_DAYS = 2
"""A nightly book is a day old; at two the next night is about to run, at three it has not come."""


def send_alerts(home: Home) -> tuple[str, ...]:
    """Notice what is overdue, and send what is due; returns what to show of it."""
    home.create()
    watch(home, home.now, days_in(STALE_AFTER) or USUAL_DAYS, days_in(SOURCES_STALE_AFTER))
    return send(home, published=False)


def days_in(variable: str) -> int | None:
    """The whole days that an environment variable holds; None where it is not set. Raises ValueError naming it."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"{variable} must be whole days above zero, not {text!r}")
    return int(text)


def watch(home: Home, now: datetime, publication_days: int, source_days: int | None) -> None:
    """Put into the outbox whether the newest publication or a source's newest batch is too old at `now` (naive UTC).

    `publication_days` is how many days the newest publication's day may lie before today, `source_days` how long ago
    a source may have sent its last batch; None: as long as it likes.
    """
    troubles, well = [], set()
    latest = last_published(home)
    if latest is not None:
        age = days_old(latest, home.policy.time_zone, now.replace(tzinfo=UTC))
        if age > publication_days:
            troubles.append(_trouble_of_publication(latest, age))
        else:
            well.add(PUBLICATION)
    sent = {one["source_name"]: datetime.fromisoformat(one["recorded_at"]) for one in read_manifests(home.raw)}
    for name, last in sent.items():
        if source_days is not None and (now - last).days > source_days:
            troubles.append(_trouble_of_source(name, last, (now - last).days))
        else:
            well.add(f"{SOURCE} {name}")
    with home.state() as state:
        state.begin()
        tell(Outbox(state.connection), home.root.name, troubles, well, (now.date().isoformat(), ""), now)


def _trouble_of_publication(latest: str, age: int) -> Trouble:
    return Trouble(
        PUBLICATION,
        "error",
        f"the newest publication is as of {latest}, {age:,} days ago",
        (
            f"What failed: no newer publication than that of {latest} came; no run may have started since",
            "Published: no; readers see the last good publication",
            "Owner: team:finance-data",
            "What to do: See with `receivables status` how the last run ended; is the schedule on? Run by hand.",
        ),
    )


def _trouble_of_source(name: str, last: datetime, age: int) -> Trouble:
    return Trouble(
        f"{SOURCE} {name}",
        "error",
        f"nothing new from source {name} for {age:,} days",
        (
            f"What failed: source {name} sent its last new file on {last:%Y-%m-%d}",
            "Published: yes, from what is there; payments and invoices since are not in it",
            "Owner: team:finance-data",
            "What to do: Ask for the export, and whether its folder is the one that the sources name.",
        ),
    )
