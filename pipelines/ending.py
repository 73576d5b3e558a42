"""The end of a run, told once: its record, its alerts and the heartbeat; and the end of runs that could not tell it.

What a message says belongs to `alerts`. A run that Dagster itself started, or whose process was killed, is told of by
the next command on its home or by the sensor, whichever comes first.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from assets.resources.failpoints import reach
from assets.resources.home import Home
from assets.resources.state import RunEnd
from checks.asset_checks import days_of_tags
from pipelines.alerts import Trouble, end_run
from pipelines.channels import Channels
from pipelines.dispatch import dispatch
from pipelines.mending import named_after_all
from pipelines.outcome import DIED, Exit, Outcome, outcome_of

LOOKED_BACK = timedelta(days=7)
RUNNING = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def conclude(home: Home, execution_id: str, outcome: Outcome, mended: Trouble | None = None) -> tuple[str, ...]:
    """Write down how a run ended, send what is to be said of it, and ping the heartbeat; returns what to show.

    `mended` is what was put right before the run.
    """
    _record(home, execution_id, outcome, mended)
    said = (f"mended     {mended.headline}",) if mended else ()
    return (*said, *send(home, published=outcome.exit in (Exit.PUBLISHED, Exit.PUBLISHED_WITH_WARNINGS)))


def send(home: Home, *, published: bool) -> tuple[str, ...]:
    """Send what is due. The heartbeat is pinged only after a publication, its checks, and an outbox without a rest."""
    channels = Channels.from_environment()
    sent = dispatch(home, home.now, channels)
    lines = sent.lines()
    if published and not sent.problems and not (sent.waiting and channels.main):
        if problem := channels.beat():
            lines.append(f"heartbeat  {problem}")
    elif published and channels.heartbeat:
        lines.append("heartbeat  held back: alerts wait to be sent")
    return tuple(lines)


def _record(home: Home, execution_id: str, outcome: Outcome, mended: Trouble | None = None) -> None:
    end = RunEnd(execution_id, outcome.as_of.isoformat(), outcome.run_id, int(outcome.exit), outcome.error)
    reach("record.end", "before")
    with home.state() as state:
        end_run(state, home.root.name, end, outcome.results, home.now, mended)
        reach("record.end", "during")
    reach("record.end", "after")


def settle(home: Home, record: dg.DagsterInstance) -> list[str]:
    """Fail runs whose process is dead, and write down every run that ended without it; returns what was found.

    Dagster's default launcher never notices a killed process: its run would stay STARTED for ever.
    """
    said = []
    for run in dead_runs(record):
        record.report_run_failed(run, DIED)
        said.append(f"run {run.run_id}: {DIED}")
    recent = dg.RunsFilter(job_name="nightly", statuses=ENDED, updated_after=datetime.now(UTC) - LOOKED_BACK)
    for run in reversed(record.get_runs(recent)):
        with home.state() as state:
            known = state.has_ended(run.run_id)
        days = [] if known else days_of_tags(run.tags)
        if days:  # a span of days is told of by its last
            events = [entry.dagster_event for entry in record.all_logs(run.run_id) if entry.dagster_event]
            ended = outcome_of(home, days[-1], run.run_id, run.status is dg.DagsterRunStatus.SUCCESS, events)
            if ended.error == DIED and named_after_all(home, days[-1], ended.run_id):
                ended = outcome_of(home, days[-1], run.run_id, succeeded=True, events=())
            _record(home, run.run_id, ended)
            said.append(f"run {run.run_id} for {days[-1]}: its end is written down")
    return said


def dead_runs(record: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The runs that Dagster takes to be at work and whose process is there no more."""
    return [run for run in record.get_runs(dg.RunsFilter(statuses=RUNNING)) if _is_dead(record, run.run_id)]


def _is_dead(record: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the process that wrote a run's last event is gone; one of the same number that began later is another."""
    entries = [entry for entry in record.all_logs(run_id) if entry.dagster_event and entry.dagster_event.pid]
    if not entries:
        return False
    process, spoke_at = entries[-1].dagster_event.pid, entries[-1].timestamp
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _began_at(process) > spoke_at + 1


def _began_at(process: int) -> float:
    """When a process began, in seconds since 1970; 0 where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        ticks = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])
        booted = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return int(booted.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    return 0.0
