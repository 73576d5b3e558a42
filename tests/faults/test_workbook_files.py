"""Workbooks: the text of each kind of cell, and the files that are stopped before they do harm."""

import struct
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from assets.formats import workbook
from tests.faults.source_files import message_of, rows_of, saved, workbook_of, workbook_of_xml

HEADER = ["id", "value"]


def test_cells_become_the_text_a_person_would_write(tmp_path):
    cells = {
        "text": ("007", "007"),
        "whole": (1234, "1234"),
        "fraction": (1234.56, "1234.56"),
        "large": (1e21, "1" + "0" * 21),
        "small": (1e-7, "0.0000001"),
        "true": (True, "true"),
        "date": (date(2024, 1, 5), "2024-01-05"),
        "moment": (datetime(2024, 1, 5, 10, 30), "2024-01-05 10:30:00"),
        "text like a date": ("2024-01-05 00:00:00", "2024-01-05 00:00:00"),
        "formula": ("=6*7", "42"),
        "error": ("=1/0", "#DIV/0!"),
        "text like an error": ("#N/A", "#N/A"),
        "nothing": (None, None),
    }
    path = workbook_of(tmp_path / "f.xlsx", [HEADER, *([name, sent] for name, (sent, _) in cells.items())])
    rows = rows_of(path)
    assert dict(zip(rows["id"], rows["value"], strict=True)) == {name: text for name, (_, text) in cells.items()}
    assert rows["_line"].to_list() == list(range(2, 15))


def test_rows_and_errors_are_found_where_the_sheet_has_them(tmp_path):
    path = workbook_of(tmp_path / "f.xlsx", [HEADER, ["1", "=1/0"], ["2", "x"]], first_row=3, first_column=2)
    assert rows_of(path, preamble=3).rows() == [(5, "1", "#DIV/0!"), (6, "2", "x")]
    assert message_of(path) == "f.xlsx, line 1: found an empty row, expected a header"
    assert message_of(path, preamble=9) == "f.xlsx: found 6 rows, expected a header after 9"


def test_hidden_rows_and_columns_are_read_like_any_other(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([HEADER, ["1", "x"], ["2", "y"]]):
            sheet.write_row(at, 0, row)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})
    assert rows_of(tmp_path / "f.xlsx").rows() == [(2, "1", "x"), (3, "2", "y")]


def test_nineteen_digits_of_a_number_cell_survive(tmp_path):
    cells = '<c r="B1" t="str"><v>id</v></c><c r="D1" t="str"><v>formula</v></c>'
    number = '<c r="B{0}"><v>1661240395903230676</v></c>'
    formula = '<c r="D{0}" t="n"><f>B{0}</f><v>-9007199254740993</v></c>'
    text = '<c r="D3" t="str"><f>B3</f><v>9007199254740993</v></c>'
    rows = f'<row r="1">{cells}</row><row r="2">{number}{formula}</row>'.format(2)
    path = workbook_of_xml(tmp_path / "f.xlsx", rows + f'<row r="3">{number.format(3)}{text}</row>')
    assert rows_of(path).select("_line", "id", "formula").rows() == [
        (2, "1661240395903230676", "-9007199254740993"),
        (3, "1661240395903230676", "9007199254740993"),
    ]


def test_nineteen_digits_survive_wherever_the_blocks_end(tmp_path, monkeypatch):
    ids = [str(1661240395903230676 + at) for at in range(40)]
    cells = "".join(f'<row r="{at}"><c r="A{at}"><v>{digits}</v></c></row>' for at, digits in enumerate(ids, 1))
    path = workbook_of_xml(tmp_path / "f.xlsx", cells)
    for block in (1, 64, 101):
        monkeypatch.setattr(workbook, "_BLOCK_BYTES", block)
        assert rows_of(path, header=False)["c1"].to_list() == ids


def test_long_numbers_without_a_place_of_their_own_stop_the_file(tmp_path):
    nowhere = '<row r="1"><c t="n"><v>1661240395903230676</v></c></row>'
    found = "a number of 19 digits in a cell without an address"
    expected = f"f.xlsx: found {found}, expected long ids as text"
    assert message_of(workbook_of_xml(tmp_path / "f.xlsx", nowhere), header=False) == expected


def test_a_cell_beyond_the_header_is_a_field_too_many(tmp_path):
    path = workbook_of(tmp_path / "f.xlsx", [HEADER, ["1", "x"], ["2", "y", None, "seen by Bob"]])
    assert message_of(path) == "f.xlsx, line 3: found 4 fields, expected 2"
    headers = [["id", None, "value", " "], ["1", "x", "y", None]]
    assert rows_of(workbook_of(tmp_path / "g.xlsx", headers)).columns == [
        "_line",
        "id",
        "column_2",
        "value",
        "column_4",
    ]


def test_headers_follow_the_same_rules_as_in_text_files(tmp_path):
    path = workbook_of(tmp_path / "f.xlsx", [[" id ", "id"], ["1", "x"], [None, None], ["", ""]])
    assert message_of(path) == "f.xlsx, line 1: found column 'id' 2 times, expected each column name once"
    assert rows_of(path, positions=True).rows(named=True) == [{"_line": 2, "id": "1", "id__2": "x"}]
    assert rows_of(path, header=False).rows() == [(1, " id ", "id"), (2, "1", "x")]


