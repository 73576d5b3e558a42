"""The one adapter to Great Expectations: rules as plain lists, run on the writer's own connection.

Great Expectations 1.24 has no engine for DuckDB, so its SQL engine runs over duckdb-engine, with results
buffered: without that every expectation fails without a word. It takes seconds to import and is imported here only,
when a check runs. Rules that need a regular expression or a quantile belong in a reconciliation.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assets.resources.warehouse import Warehouse


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


def run_expectations(rules: list[Expectation], warehouse: Warehouse) -> dict[str, int | CouldNotRun]:
    """How many rows break each rule, by its name; CouldNotRun in place of a number where it could not tell."""
    with _batch(warehouse, rules[0].table) as batch:
        return {rule.name: _validate(batch, rule) for rule in rules}


def _validate(batch: Any, rule: Expectation) -> int | CouldNotRun:
    import great_expectations.expectations as gxe

    names = "".join(part.title() for part in rule.type.split("_"))
    result = batch.validate(getattr(gxe, names)(**rule.arguments), result_format="BASIC")
    if result.exception_info.get("raised_exception", False) or any(
        isinstance(value, dict) and value.get("raised_exception") for value in result.exception_info.values()
    ):
        return CouldNotRun(f"{rule.name} on {rule.table}: the expectation raised")
    if result.success:
        return 0
    return int(result.result.get("unexpected_count") or 1)


@cache
def _context() -> Any:
    """One context a process, which leaves nothing behind: making one costs more than a rule does."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


@contextmanager
def _batch(warehouse: Warehouse, table: str) -> Iterator[Any]:
    """The whole of a table as a batch of Great Expectations, on a cursor of the writer's own connection."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = _context()
        import sqlalchemy as sa
        from duckdb_engine import ConnectionWrapper
        from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

        pool = {"creator": lambda: ConnectionWrapper(warehouse.cursor()), "poolclass": sa.pool.StaticPool}
        source = context.data_sources.add_sql(name=table, connection_string="duckdb:///:memory:", kwargs=pool)
        engine = source.get_execution_engine().engine

        @sa.event.listens_for(engine, "after_cursor_execute")
        def buffer_rows(_connection: Any, cursor: Any, _statement: Any, _values: Any, context: Any, _many: Any) -> None:
            if cursor.description is not None:
                rows = cursor.fetchall()
                context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(cursor, initial_buffer=rows)

        _describe_briefly(engine, warehouse, table)
        schema, name = table.split(".")
        asset = source.add_table_asset(name=name, table_name=name, schema_name=schema)
        try:
            yield asset.add_batch_definition_whole_table("all").get_batch()
        finally:
            engine.dispose()
            source.get_engine().dispose()
            context.data_sources.delete(table)


def _describe_briefly(engine: Any, warehouse: Warehouse, table: str) -> None:
    """Let the engine answer at once which columns a table has: asking the catalogue as it does cost more than a rule.

    Their types are those of the contract, and no rule asks for them.
    """
    from sqlalchemy.types import NullType

    columns = [
        {"name": row[0], "type": NullType(), "nullable": True, "default": None}
        for row in warehouse.rows(f"describe {table}")
    ]
    engine.dialect.get_columns = lambda *_, **__: columns
    engine.dialect.get_pk_constraint = lambda *_, **__: {"constrained_columns": []}
