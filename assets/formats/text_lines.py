"""Bytes of a text file as physical lines: encodings, byte order marks, NUL bytes.

Quotes, fields and records belong to `csv_file`. Every fault is told with its exact line, after all lines
before it have been handed out, so that an earlier fault in those is found first.
"""

import codecs
import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from assets.formats.file_stop import FileStop

LONGEST_LINE = 64 * 2**20
_BLOCK_BYTES = 2**20
# The longer marks first: that of utf-32-le begins with that of utf-16-le.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_Fault = tuple[str, str]  # found, expected


def text_lines(path: Path, encoding: str, file: str) -> Iterator[str]:
    """The physical lines of `path` with their ends (\\n, \\r\\n or \\r), a leading byte order mark removed.

    Streams: at most a block and the longest line are in memory. Raises `FileStop` (called `file`) for
    another encoding's byte order mark, bytes that do not decode, a NUL and an endless line; `OSError`.
    """
    return chain.from_iterable(_blocks_of_lines(path, encoding, file))


def _blocks_of_lines(path: Path, encoding: str, file: str) -> Iterator[list[str]]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    rest, handed_out, is_start = "", 0, True
    with path.open("rb") as source:
        while True:
            data = source.read(_BLOCK_BYTES)
            if is_start:
                _refuse_other_mark(data, encoding, file)
            text, fault = _decoded(decoder, data, encoding)
            if is_start:
                text = text.removeprefix("\ufeff")  # utf-16-le and its like leave the mark in the text
            is_start = False
            nul = text.find("\0")
            if nul >= 0:
                text, fault = text[:nul], ("a NUL byte", f"{encoding} text")
            lines, rest = _split(rest + text, is_end=not data and fault is None)
            handed_out += len(lines)
            yield lines
            if fault is None and len(rest) > LONGEST_LINE:
                fault = (f"a line of more than {LONGEST_LINE:,} characters", "line ends")
            if fault is not None:
                raise FileStop(file, handed_out + (2 if rest.endswith("\r") else 1), *fault)
            if not data:
                return


def _refuse_other_mark(data: bytes, encoding: str, file: str) -> None:
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    declared = codecs.lookup(encoding).name.removesuffix("-sig")
    if marked is not None and not marked.startswith(declared):
        raise FileStop(file, 1, f"the byte order mark of {marked}", f"{encoding} text, as declared")


def _decoded(decoder: codecs.IncrementalDecoder, data: bytes, encoding: str) -> tuple[str, _Fault | None]:
    """The text of `data`, up to the first byte that does not decode."""
    state = decoder.getstate()
    try:
        return decoder.decode(data, final=not data), None
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        fault = (f"byte 0x{byte:02x}, which does not decode", f"{encoding} text, as declared")
        # What failed is a suffix of (bytes held back + data), so count from its end.
        good = max(len(data) - (len(error.object) - error.start), 0)
    except UnicodeError:
        return "", _no_mark(encoding)
    decoder.setstate(state)
    try:
        return decoder.decode(data[:good]), fault
    except UnicodeError:
        return "", _no_mark(encoding)


def _no_mark(encoding: str) -> _Fault:
    """What utf-16 and utf-32 alone raise a bare `UnicodeError` for."""
    return "no byte order mark", f"one, or {encoding}-le or {encoding}-be declared"


def _split(text: str, *, is_end: bool) -> tuple[list[str], str]:
    """Whole lines and the rest. `str.splitlines` would also split at form feeds and the like."""
    lines = io.StringIO(text, newline="").readlines()
    if is_end or not lines or text.endswith("\n"):  # after \r the next block may bring its \n
        return lines, ""
    return lines[:-1], lines[-1]