def test_the_sheet_is_the_only_visible_one_or_declared(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        book.add_chartsheet("Chart")
        sheets = {name: book.add_worksheet(name) for name in ("Invoices", "Lists", "Old")}
        for name, sheet in sheets.items():
            sheet.write_column(0, 0, ["id", name])
        sheets["Invoices"].activate()
        sheets["Lists"].hide()
    path = tmp_path / "f.xlsx"
    assert rows_of(path, sheet="Lists")["id"].to_list() == ["Lists"]
    assert rows_of(path, sheet=3)["id"].to_list() == ["Old"]
    assert message_of(path) == "f.xlsx: found 2 visible sheets, expected one sheet, or `sheet` declared"
    nameless = "f.xlsx: found no sheet of that name among 3, expected the sheet 'invoices'"
    assert message_of(path, sheet="invoices") == nameless
    assert message_of(path, sheet=4) == "f.xlsx: found 3 sheets, expected a sheet number 4"


def test_an_empty_sheet_stops_the_file(tmp_path):
    assert message_of(workbook_of(tmp_path / "f.xlsx", [])) == "f.xlsx: found an empty sheet, expected a header"


CORRUPT = "found a truncated or corrupt workbook, expected a complete .xlsx file"


def test_a_damaged_or_locked_workbook_is_stopped(tmp_path):
    whole = workbook_of(tmp_path / "f.xlsx", [HEADER, ["1", "x"]]).read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(b"xl/worksheets/sheet1.xml") + 60] ^= 0xFF
    locked = "found an encrypted workbook or an old .xls one, expected an .xlsx file without a password"
    stops = {
        b"": "found an empty file, expected a workbook",
        b"id,amount\n1,2\n": CORRUPT,
        whole[:-30]: CORRUPT,
        bytes(flipped): CORRUPT,
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504): locked,
    }
    for content, message in stops.items():
        assert message_of(saved(tmp_path, "f.xlsx", content)) == f"f.xlsx: {message}"
    path = workbook_of_xml(tmp_path / "g.xlsx", '<row r="1"><c r="A1"><v>1</wrong></c></row>')
    assert message_of(path, header=False) == "g.xlsx: found a sheet that cannot be read, expected a complete .xlsx file"


def test_a_zip_without_a_workbook_is_stopped(tmp_path):
    for members in (["../x"], ["xl/workbook.xml"], ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"]):
        with zipfile.ZipFile(tmp_path / "f.xlsx", "w") as archive:
            for member in members:
                archive.writestr(member, '<?xml version="1.0" encoding="unheard-of"?><x/>')
        assert message_of(tmp_path / "f.xlsx") == f"f.xlsx: {CORRUPT}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.xlsx"]


def test_a_directory_that_points_before_the_file_is_found_out(tmp_path):
    content = workbook_of(tmp_path / "f.xlsx", [HEADER]).read_bytes()
    end = content.rindex(b"PK\x05\x06")
    offset = struct.unpack_from("<I", content, end + 16)[0]
    moved = content[:end] + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 9, 9, end - offset, offset + 99, 0)
    assert message_of(saved(tmp_path, "f.xlsx", moved)) == f"f.xlsx: {CORRUPT}"


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path, monkeypatch):
    path = workbook_of(tmp_path / "f.xlsx", [HEADER, ["1", "x"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(101 * 2**20))
    assert message_of(path).startswith("f.xlsx: found a workbook packed 2")
    assert message_of(path).endswith(" to 1, expected at most 200 to 1")
    monkeypatch.setattr(workbook, "LARGEST_UNPACKED", 2**26)
    assert message_of(path).startswith("f.xlsx: found a workbook of 105,9")
    assert message_of(path).endswith(" bytes unpacked, expected at most 67,108,864")


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_directory_that_lies_about_a_size_is_found_out(tmp_path, member):
    path = workbook_of(tmp_path / "f.xlsx", [HEADER, *([str(number), "x"] for number in range(1000))])
    content = bytearray(path.read_bytes())
    entry = content.rindex(member.encode()) - 46  # where the central directory's record starts
    assert content[entry : entry + 4] == b"PK\x01\x02"
    assert struct.unpack_from("<I", content, entry + 24)[0] > 1000
    struct.pack_into("<I", content, entry + 24, 1000)
    assert message_of(saved(tmp_path, "f.xlsx", bytes(content))) == f"f.xlsx: {CORRUPT}"


def test_a_member_that_is_there_twice_is_found_out(tmp_path):
    path = workbook_of(tmp_path / "f.xlsx", [HEADER, ["1", "x"]])
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", archive.read("xl/worksheets/sheet1.xml"))
    assert message_of(path) == f"f.xlsx: {CORRUPT}"


@pytest.mark.parametrize("far", ["XFD1048576", "ZZZZ9", "A99999999"])
def test_two_cells_far_apart_do_not_take_all_memory(tmp_path, far):
    rows = f'<row r="1"><c r="A1"><v>1</v></c><c r="{far}"><v>1</v></c></row>'
    message = message_of(workbook_of_xml(tmp_path / "f.xlsx", rows))
    assert message.startswith("f.xlsx: found cells spread over ")
    limits = "at most 16,384 columns and 33,554,432 cells, empty ones counted"
    assert message.endswith(f" columns, expected {limits}")
