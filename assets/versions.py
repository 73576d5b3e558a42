"""Versions over time: how a batch's accepted rows change what is known, and what became of every row sent.

A changed or missing row never overwrites: the older version gets an end of knowledge. Reading and
typing rows belongs to `models.staging`; this is the SQL that keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from assets.resources.warehouse import FOREVER, Warehouse, WarehouseError
from models.contract import Contract, contract, feeds
from models.staging.conform import CHANGES_SCHEMA, REFUSED_KEYS_SCHEMA, REJECTED_SCHEMA, Conformed

SKIPPED_SCHEMA = {"file_number": pl.Int32, "amount": pl.Decimal(18, 4), "currency": pl.String}
_BESIDE = {
    "rejected": REJECTED_SCHEMA,
    "refused_keys": REFUSED_KEYS_SCHEMA,
    "changes": CHANGES_SCHEMA,
    "skipped": SKIPPED_SCHEMA,
}
CONFLICT = "key_seen_twice_with_different_content"


@dataclass(frozen=True)
class Batch:
    """A batch being loaded: its number, its recorded time, and the feeds that earlier batches brought."""

    number: int
    recorded_at: datetime
    feeds_seen: frozenset[str]


class Incoming:
    """The accepted and rejected rows of one batch, in temporary tables, until they are merged."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.main_feed: dict[int, str] = {}
        self.feeds: set[str] = set()
        for name, schema in _BESIDE.items():
            warehouse.execute(f"drop table if exists temp.incoming_{name}")
            with warehouse.reading(given=pl.DataFrame(schema=schema)):
                warehouse.execute(f"create temp table incoming_{name} as select * from given")
        for feed in feeds():
            warehouse.execute(f"drop table if exists temp.incoming_{feed}")

    def add(self, conformed: Conformed) -> None:
        """Take in what some rows of a file became."""
        for feed, frame in conformed.facts.items():
            with self.warehouse.reading(given=frame):
                if feed not in self.feeds:
                    self.warehouse.execute(f"create temp table incoming_{feed} as select * from given limit 0")
                    self.feeds.add(feed)
                self.warehouse.execute(f"insert into incoming_{feed} select * from given")
        for name in _BESIDE:
            frame = getattr(conformed, name)
            if frame.height:
                with self.warehouse.reading(given=frame):
                    self.warehouse.execute(f"insert into incoming_{name} select * from given")

    def merge(self, batch: Batch) -> None:
        """Make the rows versions of their feeds, and write down what became of each row that was sent."""
        for feed in sorted(self.feeds):
            self._refuse_conflicts(feeds()[feed])
        self._remove_refused()
        for feed in sorted(self.feeds):
            self._set_duplicates_aside(feeds()[feed])
        self._count(batch)
        for feed in sorted(self.feeds):
            _merge(self.warehouse, feeds()[feed], batch)
        _append(self.warehouse, "staging.rejected_rows", "incoming_rejected")
        totals = (
            "select file_number, kind, column_name, sum(row_count) as row_count, sum(amount_change) as amount_change"
        )
        _append(self.warehouse, "staging.declared_changes", f"({totals} from incoming_changes group by all)")

    def _refuse_conflicts(self, feed: Contract) -> None:
        """Refuse every row of a key that comes twice with different content: none of them can be believed."""
        table, run = f"incoming_{feed.table}", self.warehouse
        run.execute(
            f"create or replace temp table repeated as select row_key from {table} group by 1 having count(*) > 1"
        )
        if not run.value("select count(*) from repeated"):
            return
        content = ", ".join(feed.columns)
        ids = ", ".join(f"coalesce(cast({name} as text), '')" for name in feed.key)
        collisions = run.value(
            f"select count(*) from (select row_key from {table} semi join repeated using (row_key)"
            f" group by 1 having count(distinct concat_ws(chr(31), {ids})) > 1)"
        )
        if collisions:
            raise WarehouseError(f"{feed.name}: {collisions} pairs of ids share a 64-bit key")
        run.execute(
            "create or replace temp table conflicting as select row_key from"
            f" (select distinct row_key, is_deleted, {content} from {table} semi join repeated using (row_key))"
            " group by 1 having count(*) > 1"
        )
        own = next(name for name in feed.key if name != "entity_id")
        with run.reading(main=_main_feeds(self.main_feed)):
            run.execute(
                f"insert into incoming_rejected select file_number, line, main_feed, '{own}', '{CONFLICT}',"
                f" cast({own} as text), {self._sent_amount(feed)}"
                f" from {table} as conflict join main using (file_number) semi join conflicting using (row_key)"
                " anti join incoming_rejected using (file_number, line)"
            )

    def _sent_amount(self, feed: Contract) -> str:
        """The amount and currency that a line was sent with, whichever of its facts the conflict is in."""
        own = "amount" if "amount" in feed.columns else "cast(null as decimal(18, 4))"
        currency = "currency" if "currency" in feed.columns else "cast(null as text)"
        if "invoices" not in self.feeds or feed.table not in ("payments", "applications", "credit_memos"):
            return f"{own}, {currency}"
        line = "from incoming_invoices sent where sent.file_number = conflict.file_number and sent.line = conflict.line"
        derived = "-amount" if feed.table == "credit_memos" else f"(select any_value(amount) {line})"
        unit = currency if feed.table == "credit_memos" else f"(select any_value(currency) {line})"
        is_own = f"main_feed = '{feed.table}'"
        return f"case when {is_own} then {own} else {derived} end, case when {is_own} then {currency} else {unit} end"

    def _remove_refused(self) -> None:
        if self.warehouse.value("select count(*) from incoming_rejected"):
            for feed in self.feeds:
                refused = (
                    f"exists (select 1 from incoming_rejected refused where"
                    f" refused.file_number = incoming_{feed}.file_number and refused.line = incoming_{feed}.line)"
                )
                self.warehouse.execute(
                    f"insert into incoming_refused_keys select row_key from incoming_{feed} where {refused}"
                )
                self.warehouse.execute(f"delete from incoming_{feed} where {refused}")

    def _set_duplicates_aside(self, feed: Contract) -> None:
        table, run = f"incoming_{feed.table}", self.warehouse
        run.execute(f"create or replace temp table duplicate_{feed.table} as select * from {table} limit 0")
        run.execute(
            f"create or replace temp table repeated as select row_key from {table} group by 1 having count(*) > 1"
        )
        if not run.value("select count(*) from repeated"):
            return
        run.execute(
            f"insert into duplicate_{feed.table} select * from {table} semi join repeated using (row_key)"
            " qualify row_number() over (partition by row_key order by recorded_at nulls last, file_number, line) > 1"
        )
        run.execute(
            f"delete from {table} where exists (select 1 from duplicate_{feed.table} again where"
            f" again.file_number = {table}.file_number and again.line = {table}.line)"
        )

    def _count(self, batch: Batch) -> None:
        parts = []
        for feed in sorted(self.feeds):
            columns = feeds()[feed].columns
            amount = "amount" if "amount" in columns else "cast(null as decimal(18, 4))"
            currency = "currency" if "currency" in columns else "cast(null as text)"
            for what in ("incoming", "duplicate"):
                outcome = "loaded" if what == "incoming" else "duplicate"
                parts.append(
                    f"select file_number, {currency} as currency, '{outcome}' as outcome, '{feed}' as feed,"
                    f" {amount} as amount from {what}_{feed}"
                )
        for what in ("rejected", "skipped"):
            parts.append(f"select file_number, currency, '{what}', null, amount from incoming_{what}")
        with self.warehouse.reading(main=_main_feeds(self.main_feed)):
            self.warehouse.execute(_TOTALS.replace("{parts}", " union all ".join(parts)))


