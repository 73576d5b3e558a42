"""One run of the nightly job in this process: start it, show how far it is, say how it ended.

The command line words belong to `cli`, the job itself to `jobs`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any

import dagster as dg

from assets.resources.home import Home
from assets.resources.state import CheckResult, RunEnd
from assets.runs import run_id


class Exit(IntEnum):
    """What the command line's exit codes mean."""

    PUBLISHED = 0
    ERROR = 1
    PUBLISHED_WITH_WARNINGS = 2
    BLOCKED = 3


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code, where its publication is, what the checks said, and any error."""

    exit: Exit
    as_of: date
    run_id: str
    publication: Path | None = None
    results: list[CheckResult] = field(default_factory=list)
    error: str = ""


class _Steps(logging.Handler):
    """Turns Dagster's step events into calls of `show`."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__()
        self.show = show

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is not None and event.event_type_value == "STEP_START":
            self.show(event.step_key)


def _logger(show: Callable[[str], None]) -> dg.LoggerDefinition:
    @dg.logger
    def steps(_context: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("receivables.steps", level=logging.DEBUG)
        logger.addHandler(_Steps(show))
        return logger

    return steps


def step_count() -> int:
    """How many steps a whole run has, for a progress bar."""
    from assets.steps import ASSETS
    from checks.asset_checks import ASSET_CHECKS

    return len(ASSETS) + len(ASSET_CHECKS)


def run_day(
    home: Home,
    as_of: date,
    show: Callable[[str], None] = lambda step: None,
    instance: dg.DagsterInstance | None = None,
) -> Outcome:
    """Run the nightly job for one day; `show` is called with each step's name as it starts.

    `instance` stands in for the home's own record of Dagster runs. Never raises for what a run can meet: a failure
    is an Outcome with exit ERROR, a failed check one with BLOCKED. Raises HomeBusy when another run holds the home.
    """
    from pipelines.definitions import build_defs

    with home.locked(), instance or dg.DagsterInstance.from_config(str(home.dagster_home)) as record:
        job = build_defs(home=home).resolve_job_def("nightly")
        job = job.with_logger_defs({"console": _logger(show)})
        with home.held_open():
            result = job.execute_in_process(
                partition_key=as_of.isoformat(),
                instance=record,
                raise_on_error=False,
                run_config={"loggers": {"console": {}}},
            )
        outcome = _outcome(home, as_of, result)
        with home.state() as state:
            state.record_end(RunEnd(result.run_id, as_of.isoformat(), outcome.run_id, int(outcome.exit), outcome.error))
        return outcome


def _outcome(home: Home, as_of: date, result: Any) -> Outcome:
    with home.state() as state:
        results = state.results(result.run_id, as_of)
    identity = run_id(home, as_of)
    if result.success:
        warned = any(not found.passed for found in results)
        place = home.publications / as_of.isoformat() / identity
        code = Exit.PUBLISHED_WITH_WARNINGS if warned else Exit.PUBLISHED
        return Outcome(code, as_of, identity, place, results)
    if any(found.blocks for found in results):
        return Outcome(Exit.BLOCKED, as_of, identity, None, results)
    return Outcome(Exit.ERROR, as_of, identity, None, results, _error_of(result))


def _error_of(result: Any) -> str:
    for event in result.all_events:
        if event.event_type_value == "STEP_FAILURE" and event.step_failure_data.error:
            error = event.step_failure_data.error
            cause = error.cause or error
            return f"{event.step_key}: {cause.message.strip()}"
        if event.event_type_value == "PIPELINE_FAILURE" and event.pipeline_failure_data.error:
            return str(event.pipeline_failure_data.error.message).strip()
    return "the run failed without saying why; see `receivables ui`"
