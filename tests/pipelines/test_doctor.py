"""A home looked over: what is well, what is not, and what to do, each part by itself."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.resources.files import sha256_of
from assets.resources.home import Home
from pipelines.channels import FALLBACK, HEARTBEAT, URLS
from pipelines.doctor import examine, exit_code
from pipelines.finding import Finding
from pipelines.status import status_of
from tests.small_books import SmallBook

INVOICES = """
    | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
    | 1          | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
"""


@pytest.fixture
def home(book: SmallBook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A loaded book with one publication, of which the manifest names one file."""
    monkeypatch.setenv(URLS, "json://127.0.0.1")
    monkeypatch.setenv(HEARTBEAT, "http://127.0.0.1/")
    monkeypatch.delenv(FALLBACK, raising=False)
    book.put(invoices=INVOICES)
    home = book.load("2026-02-01T05:00:00")
    with home.state():
        pass
    place = home.publications / "2026-01-31" / "run"
    (place / "tables").mkdir(parents=True)
    (place / "tables" / "aging.parquet").write_bytes(b"figures")
    output = {"table": "aging", "file": "tables/aging.parquet", "sha256": sha256_of(place / "tables" / "aging.parquet")}
    manifest = {"as_of": "2026-01-31", "outputs": [{**output, "row_count": 1}], "checks": [], "status": "passed"}
    told = {"parameters": {"known_at": "all"}, "inputs": [], "vintage": "recorded"}
    (place / "manifest.json").write_text(json.dumps(manifest | told))
    latest = {"as_of": "2026-01-31", "run_id": "run", "path": "2026-01-31/run"}
    (home.publications / "latest.json").write_text(json.dumps(latest))
    yield home
    for path in home.raw.rglob("*"):
        path.chmod(0o750)


def said(home: Home, subject: str, stale_after: int | None = None) -> Finding:
    """The worst that is said of a subject."""
    found = [one for one in examine(home, stale_after) if one.subject == subject]
    return min(found, key=lambda one: ["error", "warning", "ok"].index(one.level))


def test_a_home_that_is_well_is_said_to_be_so_in_every_part(home: Home) -> None:
    found = examine(home, 2)
    assert [str(one) for one in found if one.level != "ok"] == []
    assert exit_code(found) == 0
    subjects = ["versions", "policy", "time zone", "home", "disk", "lock", "working file", "record", "raw"]
    assert [one.subject for one in found] == [*subjects, "publications", "age", "closes", "sources", "alerts"]
    assert "1 batches, 1 files" in said(home, "raw").said
    assert "UTC: a run without --as-of is for 2026-01-31" in said(home, "time zone").said


def test_raw_that_is_not_what_was_sent_is_named(home: Home) -> None:
    (kept,) = (home.raw / "files").iterdir()
    kept.chmod(0o640)
    kept.write_bytes(kept.read_bytes().replace(b"100.00", b"900.00"))
    found = said(home, "raw")
    assert (found.level, found.said.split()[0]) == ("error", "invoices.csv")
    assert "has other bytes" in found.said and "Restore it" in found.advice
    kept.unlink()
    assert "is missing" in said(home, "raw").said
    (text,) = home.raw.glob("batches/*/*.parquet")
    text.write_bytes(text.read_bytes()[:-9])
    assert any("the text of invoices.csv in batch 1 cannot be read" in one.said for one in examine(home))
    assert exit_code(examine(home)) == 1


def test_a_working_file_that_cannot_be_read_can_be_made_anew(home: Home) -> None:
    home.warehouse_file.write_bytes(b"not a database" * 1000)
    found = said(home, "working file")
    assert (found.level, found.advice) == (
        "error",
        "The next run sets it aside and makes it anew from raw",
    )
    home.warehouse_file.unlink()
    assert said(home, "working file").level == "ok"


def test_a_publication_that_was_changed_or_is_gone_is_named(home: Home) -> None:
    table = home.publications / "2026-01-31" / "run" / "tables" / "aging.parquet"
    table.write_bytes(b"better figures")
    assert "run: aging not as published" in said(home, "publications").said
    table.parent.parent.rename(home.root / "elsewhere")
    assert "latest.json names what is not there" in said(home, "publications").said


def test_an_old_publication_is_too_old_only_where_somebody_says_when(home: Home) -> None:
    later = home.model_copy(update={"recorded_at": "2026-02-05T05:00:00"})
    assert said(later, "age").said == "the newest publication is as of 2026-01-31, 5 days ago"
    assert [said(later, "age", days).level for days in (5, 4)] == ["ok", "warning"]
    assert [status_of(later, days).exit for days in (None, 5, 4)] == [0, 0, 1]
    assert "too old    as of 5 days ago, more than 4" in status_of(later, 4).lines


def test_a_broken_record_a_home_open_to_all_and_missing_folders_are_named(home: Home) -> None:
    (home.root / "state.db").write_bytes(b"SQLite format 3\0" + b"rubbish" * 999)
    assert said(home, "record").level == "error"
    home.publications.chmod(0o755)
    assert "everybody on this machine can look into" in said(home, "permissions").said
    home.publications.rename(home.root / "elsewhere")
    assert "lacks publications" in said(home, "home").said
    assert said(home.model_copy(update={"path": "/nowhere"}), "home").level == "error"


def test_who_holds_the_lock_is_named_and_a_dead_process_holds_nothing(home: Home) -> None:
    (home.root / "lock").write_text("4000000")
    assert said(home, "lock").said == "free"
    with home.locked():
        assert said(home, "lock").said == f"a run is at work (process {os.getpid()})"


def test_settings_that_cannot_be_read_are_named_and_the_rest_is_looked_at(home: Home, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text("aging: {grace_day: 5}\n")
    lost = home.model_copy(update={"policy_file": str(policy), "sources": str(tmp_path / "lost")})
    lost.__dict__.pop("policy", None)
    assert "grace_day" in str(said(lost, "policy"))
    assert "no sources at" in said(lost, "sources").said
    assert said(lost, "raw").level == "ok"


def test_without_a_channel_or_heartbeat_nobody_hears_of_a_failed_night(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (URLS, HEARTBEAT):
        monkeypatch.delenv(name)
    assert [said(home, subject).level for subject in ("alerts", "heartbeat")] == ["warning", "warning"]
    assert exit_code(examine(home)) == 2
