"""Every notebook runs on a publication, says which it reads, shows its figures, and can be taken along as `.ipynb`."""

import runpy
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest

from assets.published import newest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
FIGURES = {
    "ageing_and_dso": {"ageing_by_month", "dso_by_month"},
    "allowance_sensitivity": {"changes"},
    "forecast_backtest": {"fans"},
    "payment_trends": {"lateness", "by_month"},
}
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.py"))


@pytest.fixture(autouse=True)
def home(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECEIVABLES_HOME", str(place.parents[2]))
    return place.parents[2]


def ran(name: str) -> tuple[list[Any], dict[str, Any]]:
    """What the cells of a notebook show, and the names that they define."""
    outputs, names = runpy.run_path(str(FOLDER / f"{name}.py"))["app"].run()
    return list(outputs), dict(names)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_shows_its_figures(name: str, place: Path) -> None:
    outputs, names = ran(name)
    assert place.name in outputs[0].text, "the first cell says which run it reads"
    assert {figure for figure in FIGURES[name] if names[figure].data} == FIGURES[name] - TOO_THIN
    assert any(output is names[figure] for output in outputs for figure in FIGURES[name])


TOO_THIN = {"fans"}
"""The small book has no forecast to look back on."""


def test_what_was_forecast_stands_beside_what_came(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two weeks from one origin of a forecast made by hand, in the small book's place."""
    shutil.copytree(place / "tables", tmp_path / "publications" / "day" / "run" / "tables")
    shutil.copy(place / "manifest.json", tmp_path / "publications" / "day" / "run")
    (tmp_path / "publications" / "latest.json").write_text('{"path": "day/run"}', encoding="utf-8")
    weeks = [
        {"horizon_week": week, "mean": 10 * week, "actual": 12 * week, "p025": 1, "p975": 99, "p10": 5, "p90": 50}
        for week in (1, 2)
    ]
    told = {"scope": "total", "entity_id": "", "model": "m", "origin": date(2026, 2, 7)}
    instead(tmp_path, "forecast_backtest", [{**told, **week} for week in weeks])
    instead(tmp_path, "cash_forecast", [{"level": "total", "component": "total", "model": "m", "base_currency": "EUR"}])
    monkeypatch.setenv("RECEIVABLES_HOME", str(tmp_path))
    fans = ran("forecast_backtest")[1]["fans"]
    lines = {line.name: [float(amount) for amount in line.y] for line in fans.data}
    assert lines["expected"] == [10, 20] and lines["came"] == [12, 24]
    assert lines["80 % of draws"] == [50, 50, 5, 5]
    assert [f"{day:%m-%d}" for day in fans.data[-1].x] == ["02-14", "02-21"]


def instead(home: Path, table: str, rows: list[dict[str, Any]]) -> None:
    """Put rows in the place of a published table's; columns that they do not name are empty."""
    path = home / "publications" / "day" / "run" / "tables" / f"{table}.parquet"
    schema = pl.read_parquet_schema(path)
    cells = {name: [row.get(name) for row in rows] for name in schema}
    pl.DataFrame({n: pl.Series(n, v, strict=False).cast(schema[n]) for n, v in cells.items()}).write_parquet(path)


def test_the_figures_are_the_tables(home: Path) -> None:
    """In the currency of most items."""
    _, names = ran("ageing_and_dso")
    held = newest(home).table("aging").filter(view="separate", currency="EUR")["open_amount"].sum()
    assert names["currency"].value == "EUR" and names["ageing"]["open_amount"].sum() == held
    _, names = ran("payment_trends")
    own = newest(home).table("payer_monthly").filter(payer_id=names["payer"].value, currency="EUR")
    assert names["months"]["billed_amount"].sum() == float(own["billed_amount"].sum())
    _, names = ran("allowance_sensitivity")
    assert names["totals"]["allowance"] == names["stressed"]["allowance"].sum()
    assert isinstance(names["sensitivity"], pl.DataFrame)


def test_a_home_without_a_publication_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="nothing is published in"):
        newest(tmp_path)


def test_a_notebook_can_be_taken_along_as_ipynb(tmp_path: Path) -> None:
    out = tmp_path / "payment_trends.ipynb"
    command = [sys.executable, "-m", "marimo", "export", "ipynb", FOLDER / "payment_trends.py", "-o", out]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    notebook = nbformat.read(out, as_version=4)
    nbformat.validate(notebook)
    assert len(notebook.cells) >= 5 and "newest(" in notebook.cells[0].source
