"""A book without a base currency, and one in which nothing is open: the pack says so, and is whole."""

import shutil
from pathlib import Path

import fastexcel
import pytest

from assets.pack.files import PAGE, WORKBOOK, write_pack
from assets.resources.warehouse import Warehouse
from tests.publications.hostile_book import manifest_of

TABLES = "select table_name from information_schema.tables order by 1"
IN_BASE = (
    "select table_name, column_name from information_schema.columns where column_name in ('open_amount_base',"
    " 'base_currency') and table_name in ('aging', 'aging_detail', 'aging_monthly')"
)


@pytest.fixture
def bundle(place: Path, tmp_path: Path) -> Path:
    """A copy of the published tables that a test may change."""
    copy = shutil.copy(place / "receivables.duckdb", tmp_path / "receivables.duckdb")
    copy.chmod(0o640)
    return copy


def test_nothing_open_is_said_in_words(place: Path, bundle: Path) -> None:
    with Warehouse(bundle, schemas=()) as tables:
        for (name,) in tables.rows(TABLES):
            tables.execute(f"delete from {name}")
    files = write_pack(bundle.parent, bundle, manifest_of(place))
    assert [file["file"] for file in files] == [PAGE, WORKBOOK]
    page = (bundle.parent / PAGE).read_text(encoding="utf-8")
    assert "Open items: No rows" not in page and "Entities, in the currency of the row: No rows" in page
    assert 'id="chart-' not in page
    assert fastexcel.read_excel(bundle.parent / WORKBOOK).load_table("open_items", dtypes="string").height == 1


def test_without_a_base_currency_amounts_stay_in_their_own(place: Path, bundle: Path) -> None:
    with Warehouse(bundle, schemas=()) as tables:
        for name, column in tables.rows(IN_BASE):
            tables.execute(f"update {name} set {column} = null")
    manifest = manifest_of(place)
    manifest["policy"]["settings"]["base_currency"] = None
    write_pack(bundle.parent, bundle, manifest)
    page = (bundle.parent / PAGE).read_text(encoding="utf-8")
    assert "amounts in no base currency: none is set unless they say otherwise" in page
    items = fastexcel.read_excel(bundle.parent / WORKBOOK).load_table("open_items", dtypes="string").to_polars()
    assert items["Open amount (base currency)"].null_count() == 5
    assert items["Open amount (row's currency)"].null_count() == 0
