"""What is measured: each layer on a large book, as the nightly job does it, and the yardsticks beside it.

Belongs here: the work of each stage, and running one of them in this process, which says as JSON how long it took and
how much memory it ever held. Does not belong here: which stages are run, and in what order (`__main__`).

    python -m tests.bench.stages STAGE FOLDER --size 1000000 --memory-limit 3GB
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from assets.allowance import make_allowance
from assets.approvals import Closes
from assets.batches import read_manifests, take_in
from assets.features import AFTER_CALENDAR, BEFORE_CALENDAR, CALENDAR
from assets.forecasts import make_changes, make_forecasts, make_runs
from assets.ledger import TABLES as LEDGER_TABLES
from assets.marts import ALLOWANCE_TABLES, FORECAST_TABLES, SQL_TABLES
from assets.raw import list_batches
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.staging import load_batches, load_policy_tables
from assets.synthetic_files import write_book
from checks.asset_checks import checked_contracts
from checks.judgement import checks_of, judge
from models.contract import contract, sql
from models.raw.synthetic import BookSettings
from pipelines.definitions import build_defs
from tests.small_books import behind, build_tables

AS_OF = date(2026, 10, 31)
RECORDED_AT = "2026-11-22T00:00:00"
BASE_CURRENCY = "USD"
COMPARED = ("marts.aging_detail", "marts.aging", "marts.aging_monthly", "marts.dso", "marts.rejected_rows")
"""The marts that the pandas version makes too."""

SCANNED = ("invoices", "payments", "applications")
PASSES = 5
"""How often the scan is repeated; its median counts, since one pass over a small book is soon disturbed."""

RUN_ID = "be9c0000-0000-4000-8000-000000000000"


def home_of(folder: Path, memory_limit: str) -> Home:
    """The home of a measured book."""
    return Home(
        path=str(folder / "home"),
        sources=str(folder / "landing"),
        policy_file=str(folder / "policy.yml"),
        recorded_at=RECORDED_AT,
        memory_limit=memory_limit,
    )


def book(folder: Path, size: int, _: Home) -> dict[str, Any]:
    """Write the canonical Parquet files."""
    (folder / "policy.yml").write_text(f"base_currency: {BASE_CURRENCY}\nforecast: {{origins: 0}}\n", encoding="utf-8")
    written = write_book(folder / "landing", BookSettings(invoices=size, as_of=AS_OF), "parquet")
    return {"rows": written["rows"]}


def scan(folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Read every column of the three large feeds and do next to nothing with it; the unit of every ratio."""
    seconds = []
    with Warehouse(None, memory_limit=home.memory_limit) as warehouse:
        for _pass in range(PASSES):
            began = time.perf_counter()
            for feed in SCANNED:
                files = f"read_parquet('{folder / 'landing' / feed}*.parquet')"
                columns = [row[0] for row in warehouse.rows(f"describe select * from {files}")]
                warehouse.rows(f"select {', '.join(f'bit_xor(hash({name}))' for name in columns)} from {files}")
            seconds.append(time.perf_counter() - began)
    return {"seconds": statistics.median(seconds)}


