"""Currencies of a synthetic book: shares, plausible levels, minor units, and a daily random walk.

Belongs here: what a currency is worth on a day and how its amounts round. Does not belong here: which
document is in which currency (`customers`, `invoices`).

Money is held as integers of hundredths of the unit everywhere in this package, so sums are exact; a
currency without a minor unit only takes multiples of 100.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Floats, Integers, dates

# Of invoices: the shares published of two SaaS sellers (shared/data/README.md); "others" shared evenly.
SHARES = {
    "USD": 0.76,
    "EUR": 0.15,
    "JPY": 0.03,
    "CNY": 0.02,
    "GBP": 0.01,
    "CAD": 0.01,
    "BRL": 0.01,
    "INR": 0.01,
}

# Units for one USD: the order of magnitude of recent years, which is all that a made-up book needs.
LEVELS = {
    "USD": 1.0,
    "EUR": 0.92,
    "JPY": 148.0,
    "CNY": 7.15,
    "GBP": 0.79,
    "CAD": 1.36,
    "BRL": 5.3,
    "INR": 84.0,
    "CHF": 0.88,
    "MXN": 18.5,
    "AUD": 1.52,
    "SEK": 10.5,
}
WITHOUT_CENTS = frozenset({"JPY"})
DAILY_SPREAD = 0.0045  # standard deviation of a day's logarithmic step, about 7 % a year
MEAN_REVERSION = 0.004  # keeps decades of history plausible


class Rates(NamedTuple):
    """Units of each currency for one USD by day; `per_usd[d - first_day, currency]`."""

    first_day: int
    currencies: tuple[str, ...]
    per_usd: Floats


def walk(generator: np.random.Generator, currencies: tuple[str, ...], first_day: int, last_day: int) -> Rates:
    """Daily rates of every currency from `first_day` to `last_day`: a mean-reverting logarithmic walk."""
    days = last_day - first_day + 1
    steps = generator.normal(0.0, DAILY_SPREAD, (days, len(currencies)))
    logs = np.empty_like(steps)
    level = np.zeros(len(currencies))
    for day in range(days):  # a few thousand days, not rows
        level = level * (1 - MEAN_REVERSION) + steps[day]
        logs[day] = level
    logs[:, [currency == "USD" for currency in currencies]] = 0.0
    middle = np.array([LEVELS[currency] for currency in currencies])
    return Rates(first_day, currencies, middle * np.exp(logs))


def minor_units(currencies: tuple[str, ...]) -> Integers:
    """The smallest step of each currency's amounts, in hundredths."""
    return np.array([100 if currency in WITHOUT_CENTS else 1 for currency in currencies], dtype=np.int64)


def rounded(hundredths: Floats, units: Integers) -> Integers:
    """Hundredths rounded half up to the minor unit of each amount."""
    return np.floor(hundredths / units + 0.5).astype(np.int64) * units


def converted(
    rates: Rates,
    amounts: Integers,
    source: Integers,
    target: Integers,
    days: Integers,
) -> Integers:
    """Amounts of currency index `source` in currency index `target` at the rates of `days`, rounded."""
    row = np.clip(days - rates.first_day, 0, len(rates.per_usd) - 1)
    factor = rates.per_usd[row, target] / rates.per_usd[row, source]
    moved = rounded(amounts * factor, minor_units(rates.currencies)[target])
    return np.where(source == target, amounts, moved)


def fx_rates(rates: Rates, targets: tuple[str, ...]) -> pl.DataFrame:
    """The `fx_rates` feed: every currency into each of `targets`, on weekdays: weekends carry forward."""
    day = rates.first_day + np.arange(len(rates.per_usd))
    kept = (day + 3) % 7 < 5  # 1970-01-01 was a Thursday; Monday is 0
    frames = []
    for target in targets:
        for index, currency in enumerate(rates.currencies):
            if currency == target:
                continue
            value = rates.per_usd[kept, rates.currencies.index(target)] / rates.per_usd[kept, index]
            frames.append(
                pl.DataFrame({"rate_date": dates(day[kept])}).with_columns(
                    pl.lit(currency).alias("from_currency"),
                    pl.lit(target).alias("to_currency"),
                    pl.Series("rate", np.round(value, 8)).cast(pl.Decimal(18, 10)),
                )
            )
    if not frames:
        frames.append(
            pl.DataFrame(
                schema={
                    "rate_date": pl.Date,
                    "from_currency": pl.String,
                    "to_currency": pl.String,
                    "rate": pl.Decimal(18, 10),
                }
            )
        )
    return pl.concat(frames).sort("rate_date", "from_currency", "to_currency")
