"""The one exception of reading: a file that cannot be trusted as a whole.

Only what is wrong with a file's form belongs here. A row that breaks its contract is not a stop but a
rejected row; a disk that fails stays the `OSError` that it is.
"""

from pathlib import PurePath


class FileStop(Exception):
    """A file stops its batch; the message says where, what was found and what was expected.

    `file` is the name to show (never an absolute path), `line` the 1-based physical line, sheet row or
    Parquet row where the trouble starts (None: the file as a whole). `found` and `expected` name shapes
    and columns, never a cell's value, so the message may go to logs and alerts.
    """

    def __init__(self, file: str, line: int | None, found: str, expected: str) -> None:
        name = PurePath(file).name if PurePath(file).is_absolute() else file
        super().__init__(name, line, found, expected)
        self.file = name
        self.line = line
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line:,}"
        return f"{where}: found {self.found}, expected {self.expected}"
