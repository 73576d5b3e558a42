"""The workbook: exact, inert, the same again, and never better looking than its checks."""

import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest

from assets.pack import blocks
from assets.pack.blocks import Block, Shown, of_mart, shown
from assets.pack.cells import DAYS, PERCENT, as_number, bracketed, format_of, heading, in_words
from assets.pack.files import WORKBOOK
from assets.pack.read_back import PackError, verify_workbook
from assets.pack.workbook import write_workbook
from assets.publications import differences
from assets.resources.files import sha256_of
from tests.publications.hostile_book import BEYOND, CLOSING, FORMULA, MARKUP, manifest_of, tables_of

SHEETS = [
    *("About", "Summary", "13-week receipts", "Ageing", "Ageing detail", "DSO and metrics", "Allowance", "Bridge"),
    *("Targets", "Checks", "Definitions", "data_aging", "data_aging_monthly", "data_rollforward", "data_dso"),
    *("data_collection_metrics", "data_cash_forecast", "data_payer_monthly"),
]


def table(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a table of a workbook, all cells as text."""
    return fastexcel.read_excel(path).load_table(name, dtypes="string").to_polars().to_dicts()


def parts(path: Path, folder: str) -> dict[str, str]:
    """The XML of a workbook's parts under a folder."""
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist() if name.startswith(folder)}


def written(place: Path, path: Path, manifest: Mapping[str, Any] | None = None) -> dict[str, Shown]:
    with tables_of(place) as tables:
        return write_workbook(path, tables, manifest or manifest_of(place))


def test_it_has_its_sheets_in_order_and_each_says_the_status(place: Path) -> None:
    reader = fastexcel.read_excel(place / WORKBOOK)
    assert reader.sheet_names == SHEETS
    for name in SHEETS:
        said = reader.load_sheet(name, header_row=None, n_rows=2, dtypes="string").to_polars().to_series(0).to_list()
        assert re.fullmatch(r"PASSED WITH \d+ WARNINGS?", said[1]), name
    assert all("PASSED WITH" in xml for xml in parts(place / WORKBOOK, "xl/worksheets/sheet").values())


def test_no_name_becomes_a_formula_or_a_link(place: Path) -> None:
    sheets = parts(place / WORKBOOK, "xl/worksheets/sheet")
    assert not [name for name, xml in sheets.items() if "<f>" in xml or "<f " in xml or "<mergeCell" in xml]
    assert "external" not in "".join(parts(place / WORKBOOK, "xl/worksheets/_rels").values()).lower()
    items = table(place / WORKBOOK, "open_items")
    assert {row["Customer id"] for row in items} == {FORMULA, MARKUP, "007"}
    assert {row["Document id"] for row in items} == {"P1", "-2+3", CLOSING, "1E5", "4"}


def test_amounts_are_exact_and_those_beyond_a_double_are_text(place: Path) -> None:
    items = {row["Document id"]: row["Open amount (row's currency)"] for row in table(place / WORKBOOK, "open_items")}
    assert Decimal(items["-2+3"]) == Decimal("250.5")
    assert Decimal(items["P1"]) == Decimal("-49.9")
    assert items["1E5"] == f"{BEYOND}00"
    about = fastexcel.read_excel(place / WORKBOOK).load_sheet("About", header_row=None, dtypes="string").to_polars()
    said = dict(zip(about.to_series(0), about.to_series(1), strict=True))["Amounts"]
    assert "amounts have more digits than a spreadsheet's number holds; they are text" in said


@pytest.mark.parametrize(
    ("amount", "number"),
    [("0.10", 0.1), ("-123456789012345", -123456789012345.0), ("99999999999.9999", 99999999999.9999), (BEYOND, None)],
)
def test_a_number_is_written_only_where_it_is_exact(amount: str, number: float | None) -> None:
    assert as_number(Decimal(amount)) == number
    assert number is None or Decimal(repr(number)) == Decimal(amount)


def test_a_heading_says_the_unit() -> None:
    assert heading("open_amount_base", "EUR", True) == "Open amount (EUR)"
    assert heading("p10", "EUR", True) == "P10 (row's currency)"
    assert heading("p10", "EUR", False) == "P10 (EUR)"
    assert heading("days_past_due", "EUR", True) == "Days past due"
    assert heading("countback", "EUR", True) == "Countback"
    assert heading("gl_amount", "EUR", False).startswith("GL amount") and in_words("auto_ets") == "auto ETS"
    assert heading("gap", "EUR", True) == "Gap", "which the metric of the row says"


def test_a_figure_looks_the_same_on_sheet_page_and_slide() -> None:
    assert [bracketed(Decimal(text), 2) for text in ("-1234.5", "0.00", "12")] == ["(1,234.50)", "0.00", "12.00"]
    assert [bracketed(number, 1) for number in (-3.71, -0.04, 1234.0)] == ["(3.7)", "0.0", "1,234.0"]
    days = ("simple_90", "best_possible_90", "average_days_delinquent_90", "countback")
    assert {format_of(name, pl.Float64()) for name in days} == {DAYS}
    assert {format_of(name, pl.Float64()) for name in ("wape", "coverage_80", "keep_probability")} == {PERCENT}


