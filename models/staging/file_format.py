"""How one source file is written: what `format:` may say about it in `sources.yml`.

Here belong only declarations and their own consistency. Reading bytes belongs to `assets/formats`;
turning text into dates, money and nulls belongs to the rest of `models/staging`.
"""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_LINE_BREAKS = "\r\n"


class FileFormat(BaseModel):
    """The declared format of a source file; nothing in it is ever sniffed.

    Text files use `delimiter`, `encoding`, `quote`; workbooks use `sheet`; both use `header` and
    `preamble`. A Parquet file needs none of these. `total_line` and `positions` hold for all three.
    `decimal`, `thousands`, `dates` and `nulls` are only carried here, for staging. What Parquet or a
    workbook stores as a number or a date (not as text) comes with a point, ungrouped, and ISO, whatever
    these say.

    Raises `pydantic.ValidationError` for an unknown key or a declaration that contradicts itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    quote: str = Field(default='"', max_length=1, description='"" when the file knows no quotes')
    decimal: str = Field(default=".", min_length=1, max_length=1)
    thousands: str = Field(default="", max_length=1)
    dates: str | list[str] | dict[str, str | list[str]] = Field(
        default="%Y-%m-%d", description="one format, several to try, or those of each column"
    )
    nulls: list[str] = Field(default_factory=lambda: [""])
    preamble: int = Field(default=0, ge=0, description="lines (rows of a sheet) before the header")
    total_line: str | None = Field(
        default=None,
        description="a regular expression; rows whose first non-empty field starts with it are left out, as are rows"
        " without a single value where it fits nothing at all: `Total|$`",
    )
    header: bool = Field(default=True, description="when false the columns are c1, c2, …")
    sheet: str | Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="a sheet's name or its number from 1; not needed when only one is visible"
    )
    positions: bool = Field(default=False, description="repeated names become name, name__2, name__3 by position")

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, encoding: str) -> str:
        # Python's own table also holds codecs that are no character sets (hex, rot13): these fail here.
        try:
            plain = "a".encode(encoding).decode(encoding)
        except (LookupError, UnicodeError) as error:
            raise ValueError(f"unknown encoding {encoding!r}") from error
        if plain != "a":
            raise ValueError(f"{encoding!r} is not a character encoding")
        return encoding

    @field_validator("total_line")
    @classmethod
    def _total_line_compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"total_line is not a regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _signs_differ(self) -> "FileFormat":
        signs = {self.delimiter, self.quote}
        if self.delimiter == self.quote or signs & set(_LINE_BREAKS):
            raise ValueError("delimiter, quote and line break must differ")
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands must differ")
        return self
