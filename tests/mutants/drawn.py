"""Drawn books as judges: the same few for ever, each asked some questions, whose answers the oracle knows.

Belongs here: which books, and whether a mutant's figures are still the oracle's. Does not: what is true of a book
(`tests/oracle`), how books are drawn, or how answers are compared (`tests/properties`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from functools import cache, partial
from typing import Any

import polars as pl
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from assets.resources.warehouse import Warehouse
from assets.staging import load_policy_tables
from tests.mutants.mutations import Mutant
from tests.mutants.trial import Invalid, TimedOut, Trial
from tests.oracle.books import as_ofs
from tests.oracle.documents import OraclePolicy
from tests.oracle.foreign import Worth
from tests.properties.foreign_books import foreign_books
from tests.properties.pipeline import Frames, deliveries_of, in_order, loaded
from tests.properties.profiles import SLOW_TO_DRAW
from tests.properties.test_currencies import base_currencies, pivots, policy_in, since_rates_are_known
from tests.properties.test_currencies import compare as compare_conversions
from tests.properties.test_oracle_agrees import books_asked, compare, policy_of
from tests.small_books import behind, build_tables

SEED = 20260131
LAST_DAY = date(2024, 7, 31)  # a day more, for what is built for one day must not be read for another
COMPARED = ("marts.aging_detail", "marts.aging", "marts.aging_monthly", "marts.rollforward", "marts.dso")
CONVERTED = ("ledger.open_items", "ledger.daily_rates", "ledger.days", "marts.rollforward")
ASKED = {*COMPARED, *CONVERTED}
FOREIGN = st.tuples(foreign_books(), base_currencies, pivots, as_ofs, since_rates_are_known)
Agree = Callable[[Frames, date], None]
"""Raises AssertionError where the tables of a day say something else than the oracle."""

Check = Callable[[Warehouse], None]
"""Raises AssertionError where a warehouse says something else than what is known to be true."""


def drawn(count: int, strategy: st.SearchStrategy[Any]) -> list[Any]:
    """So many of what a strategy draws, the same every time; the first are the smallest, and left out."""
    kept: list[Any] = []

    @seed(SEED)
    @settings(
        max_examples=max(1, 2 * count),
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=SLOW_TO_DRAW,
    )
    @given(strategy)
    def keep(one: Any) -> None:
        kept.append(one)

    if count:
        keep()
    return kept[-count:]


def questions(count: int) -> Iterator[tuple[Trial, Check]]:
    """Every drawn book built for every question, with its check; the project's own tables have passed it."""
    for book, asked in drawn(count, books_asked):
        with loaded(deliveries_of(book)) as warehouse:
            for policy, known_at, days in asked:
                load_policy_tables(warehouse, policy_of(policy))
                yield _checked(warehouse, days, known_at, _oracle_says(book, known_at, policy), COMPARED)
    for book, base, pivot, as_of, known_at in drawn(count, FOREIGN):
        with loaded(book.deliveries) as warehouse:
            days, policy = {as_of, LAST_DAY}, policy_in(base, pivot)
            load_policy_tables(warehouse, policy)
            worth = cache(partial(Worth, book.book, known_at=known_at, policy=OraclePolicy(), chosen=base, pivot=pivot))
            yield _checked(warehouse, days, known_at, _worth_says(worth), CONVERTED)


def judge(
    alive: list[Mutant], verdict: Callable[[Mutant, str, str], None], say: Callable[[str], None], count: int
) -> None:
    """Let every question of so many drawn books judge the mutants that are left."""
    for number, (trial, check) in enumerate(questions(count), 1):
        for mutant in list(alive):
            status = status_of(mutant, trial, check)
            if status:
                alive.remove(mutant)
                verdict(mutant, status, f"drawn book, question {number}")
        say(f"{number} questions of drawn books: {len(alive)} alive")
        if not alive:
            return


def status_of(mutant: Mutant, trial: Trial, check: Check) -> str:
    """What becomes of a mutant at one question; nothing where it goes unnoticed."""
    try:
        if trial.is_infected(mutant):
            with _rolled_back(trial.warehouse):
                trial.rebuild(mutant, ASKED)
                check(trial.warehouse)
    except Invalid:
        return "invalid"
    except TimedOut:
        return "timed out"
    except Exception:  # whatever it is, it is of the mutant's making: without it the check has passed
        return "killed"
    return ""


def _checked(
    warehouse: Warehouse, days: set[date], known_at: datetime, agree: Agree, tables: tuple[str, ...]
) -> tuple[Trial, Check]:
    """The tables of a question, which agree with the oracle; it is asked again only where they come out otherwise."""
    runs = {day: f"run of {day}" for day in days}
    build_tables(warehouse, runs, known_at, behind(*ASKED))

    def said() -> Frames:
        return {name: in_order(warehouse, name) for name in tables}

    def ask(found: Frames) -> None:
        for as_of in days:
            agree({name: frame.filter(pl.col("as_of") == as_of) for name, frame in found.items()}, as_of)

    def check(_: Warehouse) -> None:
        found = said()
        if not all(found[name].equals(told[name]) for name in tables):
            ask(found)

    told = said()
    ask(told)
    return Trial(warehouse, runs, known_at), check


def _oracle_says(book: Any, known_at: datetime, policy: Any) -> Agree:
    return lambda found, as_of: compare(found, book, as_of, known_at, policy)


def _worth_says(worth: Callable[[date], Worth]) -> Agree:
    def agree(found: Frames, as_of: date) -> None:
        assert found["ledger.open_items"].select("document_key", "instalment").is_unique().all()
        compare_conversions(found, worth(as_of))

    return agree


@contextmanager
def _rolled_back(warehouse: Warehouse) -> Iterator[None]:
    """What is done inside is undone; tables are replaced in this one transaction."""
    warehouse.execute("begin transaction")
    warehouse.transaction = nullcontext  # type: ignore[method-assign]
    try:
        yield
    finally:
        del warehouse.transaction  # type: ignore[method-assign]
        warehouse.execute("rollback")
