"""The project's own accounting examples as judges: each is run once as it is, then once for each mutant that infects it.

Belongs here: recording what a test loads and builds, and playing it back with a mutant. Does not: what a mutant is, or
which mutants are tried. A played test finds the book loaded, and built but for what the mutant changes of what it asks for.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from assets.discovery import FileNote
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.sql_asset import tables_in
from tests.mutants.mutations import Mutant
from tests.mutants.trial import Invalid, TimedOut, Trial
from tests.small_books import SmallBook, behind

MEMORY = Path("/dev/shm")
FOLDERS = ("tests/ledger", "tests/marts")
WHOLE_JOB = "tests/marts/test_beside_the_figures.py"
"""Runs Dagster's job, which has read its SQL already: not a judge."""

QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "no:hypothesispytest")
"""Hypothesis is imported before pytest starts, and these tests draw nothing."""

RUN = "test"
"""The run that `tests.small_books` builds tables for."""

Verdict = Callable[[Mutant, str, str], None]
"""Told of a mutant, what became of it, and by whom."""


@dataclass
class Step:
    """What a test did: it loaded (with notes), or built for a day as known at a time; the home after that, and what was
    asked of it: tables."""

    folder: Path
    notes: list[FileNote] | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    asked: set[str] = field(default_factory=set)


class Recorder:
    """Notes every load and build of a test, and keeps what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.steps = folder, list[Step]()

    def load(self, book: SmallBook, recorded_at: str = "2026-01-31T00:00:00") -> Home:
        """Load, and keep the whole home."""
        home = _LOAD(book, recorded_at)
        step = Step(self.folder / str(len(self.steps)), notes=book.notes)
        shutil.copytree(home.root, step.folder)
        self.steps.append(step)
        return home

    def build(self, book: SmallBook, as_of: str, known_at: str = "") -> None:
        """Nothing yet: tables are made when they are asked for."""
        _BUILD(book, as_of, known_at)
        step = Step(
            self.folder / str(len(self.steps)),
            None,
            date.fromisoformat(as_of),
            book.home(known_at=known_at).as_known_at,
        )
        step.folder.mkdir()
        self.steps.append(step)

    def rows(self, book: SmallBook, query: str) -> list[tuple[Any, ...]]:
        """The rows, of tables that are made for it, and kept."""
        step, made = self.steps[-1], len(book.made)
        step.asked.update(tables_in(query))
        found = _ROWS(book, query)
        if len(book.made) > made:
            shutil.copyfile(book.home().warehouse_file, step.folder / book.home().warehouse_file.name)
        return found


class Player:
    """Gives a test what was recorded, but for the tables that a mutant changes in the builds that it infects."""

    def __init__(self, steps: list[Step], mutant: Mutant, infected: set[int]) -> None:
        self.steps, self.mutant, self.infected, self.at = steps, mutant, infected, 0
        self.verdict = ""

    def load(self, book: SmallBook, recorded_at: str = "2026-01-31T00:00:00") -> Home:
        """The home as it was after the load."""
        home, step = book.home(recorded_at=recorded_at), self._next()
        shutil.rmtree(home.root, ignore_errors=True)
        shutil.copytree(step.folder, home.root)
        book.notes = step.notes or []
        return home

    def build(self, book: SmallBook, as_of: str, known_at: str = "") -> None:
        """The working file as it was after the build; then the mutant's table and what is asked for of what follows."""
        home, number, step = book.home(known_at=known_at), self.at, self._next()
        if step.asked:
            shutil.copyfile(step.folder / home.warehouse_file.name, home.warehouse_file)
        if number in self.infected:
            with home.warehouse() as warehouse:
                try:
                    _trial(warehouse, step).rebuild(self.mutant, step.asked)
                except (Invalid, TimedOut) as error:
                    self.verdict = "invalid" if isinstance(error, Invalid) else "timed out"
                    raise

    def rows(self, book: SmallBook, query: str) -> list[tuple[Any, ...]]:
        """The rows as they are."""
        return _ROWS(book, query)

    def _next(self) -> Step:
        self.at += 1
        return self.steps[self.at - 1]


