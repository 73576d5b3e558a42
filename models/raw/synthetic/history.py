"""What all slices of a book share: its days, its currencies and their rates, its entities.

Belongs here: the bundle and how it follows from the settings. Does not belong here: anything of a customer.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Integers, money
from models.raw.synthetic.currencies import Rates, converted, minor_units, walk
from models.raw.synthetic.entities import entity_currencies, entity_ids
from models.raw.synthetic.run_calendars import Days, day_number, day_tables
from models.raw.synthetic.settings import BookSettings, stream


class History(NamedTuple):
    """Days `first` to `last` (the as-of) since 1970-01-01, rates, and entities by index."""

    days: Days
    rates: Rates
    first: int
    last: int
    currencies: tuple[str, ...]
    functional: tuple[str, ...]  # currency of each entity
    entity_ids: list[str]

    @property
    def homes(self) -> list[int]:
        """The index of each entity's currency."""
        return [self.currencies.index(currency) for currency in self.functional]


def history_of(settings: BookSettings) -> History:
    """The months of history that end on the as-of; rates begin two weeks earlier."""
    first, last = day_number(settings.first_day), day_number(settings.as_of)
    rates = walk(stream(settings, 0, "rates"), settings.currencies, first - 14, last)
    functional = entity_currencies(settings.currencies, settings.entities)
    days = day_tables(settings.first_day, settings.as_of)
    return History(days, rates, first, last, settings.currencies, functional, entity_ids(functional))


def booked(history: History, amount: Integers, currency: Integers, entity: Integers, day: Integers) -> pl.Series:
    """Amounts in the functional currency of each entity at the rate of the day, at least one minor unit."""
    home = np.array(history.homes)[entity]
    moved = converted(history.rates, amount, currency, home, day)
    return money(np.maximum(moved, minor_units(history.currencies)[home]))
