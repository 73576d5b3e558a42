"""What every sheet and page says of itself: of which day, from which run, known when, and whether to believe it.

The figures do not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from assets.resources.warehouse import Warehouse
from models.staging.currencies import MINOR_UNITS


@dataclass(frozen=True)
class Edition:
    """One publication as its pack tells it, from its manifest; `base` is empty where the book has no base currency."""

    manifest: Mapping[str, Any]
    base: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any], bundle: Warehouse) -> Edition:
        """The edition of a manifest, with the base currency that its tables were made in."""
        found = bundle.rows("select max(base_currency) from aging_detail where base_currency is not null")
        return cls(manifest, found[0][0] or manifest["policy"]["settings"]["base_currency"] or "")

    @property
    def as_of(self) -> date:
        """The day."""
        return date.fromisoformat(self.manifest["as_of"])

    @property
    def created(self) -> datetime:
        """The time that files say they were made at: midnight of the day, so that the same question has the same
        bytes."""
        return datetime(self.as_of.year, self.as_of.month, self.as_of.day)

    @property
    def failed(self) -> list[Mapping[str, Any]]:
        """The checks that did not pass."""
        return [check for check in self.manifest["checks"] if not check["passed"]]

    @property
    def is_good(self) -> bool:
        """Whether nothing failed that keeps a publication from appearing."""
        return not any(check["severity"] == "error" for check in self.failed)

    @property
    def status(self) -> str:
        """The status in words that nobody mistakes."""
        if not self.is_good:
            return "FAILED: NOT FOR USE"
        if self.failed:
            return f"PASSED WITH {len(self.failed)} WARNING{'S' if len(self.failed) > 1 else ''}"
        return "PASSED"

    @property
    def known_at(self) -> str:
        """What was known: everything that is loaded, or what was by a time (UTC)."""
        known = self.manifest["parameters"]["known_at"]
        return "everything that was loaded" if known == "all" else f"{known} (UTC)"

    def decimals(self, currency: str | None) -> int:
        """The decimals of a currency's minor unit; two where it is not one that ISO 4217 lists."""
        return MINOR_UNITS.get(currency or self.base, 2)
