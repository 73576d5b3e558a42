"""Lines of a source file that are no rows: a preamble, totals, and empty lines, where they are declared and where not."""

import polars as pl

from assets.formats import read_rows
from models.staging.file_format import FileFormat
from tests.faults.source_files import message_of, parquet_of, rows_of, saved, workbook_of


def test_preamble_and_total_lines_are_left_out_and_counted(tmp_path):
    table = [["id", "amount"], ["1", "5"], ["2", "6"], ["Subtotal", "11"], ["3", "7"]]
    table += [[], ["", " TOTAL 3 rows"]]
    lines = "Report of\n\n" + "".join(",".join(row) + "\n" for row in table) + "\n\n"
    text = saved(tmp_path, "f.TXT", lines)
    sheet = workbook_of(tmp_path / "f.xlsx", [["Report of", None, None, "page 1"], [], *table])
    for path in (text, sheet):
        reader = read_rows(path, FileFormat(preamble=2, total_line="(?i)(sub)?total"), path.name)
        assert pl.concat(reader).rows() == [(4, "1", "5"), (5, "2", "6"), (7, "3", "7")]
        assert (reader.rows, reader.skipped, reader.columns) == (3, 2, ["id", "amount"])
    parquet = parquet_of(tmp_path / "f.parquet", id=["1", None, "3"], amount=["5", "Total", "6"])
    assert rows_of(parquet, total_line="Total").rows() == [(1, "1", "5"), (3, "3", "6")]
    assert message_of(text, preamble=2) == "f.TXT, line 8: found an empty line, expected 2 fields"
    assert message_of(sheet, preamble=2) == "f.xlsx, line 8: found an empty row, expected 2 fields"


def test_a_total_line_that_fits_nothing_leaves_out_blank_lines_among_the_rows(tmp_path):
    table = [["id", "amount"], ["1", "5"], [], ["2", "6"], ["", ""], ["3", "7"], ["Total", "18"], []]
    text = saved(tmp_path, "f.csv", "".join(",".join(row) + "\n" for row in table))
    for path in (text, workbook_of(tmp_path / "f.xlsx", table)):
        assert rows_of(path, total_line="Total|$").rows() == [(2, "1", "5"), (4, "2", "6"), (6, "3", "7")]


def test_a_blank_line_of_a_single_column_is_an_empty_value(tmp_path):
    assert rows_of(saved(tmp_path, "f.csv", "a\n1\n\n\n2\n\n")).rows() == [
        (2, "1"),
        (3, ""),
        (4, ""),
        (5, "2"),
    ]
