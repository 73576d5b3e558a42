"""One source file, whatever its format, as rows of text.

Here belongs what is true of bytes: fields, quotes, encodings, sheets, and every reason not to trust a
file as a whole. What a value means (dates, money, nulls, contracts) belongs to `models/staging`; which
files to read, and keeping their bytes, to the raw assets.
"""

from assets.formats.file_stop import FileStop
from assets.formats.row_reader import RowReader, read_rows

__all__ = ["FileStop", "RowReader", "read_rows"]
