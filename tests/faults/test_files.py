"""A source file is read exactly as sent, or stopped with its name, its line, what was found and expected.

Text files, and what holds for every format; Parquet and workbooks have modules of their own.
"""

import csv
import pickle
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter
from pydantic import ValidationError

from assets.formats import FileStop, csv_file, read_rows, text_lines
from models.staging.file_format import FileFormat
from tests.faults.source_files import message_of, parquet_of, rows_of, saved, workbook_of

SAP = Path(__file__).parents[3] / "shared" / "data" / "sap_extract"
SEVEN = "a,b,c,d,e,f,g\n"


# What is wrong: the content, what is declared, and the line, the found and the expected of the stop.
TEXT_STOPS = {
    "too many": (SEVEN + "1,2,3,4,5,6,7\n1,2,3,4,5,6,7,8\n", {}, 3, "8 fields", "7"),
    "too few": (SEVEN + "1,2\n", {}, 2, "2 fields", "7"),
    "one field": (SEVEN + "TOTAL\n", {}, 2, "1 field", "7"),
    "wrong delimiter": ("a;b\n1,5;2\n", {}, 2, "2 fields", "1"),
    "blank in the middle": ("a,b\n1,2\n\n3,4\n", {}, 3, "an empty line", "2 fields"),
    "open quote": (
        'a,b\n1,2\n3,"4\n5,6\n', {}, 3,
        "a quote that is never closed", "a closing quote before the end of the file",
    ),
    "text after quote": (
        'a,b\n1,2\n3,"4\n5,"6\n', {}, 3,
        "text after a closing quote (on line 4)", "a delimiter or the end of the line",
    ),
    "earlier fault first": (b"a,b\n1\n\xff,2\n", {}, 2, "1 field", "2"),
    "NUL": ("a,b\n1,2\n3,\0\n", {}, 3, "a NUL byte", "utf-8 text"),
    "no bytes": ("", {}, None, "an empty file", "a header"),
    "only a mark": (b"\xef\xbb\xbf", {}, None, "an empty file", "a header"),
    "no bytes, no header": ("", {"header": False}, None, "an empty file", "rows"),
    "only preamble": ("x\n", {"preamble": 3}, None, "nothing after 3 lines of preamble", "a header"),
    "blank header": ("\na,b\n", {}, 1, "an empty line", "a header"),
    "nameless header": (" ,,\n1,2,3\n", {}, 1, "a header without a single name", "column names"),
    "repeated header": ("t\na,b, a\n", {"preamble": 1}, 2, "column 'a' 2 times", "each column name once"),
    "repeated by position": (
        "a,a,a__2\n", {"positions": True}, 1,
        "column 'a__2' 2 times", "each column name once",
    ),
    "our own name": ("_line,b\n", {}, 1, "a column '_line'", "any other name ('_line' holds line numbers)"),
    "cp1252 as utf-8": (
        "a\nx\nMüller\n".encode("cp1252"), {}, 3,
        "byte 0xfc, which does not decode", "utf-8 text, as declared",
    ),
    "cut in a letter": (
        "a\nü".encode()[:-1], {}, 2,
        "byte 0xc3, which does not decode", "utf-8 text, as declared",
    ),
    "not cp1252": (
        b"a\rb\rc\x81\r", {"encoding": "cp1252"}, 3,
        "byte 0x81, which does not decode", "cp1252 text, as declared",
    ),
    "after a bare return": (
        b"a\rb\r\x81", {"encoding": "cp1252"}, 3,
        "byte 0x81, which does not decode", "cp1252 text, as declared",
    ),
    "after a mark": (
        b"\xef\xbb\xbfa\n\xff\n", {"encoding": "utf-8-sig"}, 2,
        "byte 0xff, which does not decode", "utf-8-sig text, as declared",
    ),
    "utf-16 undeclared": (
        "a,b\n".encode("utf-16"), {}, 1,
        "the byte order mark of utf-16-le", "utf-8 text, as declared",
    ),
    "utf-16 as cp1252": (
        b"\xfe\xff\0a", {"encoding": "cp1252"}, 1,
        "the byte order mark of utf-16-be", "cp1252 text, as declared",
    ),
    "utf-8 as cp1252": (
        b"\xef\xbb\xbfa,b\n", {"encoding": "cp1252"}, 1,
        "the byte order mark of utf-8", "cp1252 text, as declared",
    ),
    "utf-16 unmarked": ("a\n".encode("utf-16-le"), {}, 1, "a NUL byte", "utf-8 text"),
    "utf-16 without its mark": (
        "a\n".encode("utf-16-le"), {"encoding": "utf-16"}, 1,
        "no byte order mark", "one, or utf-16-le or utf-16-be declared",
    ),
    "utf-16 without its mark, nor sense": (
        b"a\0\0\xdca\0", {"encoding": "utf-16"}, 1,
        "no byte order mark", "one, or utf-16-le or utf-16-be declared",
    ),
    "utf-16 cut": (
        "a\nb\n".encode("utf-16")[:-1], {"encoding": "utf-16"}, 2,
        "byte 0x0a, which does not decode", "utf-16 text, as declared",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXT_STOPS)
def test_a_text_file_that_cannot_be_trusted_is_stopped(tmp_path, case):
    content, declared, line, found, expected = TEXT_STOPS[case]
    where = "f.csv" if line is None else f"f.csv, line {line}"
    message = message_of(saved(tmp_path, "f.csv", content), **declared)
    assert message == f"{where}: found {found}, expected {expected}"


def test_one_over_long_last_line_of_a_thousand_rows_stops_the_file(tmp_path):
    path = saved(tmp_path, "invoices.csv", SEVEN + "1,2,3,4,5,6,7\n" * 999 + "1,2,3,4,5,6,7" * 2 + ",8\n")
    assert message_of(path) == "invoices.csv, line 1,001: found 14 fields, expected 7"


def test_a_stop_shows_no_folder_and_survives_the_trip_between_processes():
    stop = pickle.loads(pickle.dumps(FileStop("/srv/secret/invoices.csv", 1001, "14 fields", "7")))
    assert str(stop) == "invoices.csv, line 1,001: found 14 fields, expected 7"
    assert (stop.file, stop.line, stop.found, stop.expected) == ("invoices.csv", 1001, "14 fields", "7")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block", [1, 3, 7, 2**20])
def test_encodings_line_ends_and_blocks_all_give_the_same_rows(tmp_path, monkeypatch, encoding, line_end, block):
    monkeypatch.setattr(text_lines, "_BLOCK_BYTES", max(block, 4 if encoding.startswith("utf") else 1))
    content = line_end.join(["id,name", "007,Müller", f'1E5,"a{line_end}b, ""c"""', "9,\x0cé", ""])
    marked = content if encoding not in ("utf-16-le", "utf-16-be") else "\ufeff" + content
    rows = rows_of(saved(tmp_path, "f.csv", marked, encoding), encoding=encoding)
    assert rows.rows() == [(2, "007", "Müller"), (3, "1E5", f'a{line_end}b, "c"'), (5, "9", "\x0cé")]
    assert rows.schema == {"_line": pl.Int64, "id": pl.String, "name": pl.String}


@pytest.mark.parametrize(
    ("encoding", "content", "line"),
    [("gb18030", "a\n中\n".encode("gb18030") + b"\xff", 3), ("iso2022_jp", b"a\n\x1b$B\xff", 2)],
)
def test_the_line_of_a_fault_is_right_whatever_the_decoder_holds_back(tmp_path, monkeypatch, encoding, content, line):
    wanted = f"f.csv, line {line}: found byte 0xff, which does not decode, expected {encoding} text, as declared"
    for block in (3, 100):
        monkeypatch.setattr(text_lines, "_BLOCK_BYTES", block)
        assert message_of(saved(tmp_path, "f.csv", content), encoding=encoding) == wanted


def test_a_leading_mark_is_not_part_of_the_first_name(tmp_path):
    assert rows_of(saved(tmp_path, "f.csv", b"\xef\xbb\xbfid,b\n1,2\n")).columns == ["_line", "id", "b"]


def test_ids_stay_as_sent_in_every_format(tmp_path):
    ids = ["007", "1E5", "1661240395903230676", " x ", "2019-04-05 00:00:00", "1.0", "NaN", "=1+1"]
    text = saved(tmp_path, "f.csv", "id,b\n" + "".join(f"{value},1\n" for value in ids))
    parquet = parquet_of(tmp_path / "f.parquet", id=ids, b=[1] * 8)
    sheet = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(sheet, {"strings_to_formulas": False}) as book:
        book.add_worksheet().write_column(0, 0, ["id", *ids])
        book.worksheets()[0].write_column(0, 1, ["b", *[1] * 8])
    for path in (text, parquet, sheet):
        assert rows_of(path)["id"].to_list() == ids
        assert rows_of(path)["b"].to_list() == ["1"] * 8


def test_columns_are_named_by_the_header_or_by_position(tmp_path):
    named = rows_of(saved(tmp_path, "f.csv", ",  d ,d,e,d\n1,2,3,4,5\n"), positions=True)
    assert named.columns == ["_line", "column_1", "d", "d__2", "e", "d__3"]
    bare = rows_of(saved(tmp_path, "g.csv", "1;2\n3;'4;5'\n"), header=False, delimiter=";", quote="'")
    assert bare.columns == ["_line", "c1", "c2"]
    assert bare.rows() == [(1, "1", "2"), (2, "3", "4;5")]
    assert rows_of(saved(tmp_path, "h.csv", 'a,b\n"1,2"\n'), quote="").rows() == [(2, '"1', '2"')]


def test_a_header_without_rows_is_a_file_without_rows(tmp_path):
    paths = [saved(tmp_path, "f.csv", "a,b"), workbook_of(tmp_path / "f.xlsx", [["a", "b"]])]
    paths.append(parquet_of(tmp_path / "f.parquet", a=pa.array([], pa.int64()), b=pa.array([], pa.date32())))
    for path in paths:
        reader = read_rows(path, FileFormat(), path.name)
        assert pl.concat(reader).schema == {"_line": pl.Int64, "a": pl.String, "b": pl.String}
        assert (reader.rows, reader.skipped, reader.columns) == (0, 0, ["a", "b"])


def test_frames_have_the_size_asked_for_and_a_reader_can_be_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "_BATCH_ROWS", 3)
    ids = [str(number) for number in range(10)]
    sent = [*ids, "Total"]
    text = saved(tmp_path, "f.csv", "a,b\n" + "".join(f"{a},x\n" for a in sent))
    sheet = workbook_of(tmp_path / "f.xlsx", [["a", "b"], *([a, "x"] for a in sent)])
    for path in (text, sheet, parquet_of(tmp_path / "f.parquet", a=sent, b=["x"] * 11)):
        reader = read_rows(path, FileFormat(total_line="Total"), path.name, chunk_rows=4)
        for _ in range(2):
            frames = list(reader)
            assert [frame.height for frame in frames] == [4, 4, 2]
            assert pl.concat(frames)["a"].to_list() == ids
            assert (reader.rows, reader.skipped) == (10, 1)


