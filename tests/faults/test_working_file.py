"""A working file that a bad disk has spoiled is noticed, wherever it is, and made anew; one that is only in use is not.

That a night then publishes the same bytes, and tells of it, is in tests/close.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from assets.resources.home import Home
from assets.resources.outbox import Outbox
from assets.resources.warehouse import Warehouse, damage_of
from pipelines.mending import set_aside
from tests.faults.damage import cut, flip_a_bit


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose working file has a few megabytes of figures."""
    found = Home(path=str(tmp_path / "book"))
    found.create()
    with found.warehouse() as warehouse:
        rows = "select range as n, md5(cast(range as text)) as t, hash(range) as h from range(40000)"
        for name in ("raw.files", "staging.invoices", "ledger.postings", "marts.aging"):
            warehouse.execute(f"create table {name} as {rows}")
        warehouse.execute("create view marts.seen as select count(*) as n from raw.files")
    return found


def titles(home: Home) -> list[str]:
    with home.state() as state:
        return [alert.title for alert in Outbox(state.connection).alerts(datetime(2000, 1, 1))]


def test_a_file_that_is_whole_or_not_there_stays_as_it_is(home: Home) -> None:
    before = home.warehouse_file.read_bytes()
    assert set_aside(home) is None
    assert home.warehouse_file.read_bytes() == before
    home.warehouse_file.unlink()
    assert set_aside(home) is None
    assert titles(home) == []


@pytest.mark.parametrize("part", [0, 0.001, 0.3, 0.7, 0.999])
def test_a_file_that_was_cut_is_damaged(home: Home, part: float) -> None:
    cut(home.warehouse_file, int(home.warehouse_file.stat().st_size * part))
    assert damage_of(home.warehouse_file)


@pytest.mark.parametrize("part", [0, 0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95])
def test_a_file_of_which_a_bit_was_turned_is_damaged(home: Home, part: float) -> None:
    flip_a_bit(home.warehouse_file, int(home.warehouse_file.stat().st_size * part) + 3)
    assert damage_of(home.warehouse_file) in ("Corrupt database file", "not a valid DuckDB database")


def test_it_is_set_aside_with_its_log_and_told_once(home: Home) -> None:
    log = home.root / "warehouse.duckdb.wal"
    log.write_bytes(b"a log of that file")
    cut(home.warehouse_file, 5000)
    found = set_aside(home)
    assert found is not None
    assert "Could not read enough bytes" in found.lines[0]
    assert not log.exists()
    assert not home.warehouse_file.exists()
    assert (home.work / "damaged-warehouse.duckdb").stat().st_size == 5000
    assert set_aside(home) is None
    assert titles(home) == ["[book] the working file was damaged and has been made anew from raw"]
    with home.warehouse() as warehouse:
        assert warehouse.value("select 1") == 1


def test_a_file_that_another_process_has_open_is_not_damaged(home: Home) -> None:
    held = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", held, str(home.warehouse_file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        assert damage_of(home.warehouse_file) == ""
        other.communicate("\n")


def test_what_a_killed_writer_left_in_its_log_is_not_damage(home: Home) -> None:
    dies = (
        "import duckdb, os, sys; held = duckdb.connect(sys.argv[1]); held.execute('create table marts.late as select 1')"
        "; os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", dies, str(home.warehouse_file)], check=False).returncode == 9
    assert (home.root / "warehouse.duckdb.wal").stat().st_size
    assert damage_of(home.warehouse_file) == ""
    with Warehouse(home.warehouse_file) as warehouse:
        assert warehouse.exists("marts.late")
