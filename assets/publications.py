"""The publications layer: the marts as files that appear whole or not at all.

`build` writes everything under `work/`; `release` renames it into place, and only when every check of
the run that is required has passed. What the tables mean belongs to `models/marts`.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from assets.approvals import closes_of
from assets.bundle import write_bundle, write_tables
from assets.marts import published_contracts
from assets.pack.files import write_pack
from assets.published import LATEST, MANIFEST, Published, newest
from assets.resources.failpoints import reach
from assets.resources.files import flush, flush_folder, sha256_of, write_whole
from assets.resources.home import Home
from assets.resources.state import CheckResult, of_the_book
from assets.runs import code_version, days_of, engine_versions, knowledge_of, lock_version, manifests_known
from assets.sql_asset import DAYS


class Gate(dg.ConfigurableResource):
    """What a publication demands: the checks, as `table check`, that must have run. Given by `pipelines`."""

    required: list[str] = []


class Blocked(dg.Failure):
    """A publication that must not appear."""


_COLUMNS = dg.TableSchema(
    columns=[
        dg.TableColumn("table", "TEXT", "Name of the published table."),
        dg.TableColumn("file", "TEXT", "Its file in the publication."),
        dg.TableColumn("row_count", "BIGINT", "Its rows."),
        dg.TableColumn("control_totals", "TEXT", "What its amounts add up to, by currency."),
        dg.TableColumn("sha256", "TEXT", "SHA-256 of the file."),
    ]
)
_SPEC = {
    "group_name": "publications",
    "owners": ["team:finance-data"],
    "kinds": {"parquet", "duckdb", "excel", "html"},
    "partitions_def": DAYS,
    "metadata": {"dagster/column_schema": _COLUMNS},
}


@dg.multi_asset(
    name="publications__build",
    specs=[
        dg.AssetSpec(
            ["publications", "build"],
            deps=[dg.AssetKey(found.name.split(".")) for found in published_contracts()],
            description="The published tables as Parquet, one DuckDB file, a workbook and a page; their manifest;"
            " not yet released.",
            **_SPEC,
        )
    ],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def build(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Write the publication of each day under `work/`, read it back, and describe it in its manifest."""
    written = 0
    for as_of, run_id in days_of(home, context.partition_keys).items():
        folder = _workplace(home, run_id)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        reach("publication.build", "before")
        with home.warehouse() as warehouse:
            outputs = write_tables(warehouse, folder / "tables", as_of)
        reach("publication.build", "during")
        write_bundle(folder / "receivables.duckdb", folder / "tables", outputs)
        with home.state() as state:
            results = state.results(context.run.run_id, as_of)
        manifest = describe(home, as_of, run_id, outputs, results)
        manifest["files"] = write_pack(folder, folder / "receivables.duckdb", manifest)
        write_whole(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
        flush_folder(folder)
        reach("publication.build", "after")
        written += sum(output["row_count"] for output in outputs)
    yield dg.MaterializeResult(asset_key=["publications", "build"], metadata={"dagster/row_count": written})


@dg.multi_asset(
    name="publications__release",
    specs=[
        dg.AssetSpec(
            ["publications", "release"],
            deps=[dg.AssetKey(["publications", "build"])],
            description="The publication in its place, where readers find it; it appears whole or not at all.",
            **_SPEC,
        )
    ],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def release(context: dg.AssetExecutionContext, home: Home, gate: Gate) -> Iterator[dg.MaterializeResult[Any]]:
    """Move each day's publication into place, unless a required check is missing or failed."""
    places = []
    for as_of, run_id in days_of(home, context.partition_keys).items():
        with home.state() as state:
            refuse_unless_passed(gate.required, state.results(context.run.run_id, as_of))
        places.append(move_into_place(home, as_of, run_id))
    yield dg.MaterializeResult(
        asset_key=["publications", "release"],
        metadata={
            "publications": [f"{place.parent.name}/{place.name}" for place in places],
            "dagster/row_count": sum(
                output["row_count"]
                for place in places
                for output in json.loads((place / MANIFEST).read_text(encoding="utf-8"))["outputs"]
            ),
        },
    )


def refuse_unless_passed(required: list[str], results: list[CheckResult]) -> None:
    """Raise Blocked when a required check did not run, or a blocking one failed."""
    said = {f"{result.table_name} {result.check_name}" for result in results}
    missing = sorted(set(required) - said)
    failed = sorted(f"{result.table_name} {result.check_name}" for result in results if result.blocks)
    if missing or failed:
        raise Blocked(
            description=f"not published: failed {', '.join(failed) or 'none'}; not run {', '.join(missing) or 'none'}"
        )


def describe(
    home: Home, as_of: date, run_id: str, outputs: list[dict[str, Any]], results: list[CheckResult]
) -> dict[str, Any]:
    """The manifest: what went in, under which policy and code, what came out, and what the checks said of it."""
    manifests = manifests_known(home)
    opened = closes_of(home, as_of).opened
    first = min((manifest["recorded_at"] for manifest in manifests), default="")
    warned = any(not result.passed for result in of_the_book(results))
    return {
        "as_of": as_of.isoformat(),
        "run_id": run_id,
        "status": "passed_with_warnings" if warned else "passed",
        "parameters": {"as_of": as_of.isoformat(), "known_at": knowledge_of(home)},
        "vintage": "recorded" if first and first[:10] <= as_of.isoformat() else "reconstructed",
        "opened_from": {"as_of": opened.record["as_of"], "sha256": opened.record["sha256"]} if opened else None,
        "policy": {"sha256": home.policy.fingerprint(), "settings": home.policy.model_dump(mode="json")},
        "code": {"sha256": code_version(), "lock_sha256": lock_version(), "engines": engine_versions()},
        "inputs": [described_input(manifest) for manifest in manifests],
        "outputs": outputs,
        "checks": [
            {
                "table": result.table_name,
                "check": result.check_name,
                "severity": result.severity,
                "passed": result.passed,
                "failing_rows": result.failing_rows,
            }
            for result in of_the_book(results)
        ],
    }


def described_input(manifest: dict[str, Any]) -> dict[str, Any]:
    """A batch as the manifest of a publication tells it."""
    kept = ("file_name", "feed", "file_sha256", "row_count", "skipped_count", "control_totals")
    return {
        **{name: manifest[name] for name in ("batch_id", "source_name", "declaration_sha256")},
        "files": [{name: file[name] for name in kept} for file in manifest["files"]],
    }


def _workplace(home: Home, run_id: str) -> Path:
    return home.work / f"publication-{run_id}"


def move_into_place(home: Home, as_of: date, run_id: str) -> Path:
    """Rename the finished folder to its public name, and point `latest.json` at the newest day's publication.

    A publication of the same run that is already there, and whole, stays: it has the same bytes.
    """
    built, place = _workplace(home, run_id), home.publications / as_of.isoformat() / run_id
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    reach("publication.rename", "before")
    if place.exists():
        differing = differences(json.loads((built / MANIFEST).read_text(encoding="utf-8")), place)
        if differing:
            raise Blocked(
                description=f"{place} is there already and differs in {', '.join(differing)}: it was changed by"
                " hand, or the run is not reproducible. Move it away and run again."
            )
        shutil.rmtree(built)
    else:
        built.rename(place)
    reach("publication.rename", "during")
    flush(place.parent)
    flush(home.publications)
    reach("publication.rename", "after")
    point_latest(home, as_of, run_id)
    return place


def differences(manifest: Mapping[str, Any], place: Path) -> list[str]:
    """The tables and files of a published folder that are not what a manifest says."""
    told = {output["table"]: output for output in manifest["outputs"]}
    told |= {output["file"]: output for output in manifest.get("files", [])}
    return [
        name
        for name, output in told.items()
        if not (place / output["file"]).is_file() or sha256_of(place / output["file"]) != output["sha256"]
    ]


def last_published(home: Home) -> str | None:
    """The day of the newest publication, as ISO text; None before the first."""
    pointer = home.publications / LATEST
    return str(json.loads(pointer.read_text(encoding="utf-8"))["as_of"]) if pointer.is_file() else None


def newest_publication(home: Home) -> Published:
    """The publication that `latest.json` names, found to be as it was published.

    Raises ValueError, in one line, where nothing is published yet, or it is not what was published.
    """
    found = newest(home.root)
    if changed := differences(found.manifest, found.folder):
        raise ValueError(f"{found.folder} is not what was published: {', '.join(changed)}")
    return found


def point_latest(home: Home, as_of: date, run_id: str) -> None:
    """Let `latest.json` name a publication that is in its place, unless it names one of a later day."""
    pointer = home.publications / LATEST
    if pointer.exists():
        held = json.loads(pointer.read_text(encoding="utf-8"))
        if held["as_of"] > as_of.isoformat():
            return
    content = {"as_of": as_of.isoformat(), "run_id": run_id, "path": f"{as_of.isoformat()}/{run_id}"}
    reach("publication.latest", "before")
    told = json.dumps(content, indent=1, sort_keys=True).encode()
    write_whole(pointer, told, during="publication.latest", beside=home.work)
    reach("publication.latest", "after")


ASSETS = [build, release]
