"""The tables whose arithmetic is mutated, by theme, and their mutants. How a text is mutated belongs to `mutations`."""

from __future__ import annotations

import hashlib
from functools import cache

from models.contract import sql
from tests.mutants.mutations import Mutant, mutants

THEMES = {
    "ageing": (
        "ledger.open_items",
        "ledger.instalments",
        "ledger.instalment_balances",
        "ledger.instalment_steps",
        "ledger.balance_steps",
        "ledger.netted_items",
        "ledger.period_aging",
        "marts.aging_detail",
        "marts.aging",
        "marts.aging_monthly",
    ),
    "application": (
        "ledger.reinstatements",
        "ledger.applications",
        "ledger.source_claims",
        "ledger.invoice_claims",
        "ledger.claims",
        "ledger.overdrawn_claims",
        "ledger.funded_claims",
        "ledger.overpaid_claims",
        "ledger.refilled_claims",
        "ledger.settlements",
        "ledger.reopenings",
        "ledger.postings",
        "ledger.movements",
    ),
    "fx": ("ledger.daily_rates", "ledger.booked_amounts", "ledger.closing_rates"),
}


@cache
def mutants_of(table: str) -> tuple[Mutant, ...]:
    """Every mutant of a table as it is written now."""
    return tuple(mutants(table, sql(table)))


def theme_of(table: str) -> str:
    """The theme that a table belongs to."""
    return next(theme for theme, tables in THEMES.items() if table in tables)


def chosen(themes: list[str], tables: list[str], sample: int | None, seed: int) -> list[Mutant]:
    """The mutants of the tables that are asked for; of them a sample of so many, the same for the same seed."""
    asked = tables or [table for theme in themes or THEMES for table in THEMES[theme]]
    found = [mutant for table in asked for mutant in mutants_of(table)]
    if sample is None or sample >= len(found):
        return found
    kept = set(sorted(found, key=lambda mutant: _lot(mutant, seed))[:sample])
    return [mutant for mutant in found if mutant in kept]


def _lot(mutant: Mutant, seed: int) -> str:
    """What a mutant has drawn: its own, whatever other mutants there are."""
    return hashlib.sha256(f"{seed} {mutant.key}".encode()).hexdigest()