def test_the_same_publication_has_the_same_bytes(place: Path, tmp_path: Path) -> None:
    (told,) = [file for file in manifest_of(place)["files"] if file["file"] == WORKBOOK]
    written(place, tmp_path / WORKBOOK)
    assert told["sha256"] == sha256_of(tmp_path / WORKBOOK) == sha256_of(place / WORKBOOK)
    assert told["totals_verified"] > 50


def test_a_changed_workbook_is_named(place: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(place, tmp_path / "copy")
    assert differences(manifest_of(place), copy) == []
    (copy / WORKBOOK).write_bytes((copy / WORKBOOK).read_bytes() + b"x")
    assert differences(manifest_of(place), copy) == [WORKBOOK]


def test_totals_are_read_back_from_the_cells(place: Path, tmp_path: Path) -> None:
    path = tmp_path / WORKBOOK
    blocks_written = written(place, path)
    assert verify_workbook(path, blocks_written) > 50
    one = blocks_written["open_items"]
    less = replace(one, totals={**one.totals, "open_amount": one.totals["open_amount"] + Decimal("0.01")})
    with pytest.raises(PackError, match="open_items: open_amount adds up to"):
        verify_workbook(path, {**blocks_written, "open_items": less})
    with pytest.raises(PackError, match="open_items has 5 rows"):
        verify_workbook(path, {"open_items": replace(one, frame=one.frame.head(2))})
    with pytest.raises(PackError, match="the table nowhere is not in it"):
        verify_workbook(path, {"nowhere": one})


def test_a_failed_pack_says_so_on_every_sheet(place: Path, tmp_path: Path) -> None:
    manifest = manifest_of(place)
    manifest["checks"].append({"table": "t", "check": "c", "severity": "error", "passed": False, "failing_rows": 1})
    written(place, tmp_path / WORKBOOK, manifest)
    reader = fastexcel.read_excel(tmp_path / WORKBOOK)
    for name in SHEETS:
        said = reader.load_sheet(name, header_row=None, n_rows=2, dtypes="string").to_polars().to_series(0).to_list()
        assert said[1] == "FAILED: NOT FOR USE", name
    sheets = parts(tmp_path / WORKBOOK, "xl/worksheets/sheet")
    assert all("FAILED: NOT FOR USE" in xml for xml in sheets.values())


def test_what_a_cap_leaves_out_is_said_and_still_adds_up(place: Path) -> None:
    block = of_mart("open_items", "Open items", "aging_detail", order="document_id", most_rows=2)
    with tables_of(place) as tables:
        one = shown(block, tables)
    assert one.frame.height == 2 and one.row_count == 5
    kept = sum(one.frame["open_amount"], Decimal(0))
    assert kept + one.left_out["open_amount"] == one.totals["open_amount"]
    assert one.note.startswith("2 of 5 rows are shown; 3 are left out")
    assert blocks.MOST_ROWS < 1_048_576


def test_it_can_be_used_by_names_and_read_aloud(place: Path) -> None:
    book = parts(place / WORKBOOK, "xl/workbook.xml")["xl/workbook.xml"]
    assert {"status", "as_of", "run_id", "known_at", "base_currency"} <= set(
        re.findall(r'definedName name="(\w+)"', book)
    )
    sheets = parts(place / WORKBOOK, "xl/worksheets/sheet")
    assert all('state="frozen"' in xml for name, xml in sheets.items() if not name.endswith("sheet1.xml"))
    names = [re.findall(r' displayName="(\w+)"', xml)[0] for xml in parts(place / WORKBOOK, "xl/tables/").values()]
    assert len(names) == len(set(names)) and {"receipts_13_weeks", "open_items", "data_aging"} <= set(names)
    drawn = "".join(parts(place / WORKBOOK, "xl/drawings/drawing").values())
    assert drawn.count("<xdr:graphicFrame") == drawn.count('descr="') > 0


def test_checks_say_yes_or_no_and_come_failed_first(place: Path) -> None:
    said = [row["Passed"] for row in table(place / WORKBOOK, "checks")]
    assert said[0] == "no" and said[-1] == "yes" and said == sorted(said)


def test_a_block_without_rows_says_so(place: Path) -> None:
    with tables_of(place) as tables:
        one = shown(Block("nothing", "Nothing", "select * from aging where false"), tables)
    assert one.note == "No rows: there is nothing of this in the book."


def test_the_money_of_a_currency_without_cents_has_none(place: Path) -> None:
    styles = parts(place / WORKBOOK, "xl/styles.xml")["xl/styles.xml"]
    assert "#,##0_);(#,##0)" in styles and "#,##0.00_);(#,##0.00)" in styles
