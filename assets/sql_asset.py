"""The factory that turns contracts and their SQL into the Dagster assets of a step.

An asset made here reads and writes the warehouse only; what its table means is in the SQL and contract.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import dagster as dg

from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.runs import days_of
from models.contract import WORDS, Contract, contract, sql

SECONDS_A_DAY = 86400


class Days(dg.DailyPartitionsDefinition):
    """Days of as-of, counted out once a process and day: Dagster asks for the last at every table, and for all of them
    at every check of a run over a span, and each time walks through all the years ahead."""

    def get_partition_keys(
        self, current_time: datetime | None = None, dynamic_partitions_store: Any = None
    ) -> list[str]:
        """Every day, in order, as Dagster lists them."""
        if current_time is not None:
            return list(super().get_partition_keys(current_time, dynamic_partitions_store))
        return self._listed(datetime.now(UTC).date())

    def _get_current_timestamp(self) -> float:
        """The midnight before now: the days are the same all day, and Dagster keeps what it found for a timestamp."""
        now = super()._get_current_timestamp()
        return now - now % SECONDS_A_DAY

    @lru_cache(maxsize=1)  # noqa: B019 - the one instance lives as long as the process
    def _listed(self, _today: date) -> list[str]:
        return list(super().get_partition_keys())


DAYS = Days(start_date="1970-01-01", end_offset=365 * 25)
"""Days of as-of: every day since 1970 and for 25 years to come. What lies further ahead costs: for each of the tables
`dagster definitions validate` walks three times through all that is ahead, which took 39 s for 75 years."""

_TABLE = re.compile(rf"\b({'|'.join(WORDS)})\.([a-z_]+)\b")


def tables_in(text: str) -> list[str]:
    """The tables that a SQL text reads, by their one name, in order of appearance."""
    return list(dict.fromkeys(".".join(found) for found in _TABLE.findall(text)))


def column_schema(promised: Contract) -> dg.TableSchema:
    """Dagster's view of a contract: names, types and meanings."""
    columns = [dg.TableColumn(name, kind, promised.meaning_of(name)) for name, kind in promised.column_types().items()]
    return dg.TableSchema(columns=columns)


def spec_of(promised: Contract, deps: list[str], kinds: set[str]) -> dg.AssetSpec:
    """What Dagster shows of a table: description, grain, group, owner, kinds and column schema."""
    return dg.AssetSpec(
        key=[promised.layer, promised.table],
        deps=[dg.AssetKey(name.split(".")) for name in deps if name != promised.name],
        description=f"{promised.description}\n\nOne row per {promised.grain.removeprefix('one ')}.",
        group_name=promised.layer,
        owners=[promised.owner],
        kinds=kinds,
        metadata={"dagster/column_schema": column_schema(promised), "dagster/table_name": promised.name},
        partitions_def=DAYS if promised.per_day else None,
    )


def row_counts(warehouse: Warehouse, promised: Contract) -> dict[str, Any]:
    """The metadata of a materialization: how many rows the table has."""
    return {"dagster/row_count": warehouse.value(f"select count(*) from {promised.name}")}


def sql_assets(name: str, tables: Sequence[str]) -> dg.AssetsDefinition:
    """The assets of tables that `models/<word>/<table>.sql` make, in this order and in one step, all or some of them.

    They are made for each as-of day where their contracts say so, which must be all of them or none.
    """
    made = {table: (contract(table), sql(table)) for table in tables}
    (per_day,) = {promised.per_day for promised, _ in made.values()}

    @dg.multi_asset(
        name=name,
        specs=[spec_of(promised, tables_in(text), {"duckdb", "sql"}) for promised, text in made.values()],
        backfill_policy=dg.BackfillPolicy.single_run() if per_day else None,
        can_subset=True,
    )
    def build(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
        days = days_of(home, list(context.partition_keys)) if per_day else None
        with home.warehouse() as warehouse:
            for promised, text in made.values():
                key = dg.AssetKey([promised.layer, promised.table])
                if key in context.selected_asset_keys:
                    warehouse.replace(promised, text, days, known_at=home.as_known_at)
                    yield dg.MaterializeResult(asset_key=key, metadata=row_counts(warehouse, promised))

    return build
