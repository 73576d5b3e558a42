"""How a run ended, from what Dagster and the checks wrote down of it.

Starting one belongs to `run`, telling of its end to `ending`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any

from assets.approvals import NotApproved
from assets.resources.home import Home
from assets.resources.state import CheckResult
from assets.runs import run_id

DIED = "the process that ran it died before it ended"
"""The error of a run that could not say one."""

STOPPED = "it was told to stop (SIGTERM or Ctrl-C) before it ended"
"""The error of a run that somebody stopped."""
INTERRUPTED = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")


class Exit(IntEnum):
    """What the command line's exit codes mean."""

    PUBLISHED = 0
    ERROR = 1
    PUBLISHED_WITH_WARNINGS = 2
    BLOCKED = 3


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit code, publication, what the checks said, any error, and what became of its alerts."""

    exit: Exit
    as_of: date
    run_id: str
    publication: Path | None = None
    results: list[CheckResult] = field(default_factory=list)
    error: str = ""
    told: tuple[str, ...] = ()


def outcome_of(home: Home, as_of: date, execution_id: str, succeeded: bool, events: Iterable[Any]) -> Outcome:
    """The outcome of one Dagster run for a day, from the record of its checks and its own events."""
    with home.state() as state:
        results = state.results(execution_id, as_of)
    try:
        identity = run_id(home, as_of)
    except NotApproved:  # the run has failed of it, and says so
        identity = ""
    if succeeded:
        warned = any(not found.passed for found in results)
        place = home.publications / as_of.isoformat() / identity
        code = Exit.PUBLISHED_WITH_WARNINGS if warned else Exit.PUBLISHED
        return Outcome(code, as_of, identity, place, results)
    if any(found.blocks for found in results):
        return Outcome(Exit.BLOCKED, as_of, identity, None, results)
    return Outcome(Exit.ERROR, as_of, identity, None, results, _error_of(events))


def _error_of(events: Iterable[Any]) -> str:
    for event in events:
        if event.event_type_value == "STEP_FAILURE" and event.step_failure_data.error:
            error = event.step_failure_data.error
            cause = error.cause or error
            if error.cls_name in INTERRUPTED:
                return f"{event.step_key}: {STOPPED}"
            return f"{event.step_key}: {cause.message.strip()}"
        if event.event_type_value == "PIPELINE_FAILURE":
            told = event.event_specific_data  # nothing, where somebody else said that the run has failed
            if told and told.error and told.error.cls_name in INTERRUPTED:
                return STOPPED
            return str(told.error.message if told and told.error else event.message).strip()
    return "the run failed without saying why; see `receivables ui`"
