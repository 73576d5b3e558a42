"""Entities: who sells, in which country, keeping its books in which currency.

Belongs here: the entities' master and what their countries imply. Does not belong here: customers.
"""

import polars as pl

# Functional currency to country, time zone and the rate of tax that its invoices carry.
COUNTRIES: dict[str, tuple[str, str, float]] = {
    "USD": ("US", "America/New_York", 0.0),
    "EUR": ("DE", "Europe/Berlin", 0.19),
    "JPY": ("JP", "Asia/Tokyo", 0.10),
    "CNY": ("CN", "Asia/Shanghai", 0.06),
    "GBP": ("GB", "Europe/London", 0.20),
    "CAD": ("CA", "America/Toronto", 0.05),
    "BRL": ("BR", "America/Sao_Paulo", 0.12),
    "INR": ("IN", "Asia/Kolkata", 0.18),
    "CHF": ("CH", "Europe/Zurich", 0.081),
    "MXN": ("MX", "America/Mexico_City", 0.16),
    "AUD": ("AU", "Australia/Sydney", 0.10),
    "SEK": ("SE", "Europe/Stockholm", 0.25),
}


def entity_currencies(currencies: tuple[str, ...], entities: int) -> tuple[str, ...]:
    """The functional currency of each entity: the book's currencies in turn."""
    return tuple(currencies[number % len(currencies)] for number in range(entities))


def entity_ids(functional: tuple[str, ...]) -> list[str]:
    """Ids such as `US01`, distinct where two entities share a country."""
    return [
        f"{COUNTRIES[currency][0]}{functional[: n + 1].count(currency):02d}" for n, currency in enumerate(functional)
    ]


def entities_feed(functional: tuple[str, ...]) -> pl.DataFrame:
    """The `entities` feed."""
    ids = entity_ids(functional)
    return pl.DataFrame(
        {
            "entity_id": ids,
            "name": [f"Northwind {identifier}" for identifier in ids],
            "functional_currency": list(functional),
            "country": [COUNTRIES[currency][0] for currency in functional],
            "time_zone": [COUNTRIES[currency][1] for currency in functional],
        }
    )
