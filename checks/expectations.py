"""The one adapter to Great Expectations: rules as plain lists, run on the writer's own connection.

Great Expectations 1.24 has no engine for DuckDB, so its SQL engine runs over duckdb-engine, with results
buffered: without that every expectation fails without a word. It takes seconds to import and is imported here only,
when a check runs. Rules that need a regular expression or a quantile belong in a reconciliation. What takes time is not
the rows but its own ceremony, so it knows one table for all: a view, which is made anew of the rows in question.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assets.resources.warehouse import Warehouse

_JUDGED = "judged"
_WITHOUT_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}


@dataclass(frozen=True)
class Expectation:
    """One rule of one table: the sentence that holds, and the expectation of Great Expectations that says it."""

    table: str
    name: str
    description: str
    type: str
    arguments: dict[str, Any] = field(default_factory=dict)
    severity: str = "error"


class CouldNotRun(RuntimeError):
    """An expectation that raised instead of answering: it counts as failed, but it is no data failure."""


def run_expectations(rules: Sequence[Expectation], warehouse: Warehouse, rows: str) -> dict[str, int | CouldNotRun]:
    """How many of the rows of a query break each rule, by its name; CouldNotRun where it could not tell.

    Where there are no rows, only rules of their number are asked: every other holds.
    """
    said: dict[str, int | CouldNotRun] = {rule.name: 0 for rule in rules}
    if not warehouse.rows(f"select 1 from ({rows}) limit 1"):
        rules = [rule for rule in rules if rule.type.startswith("expect_table_")]
    if not rules:
        return said
    with _batch(warehouse, rows) as batch:
        failed = _failed(batch, rules)
        return said | {rule.name: _count(batch, rule) for rule in rules if rule.name in failed}


def _failed(batch: Any, rules: Sequence[Expectation]) -> set[str]:
    """The rules that do not hold, or could not tell: asked together, as yes or no, which takes one query for most."""
    from great_expectations import ExpectationSuite

    asked = ExpectationSuite(name=_JUDGED, expectations=[_expectation(rule) for rule in rules])
    results = batch.validate(asked, result_format="BOOLEAN_ONLY").results
    return {result.expectation_config.meta["name"] for result in results if not result.success}


def _count(batch: Any, rule: Expectation) -> int | CouldNotRun:
    """How many rows break one rule, which is asked alone: what another raises is not its fault."""
    result = batch.validate(_expectation(rule), result_format=_WITHOUT_VALUES)
    if result.exception_info.get("raised_exception", False) or any(
        isinstance(value, dict) and value.get("raised_exception") for value in result.exception_info.values()
    ):
        return CouldNotRun(f"{rule.name} on {rule.table}: the expectation raised")
    return 0 if result.success else int(result.result.get("unexpected_count") or 1)


def _expectation(rule: Expectation) -> Any:
    import great_expectations.expectations as gxe

    kind = getattr(gxe, "".join(part.title() for part in rule.type.split("_")))
    severity = "critical" if rule.severity == "error" else "warning"
    return kind(**rule.arguments, description=rule.description, severity=severity, meta={"name": rule.name})


@contextmanager
def _batch(warehouse: Warehouse, rows: str) -> Iterator[Any]:
    """The rows of a query as a batch of Great Expectations, on a cursor of the writer's own connection."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _shown().show(warehouse, rows)
            yield _definition().get_batch()
        finally:
            _shown().close()


class _Shown:
    """What Great Expectations is shown: one view of one cursor at a time, with the names of its columns.

    It would ask the catalogue for them at every rule, which costs more than a rule does. Their types are those of the
    contract, and no rule asks for them.
    """

    def __init__(self) -> None:
        self.cursor: Any = None
        self.columns: list[dict[str, Any]] = []
        self.engine: Any = None

    def show(self, warehouse: Warehouse, rows: str) -> None:
        """Let the view be of these rows."""
        from sqlalchemy.types import NullType

        self.cursor = warehouse.cursor()
        self.cursor.execute(f"create temp view {_JUDGED} as {rows}")
        names = [row[0] for row in self.cursor.execute(f"describe {_JUDGED}").fetchall()]
        self.columns = [{"name": name, "type": NullType(), "nullable": True, "default": None} for name in names]

    def close(self) -> None:
        """Let go of the cursor, which would keep the working file open."""
        if self.engine is not None:
            self.engine.dispose()
        if self.cursor is not None:
            self.cursor.close()

    def attach(self, engine: Any) -> None:
        """Let an engine of SQLAlchemy answer from here."""
        import sqlalchemy as sa
        from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

        @sa.event.listens_for(engine, "after_cursor_execute")
        def buffer_rows(_connection: Any, cursor: Any, _statement: Any, _values: Any, context: Any, _many: Any) -> None:
            if cursor.description is not None:
                rows = cursor.fetchall()
                context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(cursor, initial_buffer=rows)

        engine.dialect.get_columns = lambda *_, **__: self.columns
        engine.dialect.get_pk_constraint = lambda *_, **__: {"constrained_columns": []}
        self.engine = engine


@cache
def _shown() -> _Shown:
    return _Shown()


@cache
def _definition() -> Any:
    """The one batch definition of a process, which leaves nothing behind: making one costs more than a rule does.

    It is first asked for when something is shown: Great Expectations looks whether the table is there.
    """
    import great_expectations as gx
    import sqlalchemy as sa
    from duckdb_engine import ConnectionWrapper
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    pool = {"creator": lambda: ConnectionWrapper(_shown().cursor), "poolclass": sa.pool.StaticPool}
    source = context.data_sources.add_sql(name="warehouse", connection_string="duckdb:///:memory:", kwargs=pool)
    _shown().attach(source.get_execution_engine().engine)
    return source.add_table_asset(name=_JUDGED, table_name=_JUDGED).add_batch_definition_whole_table("all")
