"""One stage of the benchmark in a process of its own: its seconds and peak memory, printed as JSON.

    python -m tests.bench.stage STAGE --landing FOLDER --home FOLDER --as-of DAY --memory-limit 3GB

The seconds leave out imports; the memory is the peak of the whole process.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assets.batches import read_manifests, take_in
from assets.bundle import write_bundle, write_tables
from assets.marts import glossary_rows
from assets.raw import list_batches
from assets.resources.home import Home
from assets.resources.warehouse import EVERYTHING, Warehouse
from assets.staging import load_batches, load_policy_tables
from models.contract import contract, sql
from tests.bench.__main__ import YARDSTICK_FEEDS
from tests.small_books import LEDGER_AND_MARTS


def scan(given: argparse.Namespace) -> dict[str, Any]:
    """The yardstick: every column of the three big feeds, hashed and folded, straight from the Parquet files."""
    with Warehouse(None, memory_limit=given.memory_limit, schemas=()) as warehouse:
        rows = {}
        for feed in YARDSTICK_FEEDS:
            files = f"read_parquet('{given.landing}/{feed}*.parquet')"
            names = [row[0] for row in warehouse.rows(f"describe select * from {files}")]
            folded = ", ".join(f"bit_xor(hash({name}))" for name in names)
            rows[feed] = warehouse.rows(f"select count(*), {folded} from {files}")[0][0]
    return {"rows": rows}


def raw(given: argparse.Namespace) -> dict[str, Any]:
    """Landing: the files become an immutable batch."""
    home = _home(given)
    home.create()
    landed = take_in(home.raw, home.work, given.landing, datetime(2026, 11, 1))
    return {"batches": len(landed.manifests), "notes": [note.kind for note in landed.notes]}


def staging(given: argparse.Namespace) -> dict[str, Any]:
    """Typed rows, versions, and the policy as tables."""
    home = _home(given)
    with home.warehouse() as warehouse:
        list_batches(warehouse, read_manifests(home.raw), [])
        load_batches(warehouse, home.raw, home.policy)
        load_policy_tables(warehouse, home.policy)
        totals = "select sum(loaded_rows), sum(rejected_rows) from staging.batch_totals"
        return {"loaded and rejected": [int(count) for count in warehouse.rows(totals)[0]]}


def ledger(given: argparse.Namespace) -> dict[str, Any]:
    """Every table of the ledger."""
    return {"tables": _build(given, "ledger")}


def marts(given: argparse.Namespace) -> dict[str, Any]:
    """Every published table that is made by SQL."""
    seconds = _build(given, "marts")
    with _home(given).warehouse(read_only=True) as warehouse:
        totals = warehouse.rows(
            "select view, currency, aging_bucket, sum(item_count), sum(open_amount) from marts.aging"
            " group by all having sum(item_count) <> 0 or sum(open_amount) <> 0 order by all"
        )
    return {"tables": seconds, "aging": [[*row[:3], int(row[3]), str(row[4])] for row in totals]}


def checks(given: argparse.Namespace) -> dict[str, Any]:
    """Every check of every table, as the nightly run makes them."""
    from checks.asset_checks import checked_contracts, checks_of, judge

    home, failed, count = _home(given), [], 0
    with home.warehouse() as warehouse:
        _glossary(warehouse, given.as_of)
        for promised in checked_contracts():
            day = given.as_of if promised.per_day else None
            results = judge(promised, checks_of(promised), warehouse, home, day)
            count += len(results)
            failed += [f"{found.severity} {found.check_name}" for found in results if not found.passed]
    return {"checks": count, "failed": failed}


def publication(given: argparse.Namespace) -> dict[str, Any]:
    """The Parquet files and the DuckDB bundle."""
    home = _home(given)
    folder = home.work / "bench"
    with home.warehouse() as warehouse:
        warehouse.create_empty(contract("marts.data_quality"))
        outputs = write_tables(warehouse, folder / "tables", given.as_of)
    write_bundle(folder / "receivables.duckdb", folder / "tables", outputs)
    return {"rows": sum(output["row_count"] for output in outputs)}


def pandas(given: argparse.Namespace) -> dict[str, Any]:
    """The same marts, straightforwardly in pandas, from the same files."""
    from tests.bench.pandas_stage import totals_by_pandas

    return totals_by_pandas(given.landing, given.as_of)


STAGES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    stage.__name__: stage for stage in (scan, raw, staging, ledger, marts, checks, publication, pandas)
}


def _home(given: argparse.Namespace) -> Home:
    policy = given.home.parent / "policy.yml"
    return Home(
        path=str(given.home), sources=str(given.landing), policy_file=str(policy), memory_limit=given.memory_limit
    )


def _build(given: argparse.Namespace, layer: str) -> dict[str, float]:
    seconds = {}
    with _home(given).warehouse() as warehouse:
        for table in (found for found in LEDGER_AND_MARTS if found.startswith(layer)):
            began, promised = time.perf_counter(), contract(table)
            days = {given.as_of: "bench"} if promised.per_day else None
            warehouse.replace(promised, sql(table), days, known_at=EVERYTHING)
            seconds[table] = round(time.perf_counter() - began, 2)
    return seconds


def _glossary(warehouse: Warehouse, as_of: date) -> None:
    import polars as pl

    rows = [{"as_of": as_of, "run_id": "bench", **row} for row in glossary_rows()]
    warehouse.replace_with_frame(contract("marts.glossary"), pl.DataFrame(rows, infer_schema_length=None))


def main() -> None:
    """Run the stage that is named, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    parser.add_argument("--memory-limit", default="3GB")
    given = parser.parse_args()
    began = time.perf_counter()
    said = STAGES[given.stage](given)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mib": peak, **said}))


if __name__ == "__main__":
    main()
