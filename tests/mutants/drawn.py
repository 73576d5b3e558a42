"""Drawn books as judges: the same few for ever, each asked some questions, whose answers the oracle knows.

Belongs here: which books, and whether a mutant's figures are still the oracle's. Does not: what is true of a book
(`tests/oracle`), how books are drawn, or how answers are compared (`tests/properties`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from typing import Any

import polars as pl
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from assets.resources.warehouse import Warehouse, WarehouseError
from tests.mutants.mutations import Mutant
from tests.mutants.trial import Invalid, TimedOut, Trial
from tests.oracle.books import BATCH_TIMES, as_ofs, books, known_ats
from tests.properties.foreign_books import foreign_books
from tests.properties.pipeline import DEFAULT_POLICY, build, deliveries_of, in_order, loaded
from tests.properties.profiles import SLOW_TO_DRAW
from tests.properties.test_oracle_agrees import asked_of, compare, policy_of

SEED = 20260131
LAST_DAY = date(2024, 7, 31)  # a day more, for what is built for one day must not be read for another
COMPARED = ("marts.aging_detail", "marts.aging", "marts.aging_monthly", "marts.rollforward", "marts.dso")
ASKED = (*COMPARED, "ledger.open_items")
Check = Callable[[Warehouse], None]
"""Raises AssertionError where a warehouse says something else than what is known to be true."""


def drawn(count: int, strategy: st.SearchStrategy[Any]) -> list[Any]:
    """So many of what a strategy draws, the same every time; the first are the smallest, and left out."""
    kept: list[Any] = []

    @seed(SEED)
    @settings(
        max_examples=2 * count,
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
    for book, asked in drawn(count, books().flatmap(lambda book: st.tuples(st.just(book), asked_of(book)))):
        with loaded(deliveries_of(book)) as warehouse:
            for policy, known_at, days in asked:
                build(warehouse, days, known_at, policy_of(policy))
                yield _checked(warehouse, days, known_at, _oracle_says(book, days, known_at, policy))
    since_rates_are_known = known_ats.filter(lambda known_at: known_at >= BATCH_TIMES[0])
    bases = st.sampled_from((None, "USD", "JPY"))
    for book, base, as_of, known_at in drawn(count, st.tuples(foreign_books(), bases, as_ofs, since_rates_are_known)):
        with loaded(book.deliveries) as warehouse:
            days = {as_of, LAST_DAY}
            build(warehouse, days, known_at, DEFAULT_POLICY.model_copy(update={"base_currency": base}))
            yield _checked(warehouse, days, known_at, _conversions_of(book, base, known_at))


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
    except (AssertionError, WarehouseError):
        return "killed"
    return ""


def _checked(warehouse: Warehouse, days: set[date], known_at: datetime, check: Check) -> tuple[Trial, Check]:
    check(warehouse)
    return Trial(warehouse, {day: f"run of {day}" for day in days}, known_at), check


def _oracle_says(book: Any, days: set[date], known_at: datetime, policy: Any) -> Check:
    def check(warehouse: Warehouse) -> None:
        found = {name: in_order(warehouse, name) for name in COMPARED}
        for as_of in days:
            of_day = {name: frame.filter(pl.col("as_of") == as_of) for name, frame in found.items()}
            compare(of_day, book, as_of, known_at, policy)

    return check


def _conversions_of(book: Any, base_currency: str | None, known_at: datetime) -> Check:
    def check(warehouse: Warehouse) -> None:
        items = in_order(warehouse, "ledger.open_items")
        assert items.select("as_of", "document_key", "instalment").is_unique().all()
        for item in items.iter_rows(named=True):
            base = book.base_currency(base_currency, item["as_of"], known_at)
            assert (item["functional_currency"], item["base_currency"]) == (book.functional[item["entity_id"]], base)
            assert item["open_amount_functional"] == book.functional_amount(item, known_at)
            assert item["open_amount_base"] == book.base_amount(item, base, item["as_of"])

    return check


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