class Examples:
    """A pytest plugin that, instead of running the tests, lets them judge mutants."""

    def __init__(self, alive: list[Mutant], verdict: Verdict, say: Callable[[str], None]) -> None:
        self.alive, self.verdict, self.say = alive, verdict, say

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Every test in turn judges what is left."""
        for number, item in enumerate(session.items, 1):
            if self.alive:
                with TemporaryDirectory(dir=_memory(), prefix="mutants-") as folder:
                    self._judge(item, Recorder(Path(folder)))
                self.say(f"{number} of {len(session.items)} examples: {len(self.alive)} alive")
        return True

    def _judge(self, item: pytest.Item, recorder: Recorder) -> None:
        with stood_in_by(recorder):
            if not passes(item):
                pytest.exit(f"{item.nodeid} fails without any mutant", returncode=2)
        infected = self._infections(recorder.steps)
        for mutant in list(self.alive):
            if mutant.key in infected:
                player = Player(recorder.steps, mutant, infected[mutant.key])
                with stood_in_by(player):
                    is_alive = passes(item)
                if not is_alive:
                    self._done(mutant, player.verdict or "killed", item.nodeid)

    def _infections(self, steps: list[Step]) -> dict[str, set[int]]:
        """The builds in which each mutant's table comes out otherwise."""
        found: dict[str, set[int]] = {}
        for number, step in enumerate(steps):
            if step.as_of is None or not step.asked:
                continue
            with Warehouse(step.folder / "warehouse.duckdb", read_only=True) as warehouse:
                trial, made = _trial(warehouse, step), behind(*step.asked)
                for mutant in [one for one in self.alive if one.table in made]:
                    with suppress(Refused):
                        if self.judged(mutant, trial):
                            found.setdefault(mutant.key, set()).add(number)
        return found

    def judged(self, mutant: Mutant, trial: Trial) -> bool:
        """Whether a mutant infects; one that is invalid, or takes too long, is done with."""
        try:
            return trial.is_infected(mutant)
        except Invalid:
            self._done(mutant, "invalid", "")
        except TimedOut:
            self._done(mutant, "timed out", "")
        raise Refused

    def _done(self, mutant: Mutant, status: str, by: str) -> None:
        self.alive.remove(mutant)
        self.verdict(mutant, status, by)


class Refused(Exception):
    """A mutant was done with before any test was run."""


def passes(item: pytest.Item) -> bool:
    """Whether a test passes, set up and torn down."""
    return all(report.passed for report in runtestprotocol(item, log=False, nextitem=None))


def judge(alive: list[Mutant], verdict: Verdict, say: Callable[[str], None], places: list[str]) -> int:
    """Let the tests of some places judge mutants; pytest's exit code."""
    folder = _memory() or "/tmp"
    options = [
        "-qq",
        "--tb=no",
        "--no-header",
        "--no-summary",
        f"--ignore={WHOLE_JOB}",
        "-o",
        "tmp_path_retention_policy=none",
        *QUIET,
    ]
    with TemporaryDirectory(dir=folder, prefix="mutants-books-") as books:
        given = [*options, f"--basetemp={books}/of", *places]
        return int(pytest.main(given, plugins=[Examples(alive, verdict, say)]))


def _memory() -> Path | None:
    return MEMORY if MEMORY.is_dir() else None


def _trial(warehouse: Warehouse, step: Step) -> Trial:
    assert step.as_of and step.known_at
    return Trial(warehouse, {step.as_of: RUN}, step.known_at)


_LOAD, _BUILD, _ROWS = SmallBook.load, SmallBook.build, SmallBook.rows


@contextmanager
def stood_in_by(one: Recorder | Player) -> Iterator[None]:
    """Loads, builds and questions of small books are given to another."""

    def load(book: SmallBook, *given: Any, **named: Any) -> Home:
        return one.load(book, *given, **named)

    def build(book: SmallBook, *given: Any, **named: Any) -> None:
        one.build(book, *given, **named)

    def rows(book: SmallBook, query: str) -> list[tuple[Any, ...]]:
        return one.rows(book, query)

    SmallBook.load, SmallBook.build, SmallBook.rows = load, build, rows  # type: ignore[method-assign]
    try:
        yield
    finally:
        SmallBook.load, SmallBook.build, SmallBook.rows = _LOAD, _BUILD, _ROWS  # type: ignore[method-assign]