def _main_feeds(main: dict[int, str]) -> pl.DataFrame:
    schema = {"file_number": pl.Int32, "main_feed": pl.String}
    return pl.DataFrame({"file_number": list(main), "main_feed": list(main.values())}, schema=schema)


_TOTALS = """
insert into staging.batch_totals by name
with outcomes as ({parts}),
-- a settled line makes a payment and an application besides its invoice: rows and amounts count once, in the
-- entry's own feed; a negative line of a signed feed stands there as a credit memo
counted as (
    select file_number, coalesce(currency, '') as currency, outcome,
        case when feed = 'credit_memos' and main_feed = 'invoices' then -amount else amount end as amount
    from outcomes join main using (file_number)
    where feed is null or feed = main_feed or (feed = 'credit_memos' and main_feed = 'invoices')
)
select file_number, currency,
    count(*) filter (outcome = 'loaded') as loaded_rows, count(*) filter (outcome = 'rejected') as rejected_rows,
    count(*) filter (outcome = 'duplicate') as duplicate_rows, count(*) filter (outcome = 'skipped') as skipped_rows,
    coalesce(sum(amount) filter (outcome = 'loaded'), 0) as loaded_amount,
    coalesce(sum(amount) filter (outcome = 'rejected'), 0) as rejected_amount,
    coalesce(sum(amount) filter (outcome = 'duplicate'), 0) as duplicate_amount,
    coalesce(sum(amount) filter (outcome = 'skipped'), 0) as skipped_amount
from counted group by file_number, currency
"""


