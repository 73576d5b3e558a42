"""A million made-up invoices: counts, fit, thirteen weeks with intervals: `python -m tests.forecast_bench.million [invoices]`.

Belongs here: time and memory. Does not: accuracy, which made-up invoices say nothing of.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.forecasts.calendar import business_days
from models.forecasts.origin import forecast_origin
from models.forecasts.settings import ForecastSettings
from models.forecasts.settlement import settlement_forecast
from models.forecasts.standing import known_at
from tests.forecast_bench.books import counts

AS_OF = date(2024, 12, 29)


def spells(size: int) -> pl.DataFrame:
    """Invoices of three years, fifty a payer, terms of 30 days, delays by payer."""
    rng = np.random.default_rng(1)
    payer = (rng.pareto(1.2, size) * size / 2000).astype(np.int64) % (size // 50)
    usual = rng.gamma(1.0, 6.0, size // 50)
    entry = np.datetime64(AS_OF - timedelta(days=1095)) + rng.integers(0, 1096, size)
    due = entry + 30
    settled = due + np.maximum(rng.normal(usual[payer], 4).astype(int), -25)
    frame = pl.DataFrame(
        {
            "spell_key": np.arange(size),
            "payer_key": payer,
            "entry_date": entry,
            "due_date": due,
            "settled_date": settled,
            "amount": np.round(rng.lognormal(7, 1.2, size), 2),
        }
    ).with_columns(pl.col("amount").cast(pl.Decimal(18, 4)), calendar_number=pl.lit(0), exit_kind=pl.lit("cash"))
    return known_at(frame, AS_OF)


def main(size: int) -> None:
    """Print seconds of each step and the most memory held."""
    book, days = spells(size), business_days("US", date(2020, 1, 1), date(2027, 12, 31))
    start = time.perf_counter()
    counted = counts(book, days, AS_OF)
    print(
        f"counts {time.perf_counter() - start:.1f} s, {counted['hazard_counts'].height:,} rows of hazard_counts",
        flush=True,
    )
    found = forecast_origin(book, counted, days, AS_OF, 0, ForecastSettings())
    quantiles = np.quantile(found.open_draws() + found.future_draws, (0.1, 0.5, 0.9), axis=0)
    print(
        f"and 13 weeks {time.perf_counter() - start:.1f} s; {found.items.height:,} open items in {len(found.cash):,} cells; {quantiles.shape}",
        flush=True,
    )
    items = settlement_forecast(
        found.items.select("spell_key", "amount"),
        found.items["cell"].to_numpy(),
        found.cash,
        found.served.cells["due_day"].to_numpy(),
        found.axis,
    )
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"and {items.height:,} items {time.perf_counter() - start:.1f} s; most memory {most:.1f} GiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
