"""What arrives in a soak: every row of the book by its last night, none before its day."""

from datetime import date
from pathlib import Path

import polars as pl

from tests.soak.traffic import DATED, Traffic


def test_every_row_has_arrived_by_the_last_night_and_none_before_its_day(tmp_path: Path) -> None:
    traffic = Traffic(nights=8, seed=3)
    came: dict[str, date] = {}
    for number, day in enumerate(traffic.days):
        for path in traffic.put(number, tmp_path):
            path.unlink()
        for path in tmp_path.glob("invoices_*.csv"):
            for name in pl.read_csv(path, infer_schema=False)["invoice_id"]:
                came.setdefault(name, day)
    told = dict(traffic.feeds["invoices"].select("invoice_id", DATED["invoices"]).iter_rows())
    assert came.keys() == told.keys()
    assert all(day >= told[name] for name, day in came.items())
    assert any(day > max(told[name], traffic.days[0]) for name, day in came.items()), "some are late"


def test_a_seed_gives_the_same_files_again(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        traffic = Traffic(nights=4, seed=5)
        for number in range(4):
            traffic.put(number, tmp_path / folder)
    one, other = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "other"))
    assert one == other and any("again" in name or "corrected" in name or "hostile" in name for name in one)
