"""A small made-up book: one payer that pays when due, one two weeks late, one at random."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from models.forecasts.calendar import business_days

DAYS = business_days("US", date(2022, 1, 1), date(2026, 12, 31)).with_columns(entity_id=pl.lit("one"))


def small_book() -> pl.DataFrame:
    """Three invoices a week from 2023 to 2024-10, thirty days' terms, in the columns of `features.receivable_spells`."""
    rng, rows = np.random.default_rng(7), []
    for step in range(640):
        day = date(2023, 1, 2) + timedelta(days=step)
        if day.weekday() not in (0, 2, 4):
            continue
        for payer, delay in ((1, 0), (2, 14), (3, int(rng.integers(-5, 30)))):
            due = day + timedelta(days=30)
            rows.append(
                (
                    len(rows),
                    payer,
                    "one",
                    day,
                    due,
                    due + timedelta(days=delay),
                    f"{100 + 10 * payer + step % 7}.00",
                    "cash",
                )
            )
    names = ["spell_key", "payer_key", "entity_id", "entry_date", "due_date", "settled_date", "amount", "exit_kind"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("amount").cast(pl.Decimal(18, 4)))
