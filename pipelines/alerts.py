"""What is worth a message, and its words: checks and runs that fail, still fail and recover.

A message says what failed in business words, how many, how much money, whether numbers were published, who owns it and
what to do. It holds no value of a row and no text of an error: names and secrets could be in them. What did not come at
all belongs to `watching`, sending to `dispatch`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from assets.resources.outbox import Alert, Incident, Outbox, alert_id
from assets.resources.state import CheckResult, RunEnd, State
from models.contract import contract
from pipelines.outcome import DIED

RUN, PUBLICATION, SOURCE, WORKING_FILE = "run", "publication", "source", "working file"
"""What is watched besides checks; a check's subject is its table and its name."""

_ADVICE = {
    "raw": "Take the file that the run names out of the sources, or ask for it again; `receivables check-file` says"
    " what is wrong with it.",
    "staging": "Look at `rejected_rows`, and at the export with `receivables check-file`; mend it and run again.",
}
_LOOK = (
    "Look at `receivables status` and at `data_quality`; `receivables explain DOCUMENT` shows the facts behind an item."
)


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong: its subject, how severe it is, a headline, and the lines of its message."""

    subject: str
    severity: str
    headline: str
    lines: tuple[str, ...]


def end_run(
    state: State, book: str, end: RunEnd, results: list[CheckResult], now: datetime, mended: Trouble | None = None
) -> None:
    """Write down how a run ended, and put what is to be said of it into the outbox, both or neither, and once.

    `mended` is what was put right before it, which has recovered when a run finds it well.
    A run for a day before the newest speaks only of that day: it neither opens nor ends what is said of the nights.
    """
    state.begin()
    if state.has_ended(end.execution_id):
        return
    newest = state.newest_day()
    scope = end.as_of if end.as_of < newest else ""
    state.record_end(end)
    failed = [trouble_of_check(result, end) for result in results if not result.passed]
    if mended:
        failed.append(mended)
    if end.exit not in (0, 2):
        failed.append(_trouble_of_run(end, results))
    well = {subject_of(result) for result in results if result.passed}
    if end.exit in (0, 2):  # every check there is has run: one that is not among them is no longer made
        well.add(RUN)
        others = (PUBLICATION, SOURCE)
        known = Outbox(state.connection).incidents(scope)
        well |= {one.subject for one in known if one.subject.partition(" ")[0] not in others}
    tell(Outbox(state.connection), book, failed, well, (end.run_id or end.execution_id, scope), now)


def tell(
    outbox: Outbox, book: str, troubles: list[Trouble], well: Iterable[str], asked: tuple[str, str], now: datetime
) -> None:
    """Put a message in for what is newly wrong, for what still is on a later day or is worse, and for what recovered.

    `asked` is what was looked at, a batch of facts and a scope: with the check it makes the id of a message.
    """
    batch, scope = asked
    today = now.date()
    known = {one.subject: one for one in outbox.incidents(scope)}
    for trouble in troubles:
        found = known.get(trouble.subject)
        if found is None:
            found = outbox.open(trouble.subject, scope, trouble.headline, trouble.severity, today)
            phase, said = "failed", trouble.headline
        elif today > found.told_on or (trouble.severity, found.severity) == ("error", "warn"):
            outbox.tell(found, trouble.severity, today)
            phase = said = f"still failing, day {found.day(today)}"
            said = f"{trouble.headline} ({said})"
            phase = f"{phase} {trouble.severity}"
        else:
            continue
        outbox.put(_alert(found, batch, phase, f"[{book}] {said}", "\n".join(trouble.lines), now))
    failing = {trouble.subject for trouble in troubles}
    for subject in sorted(set(well) & known.keys() - failing):
        found = known[subject]
        outbox.recover(found, today)
        days = found.day(today)
        body = f"It is well again, after {days:,} {'day' if days == 1 else 'days'}. Nothing is to be done."
        outbox.put(_alert(found, batch, "recovered", f"[{book}] recovered: {found.headline}", body, now))


def _alert(incident: Incident, batch: str, phase: str, title: str, body: str, now: datetime) -> Alert:
    scope = f"{incident.scope} {incident.number} {phase}"
    return Alert(alert_id(incident.subject, batch, scope), title, body, now)


def subject_of(result: CheckResult) -> str:
    """What a check's incidents are kept under."""
    return f"{result.table_name} {result.check_name}"


def trouble_of_check(result: CheckResult, end: RunEnd) -> Trouble:
    """The message of one failed check."""
    level = "blocks" if result.blocks else "warns"
    rows = f"{result.failing_rows:,} {'row' if result.failing_rows == 1 else 'rows'}"
    money = "not counted" if result.failing_amount is None else f"{result.failing_amount:,.2f}, all currencies added up"
    return Trouble(
        subject_of(result),
        result.severity,
        f"check failed, {level}: {result.check_name.replace('_', ' ')}",
        (
            f"What should hold: {result.description}",
            f"Where: {result.table_name}, in the run for {end.as_of}",
            f"How many: {rows if result.failing_rows else 'not counted'}",
            f"How much money: {money}",
            f"Published: {_published(end)}",
            f"Owner: {contract(result.table_name).owner}",
            f"What to do: {_ADVICE.get(result.layer, _LOOK)}",
        ),
    )


def _trouble_of_run(end: RunEnd, results: list[CheckResult]) -> Trouble:
    blocking = sum(result.blocks for result in results)
    step = re.match(r"[a-z_]+(?=: )", end.error)
    why = f"it ended with an error in {step[0]}" if step else "it ended with an error"
    if end.exit == 3:
        why = f"{blocking:,} blocking {'check' if blocking == 1 else 'checks'} did not pass"
    elif end.error == DIED:
        why = DIED
    if end.exit == 3:
        advice = "Each check has a message of its own; mend what they name and run again."
    else:
        advice = "Read the error with `receivables status`, look at the home with `receivables doctor`, and run again."
    return Trouble(
        RUN,
        "error",
        f"nothing was published for {end.as_of}",
        (
            f"What failed: the run for {end.as_of}: {why}",
            f"Published: {_published(end)}",
            "Owner: team:finance-data",
            f"What to do: {advice}",
        ),
    )


def _published(end: RunEnd) -> str:
    if end.exit in (0, 2):
        return "yes, with this in its `data_quality`"
    return "no; readers see the last good publication"
