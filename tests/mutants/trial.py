"""One mutant in one warehouse: whether its table comes out otherwise there, and every table after it built anew.

Belongs here: what is done to a warehouse in which the project's own tables stand. Does not: where warehouses come from
(`examples`, `drawn`), or what counts as killed. A mutant whose table comes out the same in a warehouse cannot fail a
test of it: only where it differs (where the books are infected) is a test run, and only what changed is built anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from threading import Timer
from typing import Any, ClassVar

from assets.resources.warehouse import Warehouse, WarehouseError
from models.contract import contract, sql
from tests.mutants.mutations import Mutant
from tests.small_books import BUILT_BY_SQL, behind, read_by

SECONDS = 20.0
"""How long one statement of a mutant may take, on books of a few rows."""

UNBOUND = ("BinderException", "ParserException", "CatalogException", "is not what its contract says")
Said = list[tuple[Any, ...]]


class Invalid(Exception):
    """A mutant that is no SQL, or gives other types than the contract of its table: nothing to be tested."""


class TimedOut(Exception):
    """A mutant that takes too long."""


class Trial:
    """A warehouse in which every table was built for these days as known at a time, and what each table said."""

    bound: ClassVar[set[Mutant]] = set()
    """The mutants that DuckDB has bound, and found to give the types of their tables."""

    def __init__(self, warehouse: Warehouse, days: Mapping[date, str], known_at: datetime) -> None:
        self.warehouse, self.days, self.known_at = warehouse, days, known_at
        self.said: dict[str, Said] = {}
        warehouse.execute("set threads = 1")

    def is_infected(self, mutant: Mutant) -> bool:
        """Whether the mutant's table comes out otherwise here, or not at all."""
        self._check_types(mutant)
        if mutant.table not in self.said:
            self.said[mutant.table] = self._made(mutant.table, sql(mutant.table))
        with judged(self.warehouse):
            try:
                return self._made(mutant.table, mutant.text) != self.said[mutant.table]
            except WarehouseError as error:
                if _is_among(error, (*UNBOUND, "INTERRUPT")):
                    raise
                return True

    def rebuild(self, mutant: Mutant, asked: Iterable[str]) -> None:
        """Make the mutant's table, and each after it that reads something that has changed, as far as tables are asked for."""
        wanted = behind(*asked)
        changed = {mutant.table}
        with judged(self.warehouse):
            self._replace(mutant.table, mutant.text)
            for table in BUILT_BY_SQL[BUILT_BY_SQL.index(mutant.table) + 1 :]:
                if table not in wanted or changed.isdisjoint(read_by(table)):
                    continue
                is_view = contract(table).kind == "view"
                before = None if is_view else self._standing(table)
                self._replace(table, sql(table))
                if is_view or self._standing(table) != before:
                    changed.add(table)

    def _check_types(self, mutant: Mutant) -> None:
        """Refuse a mutant that does not bind, or whose columns have other types than those of the table."""
        if mutant not in self.bound:
            with judged(self.warehouse):
                if self._types(mutant.table, mutant.text) != self._types(mutant.table, sql(mutant.table)):
                    raise Invalid(mutant.key)
            self.bound.add(mutant)

    def _replace(self, table: str, text: str) -> None:
        promised = contract(table)
        self.warehouse.replace(promised, text, self.days if promised.per_day else None, known_at=self.known_at)

    def _made(self, table: str, text: str) -> Said:
        return [self.warehouse.rows(_said_by(f"({text}\n)"), given)[0] for given in self._given(table, text)]

    def _standing(self, table: str) -> Said:
        return self.warehouse.rows(_said_by(table))

    def _types(self, table: str, text: str) -> str:
        given = next(self._given(table, text))
        return str(self.warehouse.frame(f"select * from ({text}\n) made limit 0", given).schema)

    def _given(self, table: str, text: str) -> Iterator[dict[str, Any]]:
        for day in sorted(self.days) if contract(table).per_day else [None]:
            given = {"as_of": day, "known_at": self.known_at}
            yield {name: value for name, value in given.items() if f"${name}" in text}


@contextmanager
def judged(warehouse: Warehouse) -> Iterator[None]:
    """Statements inside may take so long; what goes wrong with them is told apart."""
    limit = Timer(SECONDS, warehouse.connection.interrupt)
    limit.start()
    try:
        yield
    except WarehouseError as error:
        if _is_among(error, ("INTERRUPT",)):
            raise TimedOut(str(error)[:200]) from error
        if _is_among(error, UNBOUND):
            raise Invalid(str(error)[:200]) from error
        raise
    finally:
        limit.cancel()


def _is_among(error: WarehouseError, kinds: tuple[str, ...]) -> bool:
    first = str(error).split("\n\n")[0]
    return any(kind in first for kind in kinds)


def _said_by(source: str) -> str:
    """A query for how many rows a source has and the sum of their hashes, which is other where any cell is."""
    return f"select count(*), coalesce(sum(hash(made)), 0) from {source} made"