def _append(warehouse: Warehouse, table: str, source: str) -> None:
    names = ", ".join(contract(table).column_types())
    warehouse.execute(f"insert into {table} ({names}) select {names} from {source}")


def _merge(run: Warehouse, feed: Contract, batch: Batch) -> None:
    """Close the versions that the batch changes or deletes, and add the new ones."""
    table, incoming = feed.name, f"incoming_{feed.table}"
    time = {"now": batch.recorded_at, "forever": FOREVER}
    same = " and ".join(f"now.{name} is not distinct from new.{name}" for name in feed.columns)
    unseen = ""
    if run.value(f"select count(*) from {table} where known_to = $forever", {"forever": FOREVER}):
        run.execute(
            "create or replace temp table unchanged as"
            f" select new.row_key, new.file_number, new.line from {incoming} new"
            f" join {table} now on now.row_key = new.row_key and now.known_to = $forever"
            f" where not new.is_deleted and {same}",
            {"forever": FOREVER},
        )
        run.execute(
            f"create or replace temp table leaving as {_leaving(feed)}", {"forever": FOREVER, "batch": batch.number}
        )
        run.execute(
            f"update {table} set known_to = $now where known_to = $forever"
            " and row_key in (select row_key from leaving)",
            time,
        )
        # a row that says the same again belongs to its newest file: a later snapshot of the older one may leave it out
        run.execute(
            f"update {table} set file_number = unchanged.file_number, line = unchanged.line from unchanged"
            f" where {table}.row_key = unchanged.row_key and known_to = $forever",
            {"forever": FOREVER},
        )
        unseen = "anti join unchanged using (row_key)"
    known_from = "$now"
    if feed.table not in batch.feeds_seen:
        known_from = "least(coalesce(recorded_at, $now), $now)"
    names = [*feed.stored_links, *feed.columns]
    run.execute(
        f"insert into {table} (row_key, {', '.join(names)}, known_from, known_to, file_number, line)"
        f" select row_key, {', '.join(names)}, {known_from}, $forever, file_number, line from {incoming} {unseen}"
        " where not is_deleted",
        time,
    )


def _leaving(feed: Contract) -> str:
    """Keys whose current version ends: changed or deleted rows, and rows that a snapshot or a new reading left out."""
    incoming = f"incoming_{feed.table}"
    return f"""
    with sent as (
        select row_key from {incoming} union all select row_key from incoming_refused_keys
    ),
    fresh as (select source_name, entry_number from raw.files where batch_number = $batch and mode = 'snapshot'),
    replaced as (
        select file_number from raw.files semi join fresh using (source_name, entry_number) where batch_number < $batch
        union
        select file_number from raw.files where superseded_by = $batch
    )
    select row_key from {incoming} anti join unchanged using (row_key)
    union
    select row_key from {feed.name} semi join replaced using (file_number) anti join sent using (row_key)
    where known_to = $forever
    """
