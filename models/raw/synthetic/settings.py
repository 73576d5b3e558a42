"""What a synthetic book is asked to be, and how it is cut into independent slices.

Belongs here: the settings, the result, the slices of customers and the random streams. Does not belong
here: anything that is drawn (each concept has its own module) or written (`assets.synthetic_files`).
"""

import zlib
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.raw.synthetic.currencies import LEVELS, SHARES

CORE_FEEDS = (
    "entities",
    "customers",
    "invoices",
    "payments",
    "credit_memos",
    "applications",
    "disputes",
    "promises",
    "fx_rates",
)


class BookSettings(BaseModel):
    """The whole of what decides a book: equal settings give equal frames.

    `invoices` counts invoices and debit memos before bad rows are added. `months` is the length of the
    history that ends on `as_of`. `events="core"` leaves out write-offs, recoveries, refunds, reversals,
    plans, schedules, targets and the general ledger; what both have in common is the same, row for row.
    `slice_invoices` is the size of the independent slices of customers that a book is made of: it is part
    of the book's identity, `chunk_invoices` of `generate_chunks` is not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    invoices: int = Field(default=20_000, ge=300, le=10_000_000)
    seed: int = Field(default=7, ge=0)
    as_of: date = date(2026, 10, 31)
    months: int = Field(default=36, ge=1, le=240)
    entities: int = Field(default=3, ge=1, le=8)
    currencies: tuple[str, ...] = tuple(SHARES)
    bad_rows: bool = False
    events: Literal["core", "all"] = "core"
    slice_invoices: int = Field(default=500_000, ge=300)

    @property
    def first_day(self) -> date:
        """The first day of the history."""
        months = self.as_of.year * 12 + self.as_of.month - self.months
        return date(months // 12, months % 12 + 1, 1)

    @field_validator("currencies")
    @classmethod
    def _known_currencies(cls, currencies: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [currency for currency in currencies if currency not in LEVELS]
        if unknown or not currencies or len(set(currencies)) < len(currencies):
            raise ValueError(f"currencies must be distinct ones of {sorted(LEVELS)}, not {currencies}")
        return currencies


class Book(NamedTuple):
    """Canonical feeds as a user would export them, and what only the generator can know of them."""

    feeds: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]


class Slice(NamedTuple):
    """Customers and their invoices that share nothing with any other slice but calendar and rates."""

    number: int
    first_invoice: int
    invoices: int
    first_customer: int
    customers: int


def slices(settings: BookSettings) -> list[Slice]:
    """The slices of a book, in order, with the offsets of their ids."""
    count = -(-settings.invoices // settings.slice_invoices)
    each, extra = divmod(settings.invoices, count)
    found: list[Slice] = []
    first_invoice = first_customer = 0
    for number in range(count):
        invoices = each + (number < extra)
        customers = customers_of(invoices)
        found.append(Slice(number, first_invoice, invoices, first_customer, customers))
        first_invoice += invoices
        first_customer += customers
    return found


def customers_of(invoices: int) -> int:
    """Customers of so many invoices: 13 of 300, 453 of 20,000, 6,985 of 500,000."""
    return max(12, round(invoices**0.85 / 10))


def stream(settings: BookSettings, number: int, concept: str) -> np.random.Generator:
    """The random stream of one concept in one slice: drawing more in one never moves another."""
    entropy = [settings.seed, number, zlib.crc32(concept.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
