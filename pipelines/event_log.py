"""Dagster's event log as a run writes it: one connection to each of its files from the first event to the last.

Dagster's own storage makes an engine, opens the file, flushes it to disk and closes it again for each of some 1,500
events a night, which took longer than the night's work. The files are the same, so `receivables ui`, which reads them
with Dagster's own storage, sees the same history. Dagster loads this module by the name that `run_record` gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dagster._core.events import EVENT_TYPE_TO_PIPELINE_RUN_STATUS
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy.pool import StaticPool

from assets.resources.files import flush

SECONDS = 60
"""How long a writer waits for another one."""


class HeldEventLog(SqliteEventLogStorage):
    """Dagster's event log in its own files, with each file held open for as long as this lives.

    A killed process loses nothing: every event is in the file when it has been told. What only a machine that loses
    its power can lose is flushed where a run starts and where it ends, and not after each event.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._held: dict[str, sa.Connection] = {}
        self._found: set[tuple[str, str]] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> HeldEventLog:
        """As Dagster makes it of its configuration."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        if shard not in self._held:
            with super()._connect(shard):  # which makes the file and its tables, where they are not there yet
                pass
        with self._db_lock:
            connection = self._held.get(shard) or self._held.setdefault(shard, self._open(shard))
            with connection.begin():
                yield connection

    def _open(self, shard: str) -> sa.Connection:
        given = {"timeout": SECONDS, "check_same_thread": False}
        engine = sa.create_engine(self.conn_string_for_shard(shard), poolclass=StaticPool, connect_args=given)
        sa.event.listen(engine, "connect", lambda held, _: held.execute("pragma synchronous = normal").close())
        return engine.connect()

    def has_table(self, table_name: str) -> bool:
        """Whether there is a table of this name."""
        return self._is_there("table", table_name, super().has_table)

    def has_secondary_index(self, name: str) -> bool:
        """Whether there is a secondary index of this name."""
        return self._is_there("secondary index", name, super().has_secondary_index)

    def _has_asset_key_col_on_connection(self, conn: sa.Connection, column_name: str) -> bool:
        ask = partial(super()._has_asset_key_col_on_connection, conn)
        return self._is_there("column", column_name, ask)

    def _is_there(self, kind: str, name: str, ask: Callable[[str], bool]) -> bool:
        """What is there stays, and Dagster asks at every event."""
        if (kind, name) not in self._found and ask(name):
            self._found.add((kind, name))
        return (kind, name) in self._found

    def store_event(self, event: Any) -> None:
        """Write down one event; one that says how a run stands is on the disk when this returns."""
        super().store_event(event)
        if event.is_dagster_event and event.dagster_event_type in EVENT_TYPE_TO_PIPELINE_RUN_STATUS:
            for shard in (event.run_id, "index"):
                log = Path(f"{self.path_for_shard(shard)}-wal")
                if log.is_file():
                    flush(log)

    def wipe(self) -> None:
        """Forget all events; the files go, and with them what is held of them."""
        self._let_go()
        super().wipe()

    def dispose(self) -> None:
        """Close every file."""
        self._let_go()
        super().dispose()

    def _let_go(self) -> None:
        while self._held:
            held = self._held.popitem()[1]
            held.close()
            held.engine.dispose()
