"""A workbook's archive before anything reads its cells: is it whole, safe to load, which sheet is meant?

Here belongs what must be known of the zip file and its XML to load a sheet without being killed by it, and
the digits that calamine would round. Cells, headers and rows belong to `excel_file`.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from assets.formats.file_stop import FileStop
from models.staging.file_format import FileFormat

LARGEST_UNPACKED = 2**30
LARGEST_UNJUDGED = 100 * 2**20  # below this no ratio is suspicious
HIGHEST_RATIO = 200
MOST_COLUMNS = 2**14  # what Excel itself allows
MOST_CELLS = 2**25  # a full sheet of 32 columns; calamine takes 32 bytes for each, filled or not
_LARGEST_INDEX = 16 * 2**20
_BLOCK_BYTES = 2**20
# What zipfile and ElementTree raise for bytes that are no workbook: unknown names and encodings included.
_CORRUPT = (
    zipfile.BadZipFile, zlib.error, struct.error, ElementTree.ParseError, EOFError, NotImplementedError,
    LookupError, OverflowError, ValueError,
)  # fmt: skip
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_LETTERS = re.compile(rb"""\br=["']([A-Z]{1,7})\d""")
_ROWS = re.compile(rb"""\br=["'][A-Z]{0,7}(\d{1,12})""")
_LONG_NUMBER_HINT = re.compile(rb"v>-?\d{16}")
_LONG_NUMBER = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*)>\s*(?:<(?:\w+:)?f\b[^<>]*/>|<(?:\w+:)?f\b[^<>]*>[^<]*</(?:\w+:)?f>)?\s*"
    rb"<(?:\w+:)?v>(-?\d{16,})</"
)
_REFERENCE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")


class Sheet(NamedTuple):
    """One worksheet: its name, its member of the archive, and whether a user sees it."""

    name: str
    member: str
    is_visible: bool


class LongNumber(NamedTuple):
    """A whole number of more digits than a double keeps: sheet row from 1, column from 0, the digits."""

    row: int
    column: int
    digits: str


def inspected(path: Path, format: FileFormat, file: str) -> tuple[Sheet, list[LongNumber]]:
    """The sheet that `format` means in the workbook `path`, and its long numbers.

    Raises `FileStop` (called `file`) for a file that is no workbook, encrypted, corrupt, a zip bomb, without
    the sheet, or with cells spread so far apart that loading them would take all memory.
    """
    _refuse_other_magic(path, file)
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive, file)
            _read_through(archive)
            sheet = _chosen(_sheets(archive), format.sheet, file)
            return sheet, _scanned(archive, sheet.member, file)
    except _CORRUPT:
        raise FileStop(file, None, "a truncated or corrupt workbook", "a complete .xlsx file") from None


def _refuse_other_magic(path: Path, file: str) -> None:
    with path.open("rb") as source:
        head = source.read(len(_OLE_MAGIC))
    if not head:
        raise FileStop(file, None, "an empty file", "a workbook")
    if head == _OLE_MAGIC:
        found = "an encrypted workbook or an old .xls one"
        raise FileStop(file, None, found, "an .xlsx file without a password")


def _refuse_bomb(archive: zipfile.ZipFile, file: str) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > LARGEST_UNPACKED:
        limit = f"at most {LARGEST_UNPACKED:,}"
        raise FileStop(file, None, f"a workbook of {unpacked:,} bytes unpacked", limit)
    if unpacked > LARGEST_UNJUDGED and unpacked > HIGHEST_RATIO * packed:
        found = f"a workbook packed {unpacked // max(packed, 1):,} to 1"
        raise FileStop(file, None, found, f"at most {HIGHEST_RATIO} to 1")
    if any(member.flag_bits & 1 for member in members):
        raise FileStop(file, None, "an encrypted workbook", "one without a password")
    known = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if any(member.compress_type not in known for member in members):
        raise zipfile.BadZipFile("a compression that no workbook uses")
    if len({member.filename for member in members}) < len(members):
        raise zipfile.BadZipFile("a name twice")
    if any(member.header_offset < 0 for member in members):
        raise zipfile.BadZipFile("a member before the file's start")  # zipfile would let the disk refuse it


