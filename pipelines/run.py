"""One run of the nightly job in this process: start it, show how far it is, say how it ended.

The command line words belong to `cli`, the job itself to `jobs`.
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import dagster as dg

from assets.resources.home import Home, HomeGone
from pipelines.ending import conclude, settle
from pipelines.mending import named_after_all, set_aside
from pipelines.outcome import STOPPED, Exit, Outcome, outcome_of


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


def run_day(home: Home, as_of: date, show: Callable[[str], None] = lambda step: None) -> Outcome:
    """Run the nightly job for one day; `show` is called with each step's name as it starts.

    Never raises for what a run can meet: a failure is an Outcome with exit ERROR, a failed check one with BLOCKED.
    Raises HomeBusy when another run holds the home, HomeGone when somebody removes it meanwhile.
    """
    with _stoppable():
        return _run_day(home, as_of, show)


def _run_day(home: Home, as_of: date, show: Callable[[str], None]) -> Outcome:
    from pipelines.definitions import build_defs
    from pipelines.run_record import run_record

    with home.locked(), _there(home), run_record(home) as record:
        settle(home, record)
        mended = set_aside(home)
        job = build_defs(home=home).resolve_job_def("nightly")
        job = job.with_logger_defs({"console": _logger(show)})
        with home.held_open():
            result = job.execute_in_process(
                partition_key=as_of.isoformat(),
                instance=record,
                raise_on_error=False,
                run_config={"loggers": {"console": {}}},
            )
        outcome = outcome_of(home, as_of, result.run_id, result.success, result.all_events)
        if outcome.error.endswith(STOPPED) and named_after_all(home, as_of, outcome.run_id):
            outcome = outcome_of(home, as_of, result.run_id, succeeded=True, events=())
    if mended and outcome.exit is Exit.PUBLISHED:
        outcome = replace(outcome, exit=Exit.PUBLISHED_WITH_WARNINGS)
    return replace(outcome, told=conclude(home, result.run_id, outcome, mended))


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM, which systemd and a shutdown send, end a run as Ctrl-C does: it fails at once, and is told of."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


@contextmanager
def _there(home: Home) -> Iterator[None]:
    """Say what happened, where a home is gone under a run; its lock is there as long as it is."""
    try:
        yield
    except Exception as error:
        if (home.root / "lock").is_file():
            raise
        raise HomeGone(
            f"{home.root} was removed while a run was at work in it: nothing of that run is left, and no alert could be"
            " written. Put raw/, approved/ and state.db back from a backup, and run the day again"
        ) from error