def test_total_lines_after_the_last_full_frame_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "_BATCH_ROWS", 2)
    path = saved(tmp_path, "f.csv", "a\n1\n2\nTotal\n")
    reader = read_rows(path, FileFormat(total_line="Total"), "f.csv", chunk_rows=2)
    assert sum(frame.height for frame in reader) == 2
    assert (reader.rows, reader.skipped) == (2, 1)


@pytest.fixture
def field_limit():
    """A limit of somebody else's."""
    before = csv.field_size_limit(1_000)
    yield 1_000
    csv.field_size_limit(before)


def test_a_long_field_passes_up_to_the_limit_which_stays_ours_alone(tmp_path, field_limit):
    at_limit = saved(tmp_path, "f.csv", "a,b\n" + "x" * csv_file.LONGEST_FIELD + ",2\n")
    lengths = []
    for frame in read_rows(at_limit, FileFormat(), "f.csv"):
        lengths += frame["a"].str.len_bytes().to_list()
        assert csv.field_size_limit() == field_limit
    assert lengths == [csv_file.LONGEST_FIELD]
    beyond = saved(tmp_path, "g.csv", "a,b\n1,2\n" + "x" * (csv_file.LONGEST_FIELD + 1) + ",2\n")
    expected = "g.csv, line 3: found a field of more than 16,777,216 characters, expected its end before that"
    assert message_of(beyond) == expected
    assert csv.field_size_limit() == field_limit


