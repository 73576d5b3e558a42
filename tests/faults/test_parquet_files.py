"""Parquet: the exact text of each type, and the files that are stopped."""

from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.source_files import message_of, parquet_of, rows_of, saved

PARQUET_TEXTS = {
    "decimals": (
        pa.array([Decimal("1.50"), Decimal("0"), None], pa.decimal128(18, 4)),
        ["1.5000", "0.0000", None],
    ),
    "small decimals": (pa.array([Decimal("1E-10")], pa.decimal128(18, 10)), ["0.0000000001"]),
    "integers": (pa.array([2**64 - 1, 0], pa.uint64()), ["18446744073709551615", "0"]),
    "doubles": (
        pa.array([1e5, 1234.56, 0.1 + 0.2, 1e21, -1e-7, float("nan"), float("inf"), None]),
        ["100000", "1234.56", "0.30000000000000004", "1" + "0" * 21, "-0.0000001", "NaN", "inf", None],
    ),
    "singles": (pa.array([0.1, 1e10], pa.float32()), ["0.1", "10000000000"]),
    "booleans": (pa.array([True, False, None]), ["true", "false", None]),
    "dates": (pa.array([date(2024, 1, 5), date(1, 1, 1), None]), ["2024-01-05", "0001-01-01", None]),
    "moments": (
        pa.array([datetime(2024, 1, 5), datetime(2024, 1, 5, 10, 30), datetime(2024, 1, 5, 0, 0, 0, 7)]),
        ["2024-01-05", "2024-01-05 10:30:00", "2024-01-05 00:00:00.000007"],
    ),
    "nanoseconds": (
        pa.array([0, 1, 1000, None], pa.timestamp("ns")),
        ["1970-01-01", "1970-01-01 00:00:00.000000001", "1970-01-01 00:00:00.000001", None],
    ),
    "zoned": (
        pa.array([0, 18_000, 18_001, None], pa.timestamp("s", "America/New_York")),
        ["1969-12-31 19:00:00-05:00", "1970-01-01", "1970-01-01 00:00:01-05:00", None],
    ),
    "times": (pa.array([time(10, 30), time(1, 2, 3, 4)]), ["10:30:00", "01:02:03.000004"]),
    "dictionary": (pa.array(["b", "a", None]).dictionary_encode(), ["b", "a", None]),
    "nothing": (pa.nulls(2), [None, None]),
    "texts": (pa.array(["", " x ", "NaN", None]), ["", " x ", "NaN", None]),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "text"), PARQUET_TEXTS.values(), ids=PARQUET_TEXTS)
def test_parquet_values_become_the_text_a_person_would_write(tmp_path, sent, text):
    rows = rows_of(parquet_of(tmp_path / "f.parquet", v=sent))
    assert rows["v"].to_list() == text
    assert rows["_line"].to_list() == list(range(1, len(text) + 1))


OF_TYPE = "found column 'v' of type"
READABLE = "text, numbers, booleans, dates or times"
BAD_TEXT = pa.array([b"ok", b"\xff\xfe"]).view(pa.string())
PARQUET_STOPS = {
    "list": ({"v": [[1]]}, f"f.parquet: {OF_TYPE} list<element: int64>, expected {READABLE}"),
    "struct": ({"v": [{"a": 1}]}, f"f.parquet: {OF_TYPE} struct<a: int64>, expected {READABLE}"),
    "binary": ({"v": [b"x"]}, f"f.parquet: {OF_TYPE} binary, expected {READABLE}"),
    "wide decimal": (
        {"v": pa.array([Decimal(1)], pa.decimal256(50, 2))},
        f"f.parquet: {OF_TYPE} decimal256(50, 2), expected {READABLE}",
    ),
    "bad text": (
        {"a": ["x", "y"], "v": BAD_TEXT},
        "f.parquet, line 1: found column 'v' with bytes that do not decode (by row 2), expected utf-8 text",
    ),
    "no columns": ({}, "f.parquet: found no columns, expected a header"),
}


@pytest.mark.parametrize(("columns", "message"), PARQUET_STOPS.values(), ids=PARQUET_STOPS)
def test_parquet_columns_that_are_no_text_stop_the_file(tmp_path, columns, message):
    assert message_of(parquet_of(tmp_path / "f.parquet", **columns)) == message


def test_parquet_columns_of_one_name_are_told_apart_by_position(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array(["x"])], names=["a", "a"]), path)
    assert message_of(path) == "f.parquet: found column 'a' 2 times, expected each column name once"
    assert rows_of(path, positions=True).columns == ["_line", "a", "a__2"]


def test_a_damaged_parquet_file_is_stopped(tmp_path):
    whole = parquet_of(tmp_path / "f.parquet", v=[f"value {n}" for n in range(1000)]).read_bytes()
    stops = {
        b"": "found an empty file, expected a Parquet file",
        b"id,amount\n": "found a file of another format, expected a Parquet file",
        whole[:-20]: "found a truncated Parquet file, expected a complete one",
        whole[:2000] + whole[2500:]: "found a corrupt Parquet file, expected a complete Parquet file",
        whole[:-4] + b"PARE": "found an encrypted Parquet file, expected one that opens without a key",
    }
    for content, message in stops.items():
        assert message_of(saved(tmp_path, "f.parquet", content)) == f"f.parquet: {message}"


def test_a_flipped_byte_is_found_where_the_writer_left_checksums(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"v": ["abcdefgh" * 100]}), path, compression="none", write_page_checksum=True)
    content = path.read_bytes().replace(b"abcdefghab", b"abcdXfghab", 1)
    message = message_of(saved(tmp_path, "f.parquet", content))
    assert message == "f.parquet: found a corrupt Parquet file, expected a complete Parquet file"