def landing(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Files become an immutable batch."""
    home.create()
    landed = take_in(home.raw, home.work, Path(home.sources), home.now)
    stopped = [note for note in landed.notes if note.kind == "stopped"]
    if stopped:
        raise RuntimeError(f"the book was not taken in: {stopped}")
    with home.warehouse() as warehouse:
        list_batches(warehouse, read_manifests(home.raw), landed.notes)
    return {}


def staging(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Text becomes typed versions."""
    with home.warehouse() as warehouse:
        load_batches(warehouse, home.raw, home.policy)
        load_policy_tables(warehouse, home.policy)
        rejected = warehouse.value("select count(*) from staging.rejected_rows")
    if rejected:
        raise RuntimeError(f"{rejected} rows of a book without bad rows were rejected")
    return {}


def ledger(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Every table of the ledger."""
    return _build(home, "ledger")


def features(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Every table of the features, the calendar among them."""
    began = time.perf_counter()
    with home.warehouse() as warehouse:
        wanted, calendars = {*BEFORE_CALENDAR, *CALENDAR, *AFTER_CALENDAR}, home.policy.forecast.calendars()
        build_tables(warehouse, {AS_OF: "bench"}, home.as_known_at, wanted, calendars)
    return {"tables": {"features": time.perf_counter() - began}}


def forecasts(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Thirteen weeks with intervals at every level and every open item, runs and changes; without a look back."""
    with home.warehouse() as warehouse:
        make_forecasts(warehouse, {AS_OF: "bench"}, home.policy, home.work / "origins")
        items = warehouse.value("select count(*) from forecasts.settlements")
        make_runs(warehouse, {AS_OF: "bench"})
        make_changes(warehouse, {AS_OF: "bench"}, home.policy)
    return {"items": items}


def marts(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Every mart that SQL makes."""
    return _build(home, "marts")


def allowance(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """What became of past receivables, the rates that follow from it, and every schedule made of them."""
    with home.warehouse() as warehouse:
        make_allowance(warehouse, {AS_OF: "bench"}, home.policy, home.as_known_at, {AS_OF: Closes()})
    return _build_tables(home, ALLOWANCE_TABLES)


def compared(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """The marts that the pandas version makes too, and the tables behind them."""
    return _build_tables(home, [table for table in [*LEDGER_TABLES, *SQL_TABLES] if table in behind(*COMPARED)])


def ledger_and_marts(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Both again, for another memory limit."""
    return {"tables": _build(home, "ledger")["tables"] | _build(home, "marts")["tables"]}


def _build(home: Home, layer: str) -> dict[str, Any]:
    return _build_tables(home, LEDGER_TABLES if layer == "ledger" else [*SQL_TABLES, *FORECAST_TABLES])


def _build_tables(home: Home, tables: list[str]) -> dict[str, Any]:
    seconds = {}
    with home.warehouse() as warehouse:
        for table in tables:
            began, promised = time.perf_counter(), contract(table)
            days = {AS_OF: "bench"} if promised.per_day else None
            warehouse.replace(promised, sql(table), days, known_at=home.as_known_at)
            seconds[table] = time.perf_counter() - began
    return {"tables": seconds}


def checks(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """Every check of every table, written to the record that the publication asks for; the file stays open, as in a run."""
    seconds, failed = {}, []
    _glossary(home)
    with home.warehouse() as warehouse:
        for promised in checked_contracts():
            began = time.perf_counter()
            day = AS_OF if promised.per_day else None
            with home.state() as state:
                for result in judge(promised, checks_of(promised), warehouse, home, day):
                    state.record(RUN_ID, result)
                    failed += [f"{result.table_name} {result.check_name}"] if result.blocks else []
            seconds[promised.name] = time.perf_counter() - began
    if failed:
        raise RuntimeError(f"checks failed: {', '.join(failed)}")
    return {"tables": seconds}


def _glossary(home: Home) -> None:
    _run_assets(home, "ffffffff-0000-4000-8000-000000000000", [["marts", "glossary"]])


def publication(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """The published files, through Dagster and the gate, as every night."""
    _run_assets(home, RUN_ID, [["marts", "data_quality"], ["publications", "build"], ["publications", "release"]])
    return {}


def _run_assets(home: Home, run_id: str, keys: list[list[str]]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_defs(home=home).resolve_job_def("nightly")
        job.execute_in_process(
            run_id=run_id,
            instance=instance,
            partition_key=AS_OF.isoformat(),
            asset_selection=[dg.AssetKey(key) for key in keys],
        )


def figures(_folder: Path, _: int, home: Home) -> dict[str, Any]:
    """What the marts say, in cents, to be compared with the pandas version."""
    with home.warehouse(read_only=True) as warehouse:

        def cents(key: str, table: str) -> dict[str, list[int]]:
            rows = warehouse.rows(
                f"select {key}, sum(item_count), cast(sum(open_amount) * 100 as bigint) from {table}"
                " group by all having sum(item_count) > 0 order by all"
            )
            return {" ".join(str(cell) for cell in row[:-2]): [int(row[-2]), row[-1]] for row in rows}

        total = warehouse.rows("select count(*), cast(sum(open_amount) * 100 as bigint) from ledger.open_items")[0]
        days = warehouse.rows(
            "select period_end, entity_id, currency, definition, days from marts.dso where days is not null order by all"
        )
        return {
            "open": list(total),
            "aging": cents("view, currency, aging_bucket", "marts.aging"),
            "aging_monthly": cents("month_end, currency, aging_bucket", "marts.aging_monthly"),
            "dso": {" ".join(str(cell) for cell in row[:-1]): row[-1] for row in days},
        }


def pandas(folder: Path, _: int, _home: Home) -> dict[str, Any]:
    """The same marts in pandas, from the same files."""
    from tests.bench.pandas_book import read_book
    from tests.bench.pandas_version import make_marts, said

    began = time.perf_counter()
    read = read_book(folder / "landing", AS_OF, BASE_CURRENCY)
    reading = time.perf_counter() - began
    made = make_marts(read, AS_OF)
    return {"seconds": time.perf_counter() - began, "reading": reading, "figures": said(made)}


STAGES: dict[str, Callable[[Path, int, Home], dict[str, Any]]] = {
    stage.__name__: stage
    for stage in (
        book, scan, landing, staging, ledger, features, forecasts, marts, allowance, compared, ledger_and_marts, checks,
        publication, figures, pandas
    )
}  # fmt: skip


def main() -> None:
    """Run one stage and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stages")
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--memory-limit", default="3GB")
    given = parser.parse_args()
    home = home_of(given.folder, given.memory_limit)
    if given.stage == "pandas":
        importlib.import_module("tests.bench.pandas_version")
    began = time.perf_counter()
    said = STAGES[given.stage](given.folder, given.size, home)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024, **said})
    )


if __name__ == "__main__":
    main()