def test_a_line_without_end_is_stopped_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines, "_BLOCK_BYTES", 10)
    monkeypatch.setattr(text_lines, "LONGEST_LINE", 25)
    path = saved(tmp_path, "f.csv", "a\n" + "x" * 100)
    assert message_of(path) == "f.csv, line 2: found a line of more than 25 characters, expected line ends"


def test_an_unknown_extension_is_stopped_before_anything_is_read(tmp_path):
    with pytest.raises(FileStop) as stop:
        read_rows(tmp_path / "f.xls", FileFormat(), "f.xls")
    assert str(stop.value) == "f.xls: found the extension '.xls', expected one of .csv, .txt, .tsv, .parquet, .xlsx"


def test_a_missing_file_is_the_disk_s_error_not_the_file_s(tmp_path):
    for suffix in ("csv", "parquet", "xlsx"):
        with pytest.raises(FileNotFoundError):
            rows_of(tmp_path / f"none.{suffix}")


@pytest.mark.parametrize(
    "declared",
    [
        {"delimiter": ""}, {"delimiter": "||"}, {"delimiter": "\n"}, {"delimiter": '"'},
        {"encoding": "utf-99"}, {"encoding": "hex"}, {"encoding": "rot13"},
        {"decimal": ",", "thousands": ","}, {"total_line": "("},
        {"preamble": -1}, {"sheet": 0}, {"footer": 1},
    ],
)  # fmt: skip
def test_a_declaration_that_contradicts_itself_is_an_error(declared):
    with pytest.raises(ValidationError):
        FileFormat(**declared)


@pytest.mark.skipif(not SAP.is_dir(), reason="the shared SAP extract is not on this machine")
def test_the_sap_extract_is_read_in_its_original_schema():
    sample = SAP / "raw_schema_sample.csv"
    expected = "found column 'document_create_date' 2 times, expected each column name once"
    assert message_of(sample) == f"raw_schema_sample.csv, line 1: {expected}"
    rows = rows_of(sample, positions=True)
    assert rows.shape == (14, 20)
    assert rows.columns[8:10] == ["document_create_date", "document_create_date__2"]
    assert rows.row(2)[:5] == (4, "U001", "200769623", "WAL-MAR ", "2019-07-29 00:00:00")
    assert rows["due_in_date"][0] == "20190405.0"


@pytest.mark.skipif(not SAP.is_dir(), reason="the shared SAP extract is not on this machine")
def test_a_nameless_first_column_is_named_by_its_position():
    rows = rows_of(SAP / "open_items.csv")
    assert rows.columns[:2] == ["_line", "column_1"]
    assert rows.height == 9681