def _read_through(archive: zipfile.ZipFile) -> None:
    """Checks every member's CRC. zipfile reads no further than the declared size, so a directory that
    lies about it fails here, and not in calamine's memory."""
    for member in archive.infolist():
        with archive.open(member) as source:
            while source.read(_BLOCK_BYTES):
                pass


def _sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    targets: dict[str, str] = {}
    for relation in _index(archive, "xl/_rels/workbook.xml.rels").iter():
        if relation.get("Type", "").endswith("/worksheet"):
            # An absolute target starts from the archive's root, any other from the workbook's folder.
            target = posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
            targets[relation.get("Id", "")] = target
    sheets = []
    for entry in _index(archive, "xl/workbook.xml").iterfind("{*}sheets/{*}sheet"):
        member = targets.get(entry.get(_RELATION) or entry.get(_STRICT_RELATION) or "")
        if member is not None:  # chart sheets have no cells
            sheets.append(Sheet(entry.get("name", ""), member, entry.get("state", "visible") == "visible"))
    return sheets


def _index(archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
    if archive.getinfo(member).file_size > _LARGEST_INDEX:
        raise zipfile.BadZipFile(f"{member} is too large")
    return ElementTree.fromstring(archive.read(member))


def _chosen(sheets: list[Sheet], declared: str | int | None, file: str) -> Sheet:
    if declared is None:
        chosen = [sheet for sheet in sheets if sheet.is_visible]
        found, wanted = f"{len(chosen)} visible sheets", "one sheet, or `sheet` declared"
    elif isinstance(declared, int):
        chosen = sheets[declared - 1 : declared]
        found, wanted = f"{len(sheets)} sheets", f"a sheet number {declared}"
    else:
        chosen = [sheet for sheet in sheets if sheet.name == declared]
        found, wanted = f"no sheet of that name among {len(sheets)}", f"the sheet {declared!r}"
    if len(chosen) != 1:
        raise FileStop(file, None, found, wanted)
    return chosen[0]


def _scanned(archive: zipfile.ZipFile, member: str, file: str) -> list[LongNumber]:
    letters: set[bytes] = set()
    rows: set[bytes] = set()
    long_numbers: dict[tuple[int, int], LongNumber] = {}
    window = b""
    with archive.open(member) as source:
        while block := source.read(_BLOCK_BYTES):
            window += block
            letters.update(_LETTERS.findall(window))
            rows.update(_ROWS.findall(window))
            if _LONG_NUMBER_HINT.search(window):
                # By address, because a cell in the overlap of two windows is found twice.
                long_numbers |= {number[:2]: number for number in _long_numbers(window, file)}
            # The last cell may be cut in two: it is looked at again with the next block.
            window = window[max(window.rfind(b"<c "), len(window) - 2**16, 0) :]
    width = max((_column(name) + 1 for name in letters), default=0)
    height = max(map(int, rows), default=0)
    if width > MOST_COLUMNS or width * height > MOST_CELLS:
        found = f"cells spread over {height:,} rows and {width:,} columns"
        wanted = f"at most {MOST_COLUMNS:,} columns and {MOST_CELLS:,} cells, empty ones counted"
        raise FileStop(file, None, found, wanted)
    return list(long_numbers.values())


def _long_numbers(window: bytes, file: str) -> list[LongNumber]:
    numbers = []
    for cell in _LONG_NUMBER.finditer(window):
        attributes, digits = cell[1], cell[2].decode()
        if int(float(digits)) != int(digits):
            reference = _REFERENCE.search(attributes)
            if reference is None:
                found = f"a number of {len(digits):,} digits in a cell without an address"
                raise FileStop(file, None, found, "long ids as text")
            numbers.append(LongNumber(int(reference[2]), _column(reference[1]), digits))
    return numbers


def _column(letters: bytes) -> int:
    """A is 0, Z 25, AA 26."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1
