"""What makes a run what it is: its id, from everything that could change a figure and from nothing else.

Starting a run belongs to `pipelines`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from assets.approvals import closes_of
from assets.batches import read_manifests
from assets.resources.home import Home
from assets.resources.warehouse import EVERYTHING

PACKAGES = ("models", "assets", "checks", "pipelines")
ENGINES = ("duckdb", "polars", "pyarrow", "xlsxwriter", "plotly", "jinja2")


@cache
def code_version() -> str:
    """SHA-256 of every source file of the four packages, wherever they are installed."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in {".py", ".sql", ".yml", ".j2", ".css", ".js"}:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def engine_versions() -> dict[str, str]:
    """Releases of the libraries that decide bytes."""
    return {name: metadata.version(name) for name in ENGINES}


def locked_versions() -> dict[str, str]:
    """Releases of all libraries that `requirements.lock` names; empty where the packages are installed without it."""
    lock = Path(__file__).resolve().parents[1] / "requirements.lock"
    pins = re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE) if lock.is_file() else []
    return dict(pins)


@cache
def lock_version() -> str:
    """SHA-256 of `requirements.lock`; empty where the packages are installed without it."""
    lock = Path(__file__).resolve().parents[1] / "requirements.lock"
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else ""


def manifests_known(home: Home) -> list[dict[str, Any]]:
    """The manifests of the batches that were recorded by the run's knowledge time, in order."""
    known_at = home.as_known_at
    return [found for found in read_manifests(home.raw) if datetime.fromisoformat(found["recorded_at"]) <= known_at]


def knowledge_of(home: Home) -> str:
    """The knowledge time as far as it matters: `all` once every known batch is known whole.

    A first batch may say when each of its rows was known; then a time within it is another question.
    """
    known_at = home.as_known_at
    if known_at == EVERYTHING:
        return "all"
    times = [datetime.fromisoformat(manifest["recorded_at"]) for manifest in read_manifests(home.raw)]
    known = [moment for moment in times if moment <= known_at]
    return "all" if known or not times else known_at.isoformat()


def run_id(home: Home, as_of: date) -> str:
    """The id of a run: a hash of the batches known, parameters, the closes looked back on, policy, code and engines."""
    closes = closes_of(home, as_of)
    content = {
        "batches": [manifest["batch_id"] for manifest in manifests_known(home)],
        "as_of": as_of.isoformat(),
        "known_at": knowledge_of(home),
        "policy": home.policy.fingerprint(),
        "code": code_version(),
        "engines": engine_versions(),
        "closed_as": closes.own.record["sha256"] if closes.own else "",
        "opened_from": closes.opened.record["sha256"] if closes.opened else "",
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def days_of(home: Home, partition_keys: Iterable[str]) -> dict[date, str]:
    """The as-of days of a Dagster run, each with its run id."""
    days = [date.fromisoformat(key) for key in partition_keys]
    return {day: run_id(home, day) for day in days}
